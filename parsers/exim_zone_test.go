package parsers

import (
	"testing"
	"time"
)

// eximArrival makes an arrival line whose message began at a UTC instant, and
// which was logged at a wall time.
func eximArrival(t *testing.T, began, wall string) []byte {
	t.Helper()
	at, err := time.Parse(time.DateTime, began)
	if err != nil {
		t.Fatal(err)
	}
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var id [6]byte
	for i, sec := 5, at.Unix(); i >= 0; i-- {
		id[i] = digits[sec%62]
		sec /= 62
	}
	return []byte(wall + " " + string(id[:]) + "-0000Jl-0v <= a@b.example H=c [192.0.2.1] P=esmtp S=1")
}

func TestEximAutoZone(t *testing.T) {
	type line struct {
		began, wall string // without began no arrival
		want        string
	}
	tests := map[string][]line{
		"before the first arrival it is the clock's": {
			{"", "2025-03-05 10:00:00", "2025-03-05T09:00:00Z"},
			{"2025-03-05 04:30:00", "2025-03-05 10:00:01", "2025-03-05T04:30:01Z"},
			{"", "2025-03-05 10:00:02", "2025-03-05T04:30:02Z"},
		},
		"a slow message is corrected by the next": {
			{"2025-03-05 07:10:00", "2025-03-05 10:00:00", "2025-03-05T08:00:00Z"},
			{"2025-03-05 09:00:01", "2025-03-05 10:00:01", "2025-03-05T09:00:01Z"},
			{"2025-03-05 06:00:01", "2025-03-05 10:00:02", "2025-03-05T09:00:02Z"},
			{"2025-03-05 06:00:01", "2025-03-05 10:00:03", "2025-03-05T09:00:03Z"},
		},
		"winter": {
			{"2025-10-26 00:30:00", "2025-10-26 02:30:00", "2025-10-26T00:30:00Z"},
			{"2025-10-26 01:10:00", "2025-10-26 02:10:00", "2025-10-26T01:10:00Z"},
			{"", "2025-10-26 02:20:00", "2025-10-26T01:20:00Z"},
		},
		"summer": {
			{"2025-03-30 00:50:00", "2025-03-30 01:50:00", "2025-03-30T00:50:00Z"},
			{"2025-03-30 01:10:00", "2025-03-30 03:10:01", "2025-03-30T02:10:01Z"},
			{"2025-03-30 01:15:00", "2025-03-30 03:15:00", "2025-03-30T01:15:00Z"},
			{"", "2025-03-30 03:20:00", "2025-03-30T01:20:00Z"},
		},
		"ids that stay behind, and no hour missing": {
			{"2025-03-05 09:00:00", "2025-03-05 10:00:00", "2025-03-05T09:00:00Z"},
			{"", "2025-03-05 10:30:00", "2025-03-05T09:30:00Z"},
			{"2025-03-05 09:00:05", "2025-03-05 11:00:00", "2025-03-05T10:00:00Z"},
			{"2025-03-05 09:00:06", "2025-03-05 11:00:01", "2025-03-05T10:00:01Z"},
		},
		"not an id of ours": {
			{"1999-03-02 09:44:33", "2025-03-05 10:00:00", "2025-03-05T09:00:00Z"},
		},
	}
	for name, lines := range tests {
		t.Run(name, func(t *testing.T) {
			p := Exim{AutoZone: true, Clock: Clock{Location: time.FixedZone("", 3600)}}
			var ev Event
			for _, l := range lines {
				text := []byte(l.wall + " Start queue run: pid=1")
				if l.began != "" {
					text = eximArrival(t, l.began, l.wall)
				}
				p.Parse(text, received, &ev)
				if got := ev.Time.Format(time.RFC3339); got != l.want {
					t.Errorf("Parse(%q) is at %s, want %s", text, got, l.want)
				}
			}
		})
	}
}

// A stamp with a zone needs no help, and gives none.
func TestEximAutoZoneWithZones(t *testing.T) {
	p := Exim{AutoZone: true}
	var ev Event
	p.Parse(eximArrival(t, "2025-03-05 09:00:00", "2025-03-05 12:00:00 +0300"), received, &ev)
	if _, known := p.ZoneOffset(); known || ev.Time.Hour() != 9 {
		t.Errorf("ZoneOffset is known: %v, time is %v", known, ev.Time)
	}
}
