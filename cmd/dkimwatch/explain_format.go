package main

import (
	"bytes"
	"time"

	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/sources"
)

// readFormats are the formats that explain tries.
var readFormats = [...]parsers.Format{parsers.FormatExim, parsers.FormatSyslog, parsers.FormatRspamd}

// formatWords says what a format is, by its name, and how its lines begin.
var formatWords = map[string]struct{ name, begins string }{
	"exim":   {"exim: Exim's own log (mainlog, rejectlog, paniclog)", "2026-05-11 15:02:36 1wMRwC-0000JS-1Q <= …"},
	"syslog": {"syslog: what came through the system logger", "May 11 15:22:44 mx1 postfix/smtpd[1299]: 158A212F90: …"},
	"rspamd": {"rspamd: Rspamd's own log", "2026-05-11 15:22:44 #1209(rspamd_proxy) <488b51>; …"},
	"none":   {"none that dkimwatch knows", ""},
}

// notKnown says what a line must look like to be read.
func (p *prose) notKnown() {
	p.field("Needed", "A line that begins as one of these:")
	for _, f := range readFormats {
		p.line("              " + formatWords[f.String()].begins)
	}
	p.field("", "If a mail server or a DKIM verifier wrote it, look at how it logs: to a file of Exim's own, or through syslog "+
		"with the usual header of time, host and program.")
}

// programsRead is what syslog lines are read of.
const programsRead = "Exim, Postfix, OpenDKIM, OpenDMARC, Rspamd, amavis, dkimpy-milter and authentication_milter"

// mixedParser reads lines each of which may be of another format, as somebody
// pastes them.
type mixedParser struct {
	options parsers.Options
	made    map[parsers.Format]parsers.Parser
	last    parsers.Format
}

// parse fills ev from line and returns the line's format: the one that it shows,
// else that of the line before, whose record it may go on with, else the first
// one whose parser makes anything of it.
func (m *mixedParser) parse(line *sources.Line, ev *parsers.Event) parsers.Format {
	format := parsers.Recognise([][]byte{line.Text})
	if format == parsers.FormatNone {
		format = m.last
	}
	for _, f := range readFormats {
		if format != parsers.FormatNone {
			break
		}
		if goodLine(f, line.Text, line.Received) {
			format = f
		}
	}
	if format == parsers.FormatNone {
		ev.Reset()
		ev.Kind = parsers.KindMalformed
		return format
	}
	m.last = format
	if m.made == nil {
		m.made = map[parsers.Format]parsers.Parser{}
	}
	if m.made[format] == nil {
		m.made[format] = format.New(m.options)
	}
	m.made[format].Parse(line.Text, line.Received, ev)
	return format
}

// goodLine reports whether a line stands for itself in a format.
func goodLine(f parsers.Format, line []byte, received time.Time) bool {
	var ev parsers.Event
	f.New(parsers.Options{}).Parse(line, received, &ev)
	return ev.Kind != parsers.KindMalformed && !ev.Time.IsZero()
}

// unreadProgram returns the name that a line of syslog has in the program's
// place, if it is one that is not read.
func unreadProgram(format parsers.Format, ev *parsers.Event, line []byte) string {
	if format != parsers.FormatSyslog || ev.Program != parsers.ProgramUnknown || ev.Kind != parsers.KindIgnored {
		return ""
	}
	head, _, ok := bytes.Cut(line, []byte(": "))
	if !ok {
		head = bytes.TrimSuffix(line, []byte(":"))
	}
	name := head[bytes.LastIndexByte(head, ' ')+1:]
	if i := bytes.IndexByte(name, '['); i > 0 {
		name = name[:i]
	}
	if bytes.IndexByte(name, '/') > 0 {
		return "" // one of Postfix's daemons that has nothing for us
	}
	return show(name)
}
