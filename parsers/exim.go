package parsers

import (
	"bytes"
	"time"
)

// Exim reads Exim's log files: mainlog, rejectlog and paniclog, as Exim 4.70 to
// 4.99 write them, whatever the log_selector. ParseText reads the same text
// where it comes through syslog.
//
// A line without a stamp goes on with the record of the line before it. The
// headers under a refusal in a rejectlog are read for that refusal's Message-ID
// and the keys of its DKIM-Signature fields; they cannot say anything else, as
// they are the sender's own words. Events of such lines have views into the
// parser where others have views into the line.
//
// The zero value is ready for use and takes stamps without a zone as UTC.
type Exim struct {
	Clock Clock
	Words Words

	record  eximRecord
	suspect int // bytes that may still be forged: see forgery
	joins   []eximJoin
	turn    uint64
}

// Parse reads one line of a file. See Parser.
func (p *Exim) Parse(line []byte, _ time.Time, ev *Event) {
	ev.Reset()
	if p.suspect > 0 {
		p.forgery(line, ev)
		return
	}
	at, text, ok := p.cutInstant(line)
	if !ok {
		p.record.more(line, ev)
		return
	}
	ev.Program, ev.Time = ProgramExim, at
	id, text := cutEximID(skipEximPID(text))
	p.text(id, text, ev)
	p.record.begin(ev)
}

// text reads what follows the message id: the flags of spec.xfpt "Log line
// flags", or words. A line without an id says nothing for us, but for refusals.
func (p *Exim) text(id, b []byte, ev *Event) {
	if len(b) < 3 {
		return
	}
	if id == nil {
		if b[0] == 'H' || b[0] == 'U' || b[0] == 'D' || b[0] == ' ' {
			p.fieldLine(nil, b, ev)
		}
		return
	}
	ev.ID = id
	if b[2] == ' ' {
		switch rest := b[3:]; string(b[:2]) {
		case "<=", "(=": // "(=": the client was told that it was refused
			p.arrived(rest, ev)
			return
		case "=>":
			if !discarded(rest, ev) {
				delivered(rest, ev)
			}
			return
		case "->", ">>": // ">>": cutthrough delivery, logged before "<="
			delivered(rest, ev)
			return
		case "*>": // delivery suppressed by -N
			delivered(rest, ev)
			ev.Kind = KindDiscarded
			return
		case "==":
			p.deferred(rest, ev)
			return
		case "**":
			p.failed(rest, ev)
			return
		}
	}
	switch b[0] {
	case 'D', 'P':
		rest, ok := after(b, "DKIM: ")
		if !ok {
			rest, ok = after(b, "PDKIM: ") // Exim 4.91 and 4.92
		}
		if ok {
			p.dkim(rest, ev)
			return
		}
	case 'C':
		if completed(b) {
			ev.Kind = KindCompleted
			return
		}
	}
	if !p.fieldLine(id, b, ev) {
		p.note(b, ev)
	}
}

// completed reports whether the text is "Completed", or "Completed QT=0.304s"
// and nothing else. A pattern that may stand anywhere would be forged by a
// subject.
func completed(b []byte) bool {
	rest, ok := after(b, "Completed")
	if !ok || len(rest) == 0 {
		return ok
	}
	qt, ok := after(rest, " QT=")
	return ok && bytes.IndexByte(qt, ' ') < 0
}

// skipEximPID skips "[12345] ", which log_selector = +pid adds.
func skipEximPID(b []byte) []byte {
	if len(b) == 0 || b[0] != '[' {
		return b
	}
	if _, rest, ok := cutUint(b[1:]); ok {
		if rest, ok = after(rest, "] "); ok {
			return rest
		}
	}
	return b
}
