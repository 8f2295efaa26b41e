package correlate

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/internal/loggen"
	"github.com/dkimwatch/dkimwatch/parsers"
)

func BenchmarkTrackerExim(b *testing.B)    { benchmarkTracker(b, loggen.Exim, new(parsers.Exim)) }
func BenchmarkTrackerPostfix(b *testing.B) { benchmarkTracker(b, loggen.Postfix, new(parsers.Syslog)) }

// benchmarkTracker measures the tracker and the ledger on the events of a busy
// server's log. MB/s are those of the log that the events are of.
func benchmarkTracker(b *testing.B, mta loggen.MTA, parser parsers.Parser) {
	var log bytes.Buffer
	if _, err := loggen.Generate(&log, loggen.Options{MTA: mta, Size: 4 << 20, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	received := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	var events []parsers.Event
	for line := range bytes.Lines(log.Bytes()) {
		var ev parsers.Event
		parser.Parse(bytes.TrimSuffix(line, []byte("\n")), received, &ev)
		ev.Sigs = slices.Clone(ev.Sigs)
		if ev.Kind != parsers.KindIgnored {
			events = append(events, ev)
		}
	}
	b.SetBytes(int64(log.Len()))
	b.ReportAllocs()
	for b.Loop() {
		tr := Tracker{Keys: new(Ledger), Done: func(*Message) {}}
		for i := range events {
			tr.Add(&events[i], 0)
		}
		tr.Flush()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}
