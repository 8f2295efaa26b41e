package correlate

import (
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// FuzzTracker feeds a tracker with events in any order, each made of four bytes:
// kind, message, recipient or key, and how much later. Whatever they are, every
// message that was begun is handed over once, as itself or as an attempt of
// another, and nothing is left behind.
func FuzzTracker(f *testing.F) {
	f.Add([]byte("\x08\x01\x02\x00\x02\x01\x02\x01\x0d\x01\x02\x02\x18\x01\x00\x03"))
	f.Add([]byte("\x08\x01\x02\x00\x0d\x01\x02\x7f\x08\x02\x02\x10\x0d\x02\x02\x7f\x02\x03\x02\x01\x18\x03\x00\x03"))
	f.Fuzz(func(t *testing.T, program []byte) {
		seen := map[string]int{}
		var ledger Ledger
		tr := Tracker{All: true, Max: 16, Keys: &ledger, Done: func(m *Message) {
			seen[m.QueueID]++
			for _, r := range m.Related {
				if r.Kind == "attempt" {
					seen[r.QueueID]++
				}
			}
			if m.LastSeen.Before(m.FirstSeen) {
				t.Errorf("%s ends before it begins", m.QueueID)
			}
			m.Judge(m.LastSeen.Add(time.Hour), 0)
			ledger.Observe(m)
		}}
		at := begin
		for len(program) >= 4 {
			ev := fuzzEvent(program[:4], &at)
			tr.Add(&ev, 0)
			if tr.Open() > 16 {
				t.Fatalf("%d messages are open", tr.Open())
			}
			program = program[4:]
		}
		tr.Flush()
		if tr.Open() != 0 {
			t.Errorf("%d messages are open after the end", tr.Open())
		}
		var handed int64
		for _, n := range seen {
			handed += int64(n)
		}
		if handed != tr.Stats.Messages {
			t.Errorf("%d messages were begun, %d handed over", tr.Stats.Messages, handed)
		}
		for _, in := range ledger.Incidents(at) {
			if in.Stuck+in.Tempfailed+in.Rejected+in.Bounced+in.Delivered != in.Messages {
				t.Errorf("the parts are not the whole: %+v", in)
			}
		}
	})
}

// fuzzEvent makes an event of four bytes.
func fuzzEvent(b []byte, at *time.Time) parsers.Event {
	*at = at.Add(time.Duration(b[3]) * time.Duration(b[3]) * time.Second)
	ev := parsers.Event{
		Kind: parsers.Kind(b[0] % 27), Program: parsers.Program(1 + b[0]/128), Time: *at,
		ID: []byte{'m', 'e', 's', 's', 'a', 'g', 'e', '0' + b[1]%32}, Seq: uint64(b[1]),
		Addr: []byte{'u', '0' + b[2]%4}, Temporary: b[2]%2 == 0, DKIM: b[2]%3 == 0,
		ClientIP: []byte("192.0.2.1"), Sender: []byte{'s', '0' + b[2]%8}, NoAttempt: b[2]%5 == 0,
	}
	if ev.DKIM {
		ev.Cause = dkim.Cause(b[2] % 24)
	}
	if b[2]%7 == 0 {
		ev.MessageID = []byte{'i', 'd', '0' + b[2]%16}
	}
	switch ev.Kind {
	case parsers.KindSignature, parsers.KindArrived, parsers.KindScan:
		ev.Sigs = []parsers.Signature{{
			Domain: []byte("a.example"), Selector: []byte{'s', '0' + b[2]%3},
			Result: dkim.Result(b[2] % 8), Cause: dkim.Cause(b[2] / 8 % 24),
		}}
	}
	return ev
}
