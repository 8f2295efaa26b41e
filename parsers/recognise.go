package parsers

import (
	"bytes"
	"time"
)

// Format is a kind of log that can be read.
type Format uint8

// The formats. FormatNone is a file that is no mail log.
const (
	FormatNone   Format = iota
	FormatExim          // Exim's own files: mainlog, rejectlog, paniclog
	FormatSyslog        // what came through syslog, postlogd or the journal
	FormatRspamd        // Rspamd's own file

	formatEnd
)

// formats is the one table of what exists. A log has a format if at least one of
// so many lines is good.
var formats = [formatEnd]struct {
	name string
	new  func(Options) Parser
	good func(line []byte) (good, sure bool) // sure: no other program writes so
	per  int
}{
	FormatNone: {name: "none"},
	FormatExim: {
		name: "exim",
		new: func(o Options) Parser {
			return &Exim{Clock: Clock{Location: o.Location}}
		},
		good: goodExim,
		per:  40, // a rejectlog has the headers under each line
	},
	FormatSyslog: {
		name: "syslog",
		new: func(o Options) Parser {
			return &Syslog{Clock: Clock{Location: o.Location}}
		},
		good: goodSyslog,
		per:  2,
	},
	FormatRspamd: {
		name: "rspamd",
		new:  func(o Options) Parser { return &Rspamd{Clock: Clock{Location: o.Location}} },
		good: goodRspamd,
		per:  4,
	},
}

// String returns the format's name: "exim", "syslog", "rspamd" or "none".
func (f Format) String() string {
	if f >= formatEnd {
		return "?"
	}
	return formats[f].name
}

// Options is what a parser cannot learn from lines.
type Options struct {
	Location *time.Location // of stamps without a zone; nil is UTC
}

// New returns a parser for the format, nil for FormatNone.
func (f Format) New(o Options) Parser {
	if f == FormatNone || f >= formatEnd {
		return nil
	}
	return formats[f].new(o)
}

// maxRecognise is how many lines Recognise looks at.
const maxRecognise = 200

// Recognise says, by their content, what format the first lines of a file have:
// up to 200 of them. Other files, of programs or for people, are FormatNone, and
// so is a mail log in whose first lines no mail server shows itself.
func Recognise(lines [][]byte) Format {
	var good [formatEnd]int
	var sure [formatEnd]bool
	seen := 0
	for _, line := range lines[:min(len(lines), maxRecognise)] {
		if bytes.IndexByte(line, 0) >= 0 {
			return FormatNone
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		seen++
		for f := FormatNone + 1; f < formatEnd; f++ {
			ok, certain := formats[f].good(line)
			if ok {
				good[f]++
			}
			sure[f] = sure[f] || certain
		}
	}
	best := FormatNone
	for f := FormatNone + 1; f < formatEnd; f++ {
		if sure[f] && good[f]*formats[f].per >= seen && (best == FormatNone || good[f] > good[best]) {
			best = f
		}
	}
	return best
}

// goodExim: many programs begin a line with such a stamp, only Exim has its
// message ids after it. An idle Exim has none of them, but starts queue runs.
//
//	2026-11-21 19:29:19 exim 4.96 daemon started: pid=1205, -q30m, listening for SMTP on [127.0.0.25]:25
//	2026-11-21 19:29:19 Start queue run: pid=1206
func goodExim(line []byte) (good, sure bool) {
	_, text, ok := cutEximStamp(line)
	if !ok {
		return false, false
	}
	text = skipEximPID(text)
	if id, _ := cutEximID(text); id != nil {
		return true, true
	}
	for _, prefix := range [...]string{"Start queue run: pid=", "End queue run: pid="} {
		if bytes.HasPrefix(text, []byte(prefix)) {
			return true, true
		}
	}
	version, ok := after(text, "exim ")
	return true, ok && bytes.Contains(version, []byte(" daemon started: pid="))
}

// goodSyslog: the header of syslog with a program's name. Any program will do,
// for a mail log's first lines may all be another's, but not any text after a
// stamp: without a host, it must be a program that is known.
func goodSyslog(line []byte) (good, sure bool) {
	h, ok := cutSyslogHeader(new(Clock), line, time.Time{})
	if !ok || len(h.tag) == 0 {
		return false, false
	}
	if len(h.host) == 0 && !knownProgram(h.tag) {
		return false, false
	}
	return true, true
}

// goodRspamd: "2026-11-21 19:58:05 #1209(rspamd_proxy) …" is nobody else's.
func goodRspamd(line []byte) (good, sure bool) {
	_, ok := cutRspamdHeader(line)
	return ok, ok
}
