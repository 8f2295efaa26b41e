package parsers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// received is when the corpora's lines were read, as far as the tests go.
var received = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// corpus returns the lines of the files testdata/<dir>/*.log, by file name.
func corpus(tb testing.TB, dir string) map[string][][]byte {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.log"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no corpus in testdata/%s: %v", dir, err)
	}
	lines := make(map[string][][]byte, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		lines[file] = bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	}
	return lines
}

// eventString prints an event on one line: what is not set is left out.
func eventString(ev *Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", ev.Kind, ev.Program)
	if !ev.Time.IsZero() {
		fmt.Fprintf(&b, " %s", ev.Time.Format(time.RFC3339Nano))
	}
	text := func(name string, value []byte) {
		if len(value) > 0 {
			fmt.Fprintf(&b, " %s=%q", name, value)
		}
	}
	flag := func(name string, value bool) {
		if value {
			b.WriteString(" " + name)
		}
	}
	text("host", ev.Host)
	text("instance", ev.Instance)
	text("id", ev.ID)
	text("tag", ev.Tag)
	text("sender", ev.Sender)
	flag("null-sender", ev.NullSender)
	text("client", ev.ClientName)
	text("ip", ev.ClientIP)
	text("helo", ev.Helo)
	text("message-id", ev.MessageID)
	if ev.Size != 0 {
		fmt.Fprintf(&b, " size=%d", ev.Size)
	}
	flag("local", ev.Local)
	text("addr", ev.Addr)
	text("orig", ev.OrigAddr)
	text("relay", ev.Relay)
	text("relay-ip", ev.RelayIP)
	if ev.Relation != RelationNone {
		fmt.Fprintf(&b, " %s=%q", ev.Relation, ev.Related)
	}
	text("text", ev.Text)
	text("stage", ev.Stage)
	flag("temporary", ev.Temporary)
	flag("no-attempt", ev.NoAttempt)
	flag("DKIM", ev.DKIM)
	if ev.Cause != 0 {
		fmt.Fprintf(&b, " %s", ev.Cause)
	}
	text("d", ev.Domain)
	text("s", ev.Selector)
	for i := range ev.Sigs {
		s := &ev.Sigs[i]
		fmt.Fprintf(&b, " [%s", s.Result)
		if s.Cause != 0 {
			fmt.Fprintf(&b, " %s", s.Cause)
		}
		text("d", s.Domain)
		text("s", s.Selector)
		text("a", s.Algorithm)
		text("reason", s.Reason)
		b.WriteString("]")
	}
	if ev.Count != 0 {
		fmt.Fprintf(&b, " count=%d", ev.Count)
	}
	return b.String()
}

// testGolden reads each file of testdata/<dir> with a parser of its own, and
// compares the events with the golden beside it, one a line.
func testGolden(t *testing.T, dir string, parser func() Parser) {
	for file, lines := range corpus(t, dir) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			p := parser()
			var ev Event
			var got bytes.Buffer
			for i, line := range lines {
				p.Parse(line, received, &ev)
				fmt.Fprintf(&got, "%d %s\n", i+1, eventString(&ev))
			}
			golden := strings.TrimSuffix(file, ".log") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("events of %s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// testAllocs reads a corpus again and again: nothing may be allocated once the
// parser and the event have seen it.
func testAllocs(t *testing.T, dir string, p Parser) {
	var ev Event
	all := corpus(t, dir)
	if n := testing.AllocsPerRun(5, func() {
		for _, lines := range all {
			for _, line := range lines {
				p.Parse(line, received, &ev)
			}
		}
	}); n != 0 {
		t.Errorf("reading testdata/%s allocates %v times, want 0", dir, n)
	}
}

// benchmark reads a corpus, a file after the other.
func benchmark(b *testing.B, dir string, p Parser) {
	var all [][]byte
	size := 0
	for _, lines := range corpus(b, dir) {
		for _, line := range lines {
			all = append(all, line)
			size += len(line) + 1
		}
	}
	var ev Event
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range all {
			p.Parse(line, received, &ev)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/line")
}

// fuzzParser feeds lines to a parser: it must not fail, nor change its input; a
// fresh parser must find the same; and what an event shows must be part of the
// line.
func fuzzParser(f *testing.F, parser func() Parser, dirs ...string) {
	for _, dir := range dirs {
		for _, lines := range corpus(f, dir) {
			for _, line := range lines {
				f.Add(line)
			}
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		keep := bytes.Clone(line)
		var ev, again Event
		parser().Parse(line, received, &ev)
		first := eventString(&ev)
		if !bytes.Equal(line, keep) {
			t.Fatal("Parse changed its input")
		}
		parser().Parse(line, received, &again)
		if second := eventString(&again); first != second {
			t.Fatalf("Parse(%q):\nfirst  %s\nsecond %s", line, first, second)
		}
		for _, view := range eventViews(&ev) {
			if !bytes.Contains(line, view) {
				t.Fatalf("Parse(%q) shows %q, which is not in the line", line, view)
			}
		}
		if kindNames[ev.Kind] == "" || ev.Program >= programEnd || ev.Relation >= relationEnd {
			t.Fatalf("Parse(%q) = %s", line, first)
		}
	})
}

// eventViews are all the texts that an event shows.
func eventViews(ev *Event) [][]byte {
	views := [][]byte{
		ev.Host, ev.Instance, ev.ID, ev.Tag, ev.Sender, ev.ClientName, ev.ClientIP, ev.Helo, ev.MessageID,
		ev.Addr, ev.OrigAddr, ev.Relay, ev.RelayIP, ev.Related, ev.Text, ev.Stage, ev.Domain, ev.Selector,
	}
	for _, s := range ev.Sigs {
		views = append(views, s.Domain, s.Selector, s.Algorithm, s.Reason)
	}
	return views
}
