package parsers

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestClockWall(t *testing.T) {
	type stamp struct{ in, want string }
	tests := map[string]struct {
		zone   string
		stamps []stamp // read in this order by one Clock
	}{
		"utc":    {"", []stamp{{"2017-07-30 18:51:05", "2017-07-30T18:51:05Z"}, {"2000-02-29 00:00:00", "2000-02-29T00:00:00Z"}}},
		"warsaw": {"Europe/Warsaw", []stamp{{"2017-07-30 18:51:05", "2017-07-30T16:51:05Z"}, {"2017-12-30 18:51:05", "2017-12-30T17:51:05Z"}}},
		"spring: the hour that is left out": {"Europe/Warsaw", []stamp{
			{"2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
			{"2026-03-29 02:30:00", "2026-03-29T01:30:00Z"},
			{"2026-03-29 03:00:00", "2026-03-29T01:00:00Z"},
		}},
		"autumn: the hour that comes twice": {"Europe/Warsaw", []stamp{
			{"2025-10-26 01:59:59", "2025-10-25T23:59:59Z"},
			{"2025-10-26 02:10:00", "2025-10-26T00:10:00Z"},
			{"2025-10-26 02:59:00", "2025-10-26T00:59:00Z"},
			{"2025-10-26 02:58:30", "2025-10-26T00:58:30Z"}, // processes race by seconds
			{"2025-10-26 02:00:01", "2025-10-26T01:00:01Z"},
			{"2025-10-26 02:59:58", "2025-10-26T00:59:58Z"}, // again
			{"2025-10-26 02:00:20", "2025-10-26T01:00:20Z"},
			{"2025-10-26 02:59:59", "2025-10-26T01:59:59Z"},
			{"2025-10-26 03:00:00", "2025-10-26T02:00:00Z"},
		}},
		"autumn: an older file after a newer one": {"Europe/Warsaw", []stamp{
			{"2025-11-26 02:10:00", "2025-11-26T01:10:00Z"},
			{"2025-10-26 02:10:00", "2025-10-26T00:10:00Z"},
		}},
		"autumn: half an hour": {"Australia/Lord_Howe", []stamp{
			{"2025-04-06 01:29:59", "2025-04-05T14:29:59Z"},
			{"2025-04-06 01:59:59", "2025-04-05T14:59:59Z"},
			{"2025-04-06 02:00:00", "2025-04-05T15:30:00Z"},
		}},
		"a clock set back stays back": {"America/New_York", []stamp{
			{"2025-06-01 12:00:00", "2025-06-01T16:00:00Z"},
			{"2025-06-01 09:00:00", "2025-06-01T13:00:00Z"},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var c Clock
			if tt.zone != "" {
				c.Location = location(t, tt.zone)
			}
			for _, s := range tt.stamps {
				y, mo, d, rest, ok := cutDate([]byte(s.in))
				h, mi, sec, _, ok2 := cutClock(rest[1:])
				if got := c.Wall(y, mo, d, h, mi, sec, 0).Format(time.RFC3339); !ok || !ok2 || got != s.want {
					t.Errorf("Wall(%q) = %v, want %v", s.in, got, s.want)
				}
			}
		})
	}
}

// Every half hour of three years, in zones of every habit (Apia once left out a
// day), shows as the wall clock that it was read from.
func TestClockWallEverywhere(t *testing.T) {
	for _, zone := range []string{"Europe/Warsaw", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia"} {
		c := Clock{Location: location(t, zone)}
		for at := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2013; at = at.Add(30 * time.Minute) {
			l := at.In(c.Location)
			got := c.Wall(l.Year(), int(l.Month()), l.Day(), l.Hour(), l.Minute(), l.Second(), 0)
			if g := got.In(c.Location); g.Format(time.DateTime) != l.Format(time.DateTime) {
				t.Fatalf("%s: Wall(%v) = %v", zone, l, g)
			}
		}
	}
}

func TestClockOffset(t *testing.T) {
	c := Clock{Location: location(t, "Europe/Warsaw")}
	got := c.Offset(2017, 7, 30, 18, 51, 5, 712_000_000, -(3*3600 + 1800))
	if want := time.Date(2017, 7, 30, 22, 21, 5, 712_000_000, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("Offset = %v, want %v", got, want)
	}
}

func TestClockYearless(t *testing.T) {
	tests := map[string]struct {
		month, mday, hour int
		received          string
		want              string
	}{
		"today":                      {11, 21, 20, "2025-11-21T20:00:05Z", "2025-11-21T20:00:00Z"},
		"december in january":        {12, 31, 23, "2026-01-01T00:00:05Z", "2025-12-31T23:00:00Z"},
		"a day ahead is this year":   {1, 2, 0, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
		"more is last year":          {1, 2, 1, "2026-01-01T00:00:00Z", "2025-01-02T01:00:00Z"},
		"new year before it is ours": {1, 1, 0, "2025-12-31T23:00:00Z", "2026-01-01T00:00:00Z"},
		"leap day":                   {2, 29, 7, "2026-03-01T00:00:00Z", "2024-02-29T07:00:00Z"},
		"leap day, eight years":      {2, 29, 7, "2104-01-01T00:00:00Z", "2096-02-29T07:00:00Z"},
	}
	var shared Clock
	for range 2 { // the second time round the clock remembers other years
		for name, tt := range tests {
			received, err := time.Parse(time.RFC3339, tt.received)
			if err != nil {
				t.Fatal(err)
			}
			if got := shared.Yearless(tt.month, tt.mday, tt.hour, 0, 0, received).Format(time.RFC3339); got != tt.want {
				t.Errorf("%s: Yearless = %v, want %v", name, got, tt.want)
			}
		}
	}
}

func TestCutZone(t *testing.T) {
	tests := map[string]struct {
		offset int
		rest   string
		ok     bool
	}{
		"+0200 x":  {7200, " x", true},
		"-03:30 x": {-12600, " x", true},
		"Zx":       {0, "x", true},
		"+02":      {0, "+02", false},
		"+02:0":    {0, "+02:0", false},
		"+9900":    {0, "+9900", false},
		"":         {0, "", false},
	}
	for in, tt := range tests {
		offset, rest, ok := cutZone([]byte(in))
		if offset != tt.offset || string(rest) != tt.rest || ok != tt.ok {
			t.Errorf("cutZone(%q) = %d, %q, %v, want %d, %q, %v", in, offset, rest, ok, tt.offset, tt.rest, tt.ok)
		}
	}
}

func TestClockAllocs(t *testing.T) {
	c := Clock{Location: location(t, "Europe/Warsaw")}
	received := time.Date(2025, 11, 21, 0, 0, 0, 0, time.UTC)
	minute := 0
	if n := testing.AllocsPerRun(1000, func() {
		minute++
		c.Wall(2025, 10, 26, minute/60%24, minute%60, 0, 0)
		c.Yearless(10, 26, minute/60%24, minute%60, 0, received)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzClock(f *testing.F) {
	f.Add(2025, 10, 26, 2, 30, int64(1761445800), true)
	f.Add(2024, 2, 29, 23, 59, int64(1735689600), false)
	warsaw := location(f, "Europe/Warsaw")
	f.Fuzz(func(t *testing.T, year, month, mday, hour, minute int, received int64, zoned bool) {
		if uint(year) > 9999 || month < 1 || month > 12 || mday < 1 || mday > 31 || uint(hour) > 23 || uint(minute) > 59 {
			t.Skip()
		}
		if received < 0 || received > 200_000_000_000 {
			t.Skip()
		}
		var c Clock
		if zoned {
			c.Location = warsaw
		}
		got := c.Wall(year, month, mday, hour, minute, 0, 0)
		want := time.Date(year, time.Month(month), mday, hour, minute, 0, 0, time.UTC)
		if d := got.Sub(want); d > 3*time.Hour || d < -3*time.Hour || !zoned && d != 0 {
			t.Errorf("Wall = %v, want %v", got, want)
		}
		limit := time.Unix(received, 0).Add(24 * time.Hour)
		y := c.Yearless(month, mday, hour, minute, 0, time.Unix(received, 0))
		if y.After(limit) {
			t.Errorf("Yearless = %v, after %v", y, limit)
		}
		if month != 2 && limit.Sub(y) > 367*24*time.Hour {
			t.Errorf("Yearless = %v, long before %v", y, limit)
		}
		if again := c.Yearless(month, mday, hour, minute, 0, time.Unix(received, 0)); !zoned && !again.Equal(y) {
			t.Errorf("Yearless = %v, then %v", y, again)
		}
	})
}

// What is remembered of a stamp changes nothing, also where the clocks are put
// back and a stamp has two readings.
func TestStampsReadAgain(t *testing.T) {
	warsaw := location(t, "Europe/Warsaw")
	rnd := rand.New(rand.NewPCG(1, 2))
	exim := Exim{Clock: Clock{Location: warsaw}}
	plain := Clock{Location: warsaw}
	var ev Event
	hour, minute := 1, 0
	for range 20_000 {
		if rnd.IntN(3) == 0 {
			if minute += rnd.IntN(40) - 10; minute > 59 {
				hour, minute = 1+rnd.IntN(3), rnd.IntN(60)
			}
			minute = max(0, minute)
		}
		line := fmt.Appendf(nil, "2026-10-25 %02d:%02d:07", hour, minute)
		var want time.Time
		switch rnd.IntN(8) {
		case 0:
			line = append(line, ".5 "...)
			want = plain.Wall(2026, 10, 25, hour, minute, 7, 500_000_000)
		case 1:
			line = append(line, " +0200 "...)
			want = plain.Offset(2026, 10, 25, hour, minute, 7, 0, 7200)
		default:
			line = append(line, ' ')
			want = plain.Wall(2026, 10, 25, hour, minute, 7, 0)
		}
		line = append(line, "1xUqkP-0000Jl-0v Completed"...)
		exim.Parse(line, time.Time{}, &ev)
		if !ev.Time.Equal(want) || ev.Kind != KindCompleted {
			t.Fatalf("Parse(%q) gives %v, want %v", line, ev.Time, want)
		}
	}
}
