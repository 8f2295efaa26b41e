package parsers

import "testing"

func newRspamd() Parser { return new(Rspamd) }

func TestRspamdGolden(t *testing.T) { testGolden(t, "rspamd", newRspamd) }

func TestRspamdAllocates(t *testing.T) { testAllocs(t, "rspamd", new(Rspamd)) }

func BenchmarkRspamd(b *testing.B) { benchmark(b, "rspamd", new(Rspamd)) }

func FuzzRspamdParse(f *testing.F) { fuzzParser(f, newRspamd, "rspamd") }

func TestRspamdMalformed(t *testing.T) {
	for _, line := range []string{
		"2026-11-21 19:58:05",
		"2026-11-21 19:58:05 1xUqm0-0000JU-1l Completed",
		"2026-11-21T19:58:05 #1209(rspamd_proxy) <94ab04>; proxy; f: x",
		"2026-11-21 19:58:05 #(rspamd_proxy) <94ab04>; proxy; f: x",
		"2026-11-21 19:58:05 #1209() <94ab04>; proxy; f: x",
		"stack traceback:",
	} {
		var ev Event
		new(Rspamd).Parse([]byte(line), received, &ev)
		if ev.Kind != KindMalformed {
			t.Errorf("Parse(%q) = %s, want malformed", line, eventString(&ev))
		}
	}
}
