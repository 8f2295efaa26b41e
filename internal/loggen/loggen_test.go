package loggen

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/parsers"
)

var servers = map[string]struct {
	mta    MTA
	format parsers.Format
}{
	"exim":    {Exim, parsers.FormatExim},
	"eximold": {EximOld, parsers.FormatExim},
	"postfix": {Postfix, parsers.FormatSyslog},
}

func generate(t *testing.T, o Options) ([]byte, Contents) {
	t.Helper()
	var log bytes.Buffer
	c, err := Generate(&log, o)
	if err != nil {
		t.Fatal(err)
	}
	return log.Bytes(), c
}

func TestGenerateIsDeterministic(t *testing.T) {
	for name, s := range servers {
		t.Run(name, func(t *testing.T) {
			o := Options{MTA: s.mta, Size: 300_000, Seed: 7, InFlight: 50}
			a, ca := generate(t, o)
			b, cb := generate(t, o)
			if sha256.Sum256(a) != sha256.Sum256(b) || ca != cb {
				t.Error("the same seed gave two logs")
			}
			o.Seed++
			if c, _ := generate(t, o); bytes.Equal(a, c) {
				t.Error("two seeds gave one log")
			}
		})
	}
}

func TestGenerateSize(t *testing.T) {
	for name, s := range servers {
		const size = 200_000
		log, c := generate(t, Options{MTA: s.mta, Size: size, InFlight: 50})
		if int64(len(log)) != c.Bytes || c.Bytes < size || c.Bytes > size+2000 {
			t.Errorf("%s: %d bytes, said to be %d, want %d", name, len(log), c.Bytes, size)
		}
		if n := int64(bytes.Count(log, []byte("\n"))); n != c.Lines {
			t.Errorf("%s: %d lines, said to be %d", name, n, c.Lines)
		}
	}
}

// Our parsers must find in the log what the generator says is there.
func TestGenerateParses(t *testing.T) {
	for name, s := range servers {
		t.Run(name, func(t *testing.T) {
			start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
			log, want := generate(t, Options{MTA: s.mta, Size: 3_000_000, InFlight: 200, Start: start})
			p := s.format.New(parsers.Options{Location: time.UTC})
			trouble, begun := map[string]bool{}, map[string]bool{}
			var completed, refused int64
			var ev parsers.Event
			last := start
			for line := range bytes.Lines(log) {
				line = bytes.TrimSuffix(line, []byte("\n"))
				p.Parse(line, start.AddDate(0, 0, 2), &ev)
				if ev.Kind == parsers.KindMalformed {
					t.Fatalf("malformed: %s", line)
				}
				if ev.Time.Before(last.Truncate(time.Second)) {
					t.Fatalf("%v after %v: %s", ev.Time, last, line)
				}
				last = ev.Time
				for _, sig := range ev.Sigs {
					if sig.Cause.Key() {
						trouble[string(ev.ID)] = true
					}
				}
				if len(ev.ID) > 0 {
					begun[string(ev.ID)] = true
				}
				switch {
				case ev.Kind == parsers.KindCompleted:
					completed++
				case ev.Kind == parsers.KindRefused && len(ev.ID) > 0:
					refused++
				}
			}
			if completed != want.Completed || refused != want.Refused || int64(len(trouble)) != want.Trouble {
				t.Errorf("%d completed, %d refused, %d with trouble; want %+v", completed, refused, len(trouble), want)
			}
			// A Postfix session has lines before its message has an id.
			if n := int64(len(begun)); n > want.Messages || n < want.Messages-50 {
				t.Errorf("%d messages, want %d", n, want.Messages)
			}
			if share := float64(want.Trouble) / float64(want.Messages); share < 0.01 || share > 0.04 {
				t.Errorf("%.3f of the messages have key trouble, want about 0.02", share)
			}
			if want.Open < 100 || want.Open > 1000 {
				t.Errorf("%d messages are open at the end, want about 200", want.Open)
			}
		})
	}
}

func TestGenerateReportsTheWriter(t *testing.T) {
	full := errors.New("disk full")
	if _, err := Generate(failing{full}, Options{Size: 3 << 20, InFlight: 50}); !errors.Is(err, full) {
		t.Errorf("Generate to a full disk = %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func BenchmarkGenerate(b *testing.B) {
	const size = 10_000_000
	b.SetBytes(size)
	for b.Loop() {
		if _, err := Generate(io.Discard, Options{Size: size}); err != nil {
			b.Fatal(err)
		}
	}
}
