package parsers

import (
	"bytes"
	"testing"
	"time"
)

func TestRecogniseCorpora(t *testing.T) {
	tests := map[string]Format{"postfix": FormatSyslog, "opendkim": FormatSyslog, "syslog": FormatSyslog, "rspamd": FormatRspamd}
	for dir, want := range tests {
		for file, lines := range corpus(t, dir) {
			if got := Recognise(lines); got != want {
				t.Errorf("Recognise(%s) = %s, want %s", file, got, want)
			}
		}
	}
}

func TestRecognise(t *testing.T) {
	tests := map[string]struct {
		text string
		want Format
	}{
		"empty":      {"", FormatNone},
		"blank":      {"\n\n   \n", FormatNone},
		"binary":     {"\x7fELF\x02\x01\x01\x00\x00\nNov 21 19:56:23 mx1 postfix/qmgr[1]: EB392178D4: removed", FormatNone},
		"JSON":       {`{"__REALTIME_TIMESTAMP":"1795290983113612","_HOSTNAME":"mx1","MESSAGE":"EB392178D4: removed"}`, FormatNone},
		"Apache":     {`192.0.2.9 - - [21/Nov/2026:19:56:23 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8.0"`, FormatNone},
		"Apache err": {"[Sat Nov 21 19:56:23.113612 2026] [core:notice] [pid 1:tid 1] AH00094: Command line: '/usr/sbin/apache2'", FormatNone},
		"nginx":      {"2026/11/21 19:56:23 [error] 1307#1307: *1 open() failed", FormatNone},
		"dpkg":       {"2026-11-21 19:56:23 status installed libc6:amd64 2.36-9\n2026-11-21 19:56:24 startup packages configure", FormatNone},
		"a service":  {"2026-11-21T19:56:23.113Z INFO main: listening on :8080", FormatNone},
		"mailq": {"-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n" +
			"EB392178D4     1874 Sat Nov 21 19:56:23  anna.nowak@bistro-nova.example\n                                         u018@receiver.test", FormatNone},
		"exim -bp":      {"25m  2.9K 1xUqm0-0000JU-1l <anna.nowak@ember-coal.example>\n          u014@receiver.test\n", FormatNone},
		"configuration": {"# main.cf\nsmtpd_milters = inet:127.0.0.1:8891\nmilter_default_action = tempfail", FormatNone},
		"HTML":          {"<!DOCTYPE html>\n<html><body>Nov 21 19:56:23 mx1 postfix/qmgr[1]: EB392178D4: removed</body></html>", FormatNone},
		"prose":         {"Nov 21 we had mail trouble.\nNobody knows why: not even Anna.", FormatNone},
		"mainlog":       {"2026-11-21 19:29:20 1xUqm0-0000JU-1l Completed", FormatExim},
		"mainlog, pid and zone": {
			"2026-11-21 19:29:20.712 +0000 [1213] 1xUqlZ-000000000Ja-3E2F Completed", FormatExim,
		},
		"mainlog, idle": {"2026-11-21 19:29:19 Start queue run: pid=1206\n2026-11-21 19:29:20 End queue run: pid=1206", FormatExim},
		"rejectlog": {"2026-11-21 19:29:20 1xUqm0-0000JU-1l H=mail.example.com [192.0.2.9] rejected DKIM : no key\n" +
			"Envelope-from: <a@example.com>\nEnvelope-to: <b@example.net>\nP Received: from mail.example.com\n\tby mx1\nI Message-ID: <x@example.com>\n", FormatExim},
		"through syslog":   {"Nov 21 19:29:20 mx1 exim[1213]: 2026-11-21 19:29:20 [1213] 1xUqm0-0000JU-1l Completed", FormatSyslog},
		"others' lines":    {"Nov 21 19:29:20 mx1 dovecot: imap-login: Login\nNov 21 19:29:20 mx1 CRON[12]: (root) CMD (true)", FormatSyslog},
		"containers":       {"2023-11-03T14:10:26.995402+00:00 INFO postfix/qmgr[424]: EB392178D4: removed", FormatSyslog},
		"over the wire":    {"<22>1 2026-11-21T19:56:22.970229Z mx1 postfix/smtpd 1307 - - connect from unknown[192.0.2.9]", FormatSyslog},
		"a start message":  {"-- Logs begin at Sat 2026-11-21 19:29:20 UTC. --\nNov 21 19:29:20 mx1 postfix/qmgr[1]: EB392178D4: removed", FormatSyslog},
		"rspamd":           {"2026-11-21 19:55:22 #1208(main) lua; lua_cfg_transform.lua:161: group excessqp has no symbols", FormatRspamd},
		"more than enough": {string(bytes.Repeat([]byte("x = y\n"), 300)) + "Nov 21 19:29:20 mx1 postfix/qmgr[1]: EB392178D4: removed", FormatNone},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Recognise(bytes.Split([]byte(test.text), []byte("\n"))); got != test.want {
				t.Errorf("Recognise(%q) = %s, want %s", test.text, got, test.want)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	for f := FormatNone; f < formatEnd; f++ {
		p := f.New(Options{Location: time.UTC})
		if (p == nil) != (f == FormatNone) {
			t.Errorf("%s.New() = %v", f, p)
		}
	}
	if got := formatEnd.String(); got != "?" {
		t.Errorf("formatEnd.String() = %q", got)
	}
	if formatEnd.New(Options{}) != nil {
		t.Error("formatEnd has a parser")
	}
}

func FuzzRecognise(f *testing.F) {
	for _, dir := range []string{"postfix", "rspamd", "syslog"} {
		for _, lines := range corpus(f, dir) {
			f.Add(bytes.Join(lines[:min(len(lines), 5)], []byte("\n")))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		keep := bytes.Clone(text)
		lines := bytes.Split(text, []byte("\n"))
		first, second := Recognise(lines), Recognise(lines)
		if first != second || first >= formatEnd {
			t.Fatalf("Recognise(%q) = %s, then %s", text, first, second)
		}
		if !bytes.Equal(text, keep) {
			t.Fatal("Recognise changed its input")
		}
	})
}
