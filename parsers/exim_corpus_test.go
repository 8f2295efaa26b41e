package parsers

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// testdata/exim has genuine lines of the Exims that the names tell, and two files
// by hand: documented.log of shapes that only the documentation or the source
// has, hostile.log of what strangers may try.

func TestEximGolden(t *testing.T) {
	testGolden(t, "exim", func() Parser { return new(Exim) })
}

func TestEximAllocates(t *testing.T) {
	testAllocs(t, "exim", &Exim{Clock: Clock{Location: location(t, "Europe/Warsaw")}})
}

func TestEximTextAllocates(t *testing.T) {
	var p Exim
	var ev Event
	lines := [][]byte{
		[]byte(`[1\4] 1xUqlZ-000000000Ja-3E2F H=a [192.0.2.1] rejected DKIM : no key`),
		[]byte(`[2/4] Envelope-from: <a@`),
		[]byte(`[3\4] sender.example>`),
		[]byte(`[4/4] I Message-ID: <m@sender.example>`),
	}
	pid := []byte("4711")
	read := func() {
		for _, line := range lines {
			ev.Reset()
			p.ParseText(line, time.Time{}, pid, &ev)
		}
	}
	if n := testing.AllocsPerRun(10, read); n != 0 {
		t.Errorf("pieces of syslog allocate %v times, want 0", n)
	}
}

func BenchmarkExim(b *testing.B) { benchmark(b, "exim", new(Exim)) }

// BenchmarkEximFile shows what each sort of log costs.
func BenchmarkEximFile(b *testing.B) {
	for file, lines := range corpus(b, "exim") {
		b.Run(strings.TrimSuffix(filepath.Base(file), ".log"), func(b *testing.B) {
			p := Exim{}
			var ev Event
			size := 0
			for _, line := range lines {
				size += len(line) + 1
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, line := range lines {
					p.Parse(line, received, &ev)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(lines)), "ns/line")
		})
	}
}

func FuzzEximParse(f *testing.F) {
	for _, lines := range corpus(f, "exim") {
		for _, line := range lines {
			f.Add(line)
		}
	}
	f.Add([]byte("[1/2] 2026-11-21 19:29:20 1xUqm0-0000JU-1l DKIM: d=a\n[2/2] s=b"))
	f.Add([]byte("2025-03-05 11:00:07 1tpiG0-000000016R1-1abc H=a [192.0.2.1] rejected DKIM \nI Message-ID: <a@b>\n  DKIM-Signature: d=a;\n\ts=b"))
	f.Fuzz(func(t *testing.T, text []byte) { // lines, as some go on with others
		keep := bytes.Clone(text)
		p, fresh := &Exim{}, &Exim{}
		var ev, again Event
		for line := range bytes.SplitSeq(text, []byte("\n")) {
			p.Parse(line, received, &ev)
			fresh.Parse(line, received, &again)
			if first, second := eventString(&ev), eventString(&again); first != second {
				t.Fatalf("Parse(%q):\nfirst  %s\nsecond %s", line, first, second)
			}
			checkEximViews(t, p, line, &ev)
			ev.Reset()
			p.ParseText(line, received, []byte("42"), &ev)
			checkEximViews(t, p, line, &ev)
		}
		if !bytes.Equal(text, keep) {
			t.Fatal("Parse changed its input")
		}
	})
}

// checkEximViews checks that all an event shows is a part of the line, or of the
// parser's buffers.
func checkEximViews(t *testing.T, p *Exim, line []byte, ev *Event) {
	t.Helper()
	homes := [][]byte{line}
	records := []*eximRecord{&p.record}
	for i := range p.joins {
		homes = append(homes, p.joins[i].line[:eximLineCap])
		records = append(records, &p.joins[i].record)
	}
	for _, r := range records {
		homes = append(homes, r.id.b[:], r.sender.b[:], r.domain.b[:], r.selector.b[:])
	}
	for _, view := range eventViews(ev) {
		if !slices.ContainsFunc(homes, func(home []byte) bool { return within(view, home) }) {
			t.Fatalf("Parse(%q) shows %q, which is not in the line: %s", line, view, eventString(ev))
		}
	}
}
