package parsers

import (
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zone files
)

func newSyslog() Parser { return new(Syslog) }

func TestSyslogGolden(t *testing.T) {
	for _, dir := range []string{"syslog", "postfix", "opendkim"} {
		t.Run(dir, func(t *testing.T) { testGolden(t, dir, newSyslog) })
	}
}

func TestSyslogAllocates(t *testing.T) {
	for _, dir := range []string{"syslog", "postfix", "opendkim"} {
		testAllocs(t, dir, new(Syslog))
	}
}

func BenchmarkSyslogPostfix(b *testing.B)  { benchmark(b, "postfix", new(Syslog)) }
func BenchmarkSyslogOpenDKIM(b *testing.B) { benchmark(b, "opendkim", new(Syslog)) }

func FuzzSyslogParse(f *testing.F) { fuzzParser(f, newSyslog, "syslog", "postfix", "opendkim") }

// The same record in every envelope that is understood.
func TestSyslogEnvelopes(t *testing.T) {
	const text = "EB392178D4: removed"
	at := time.Date(2026, 11, 21, 19, 56, 23, 0, time.UTC)
	tests := map[string]struct {
		line string
		time time.Time
		host string
	}{
		"RFC 3164":             {"Nov 21 19:56:23 mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"day blank-padded":     {"Nov  1 19:56:23 mx1 postfix/qmgr[1304]: ", at.AddDate(0, 0, -20), "mx1"},
		"postlogd":             {"Nov 01 19:56:23 mx1 postfix/qmgr[1304]: ", at.AddDate(0, 0, -20), "mx1"},
		"day not padded":       {"Nov 1 19:56:23 mx1 postfix/qmgr[1304]: ", at.AddDate(0, 0, -20), "mx1"},
		"last year":            {"Dec 21 19:56:23 mx1 postfix/qmgr[1304]: ", at.AddDate(-1, 1, 0), "mx1"},
		"short-precise":        {"Nov 21 19:56:23.296462 mx1 postfix/qmgr[1304]: ", at.Add(296462 * time.Microsecond), "mx1"},
		"German":               {"Mär 21 19:56:23 mx1 postfix/qmgr[1304]: ", at.AddDate(0, -8, 0), "mx1"},
		"Polish":               {"lis 21 19:56:23 mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"Polish, October":      {"paź 21 19:56:23 mx1 postfix/qmgr[1304]: ", at.AddDate(0, -1, 0), "mx1"},
		"French":               {"août 21 19:56:23 mx1 postfix/qmgr[1304]: ", at.AddDate(0, -3, 0), "mx1"},
		"French, November":     {"nov. 21 19:56:23 mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"RFC 3339":             {"2026-11-21T19:56:23.296462+00:00 mx1 postfix/qmgr[1304]: ", at.Add(296462 * time.Microsecond), "mx1"},
		"RFC 3339, east":       {"2026-11-21T20:56:23+01:00 mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"RFC 3339, Z":          {"2026-11-21T19:56:23Z mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"short-iso":            {"2026-11-21T14:56:23-0500 mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"short-iso-precise":    {"2026-11-21T19:56:23.296462+0000 mx1 postfix/qmgr[1304]: ", at.Add(296462 * time.Microsecond), "mx1"},
		"short-full":           {"Sat 2026-11-21 19:56:23 UTC mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"short-full, local":    {"Sa 2026-11-21 19:56:23 CET mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"short-unix":           {"1795290983.000000 mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"level for a host":     {"2026-11-21T19:56:23.000000+00:00 INFO postfix/qmgr[1304]: ", at, ""},
		"no host":              {"Nov 21 19:56:23 postfix/qmgr[1304]: ", at, ""},
		"priority":             {"<22>Nov 21 19:56:23 mx1 postfix/qmgr[1304]: ", at, "mx1"},
		"RFC 5424":             {"<22>1 2026-11-21T19:56:23Z mx1 postfix/qmgr 1304 - - ", at, "mx1"},
		"RFC 5424, structured": {`<22>1 2026-11-21T19:56:23Z mx1 postfix/qmgr 1304 - [meta sequenceId="7" x="a\"]b"][y] ` + "\xef\xbb\xbf", at, "mx1"},
		"RFC 5424, no time":    {"<22>1 - mx1 postfix/qmgr 1304 - - ", time.Time{}, "mx1"},
		"no process id":        {"Nov 21 19:56:23 mx1 postfix/qmgr: ", at, "mx1"},
		"service of master.cf": {"Nov 21 19:56:23 mx1 postfix/relay/qmgr[1304]: ", at, "mx1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var ev Event
			line := []byte(test.line + text)
			new(Syslog).Parse(line, received, &ev)
			if ev.Kind != KindCompleted || string(ev.ID) != "EB392178D4" || ev.Instance != nil {
				t.Errorf("Parse(%q) = %s", line, eventString(&ev))
			}
			if !ev.Time.Equal(test.time) || string(ev.Host) != test.host {
				t.Errorf("Parse(%q): at %v on %q, want %v on %q", line, ev.Time, ev.Host, test.time, test.host)
			}
		})
	}
}

func TestSyslogMalformed(t *testing.T) {
	for _, line := range []string{
		"EB392178D4: removed",
		"Nov 21 19:56:23",
		"Nov 21 19:56:23 ",
		"Nov 41 19:56:23 mx1 postfix/qmgr[1304]: EB392178D4: removed",
		"Nov 21 25:56:23 mx1 postfix/qmgr[1304]: EB392178D4: removed",
		"Foo 21 19:56:23 mx1 postfix/qmgr[1304]: EB392178D4: removed",
		"2026-13-21T19:56:23Z mx1 postfix/qmgr[1304]: EB392178D4: removed",
		"2026-11-21 19:56:23 mx1 postfix/qmgr[1304]: EB392178D4: removed",
		"<22>1 2026-11-21T19:56:23Z mx1 postfix/qmgr",
		"<22>1 2026-11-21T19:56:23Z mx1 postfix/qmgr 1304 - [meta x=\"",
		"<99999>Nov 21 19:56:23 mx1 postfix/qmgr[1304]: EB392178D4: removed",
		" Suggested action: use the option",
	} {
		var ev Event
		new(Syslog).Parse([]byte(line), received, &ev)
		if ev.Kind != KindMalformed {
			t.Errorf("Parse(%q) = %s, want malformed", line, eventString(&ev))
		}
	}
}

// A text cannot make itself another program's.
func TestSyslogProgramDecides(t *testing.T) {
	tests := map[string]struct {
		line string
		want Kind
	}{
		"dkimpy's words from cron":     {"Nov 21 19:56:23 mx1 CRON[1]: DKIM: Fail (b'example.com')", KindIgnored},
		"dkimpy's words from dkimpy":   {"Nov 21 19:56:23 mx1 dkimpy-milter[1]: DKIM: Fail (b'example.com')", KindSignature},
		"Postfix's words from sshd":    {"Nov 21 19:56:23 mx1 sshd[1]: EB392178D4: removed", KindIgnored},
		"Postfix's words from no one":  {"Nov 21 19:56:23 mx1 EB392178D4: removed", KindIgnored},
		"a daemon that is not Postfix": {"Nov 21 19:56:23 mx1 postfix/other[1]: EB392178D4: removed", KindIgnored},
		"a delivery from smtpd":        {"Nov 21 19:56:23 mx1 postfix/smtpd[1]: EB392178D4: to=<a@example.com>, relay=none, delay=1, status=sent (x)", KindIgnored},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var ev Event
			new(Syslog).Parse([]byte(test.line), received, &ev)
			if ev.Kind != test.want {
				t.Errorf("Parse(%q) = %s, want %s", test.line, eventString(&ev), test.want)
			}
		})
	}
}

// Exim's own stamp is in the same zone as the logger's, unless that one has a
// zone of its own.
func TestSyslogEximStamp(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 11, 21, 19, 29, 20, 0, time.UTC)
	for _, head := range []string{
		"Nov 21 20:29:20 mx1 exim[1213]: 2026-11-21 20:29:20 [1213] ",
		"2026-11-21T20:29:20+01:00 mx1 exim[1213]: 2026-11-21 20:29:20 [1213] ",
		"2026-11-21T19:29:20Z mx1 exim4[1213]: 2026-11-21 20:29:20 [1213] ",
		"Nov 21 20:29:20 mx1 exim[1213]: ",
	} {
		p := Syslog{Clock: Clock{Location: berlin}}
		var ev Event
		line := head + "1xUqm0-0000JU-1l Completed"
		p.Parse([]byte(line), received, &ev)
		if ev.Kind != KindCompleted || string(ev.ID) != "1xUqm0-0000JU-1l" || string(ev.Host) != "mx1" {
			t.Errorf("Parse(%q) = %s", line, eventString(&ev))
		}
		if !ev.Time.Equal(want) {
			t.Errorf("Parse(%q): at %v, want %v", line, ev.Time, want)
		}
	}
}
