package parsers

import "time"

// ParseText reads Exim's text from a syslog message that the process pid sent at
// stamp. Exim puts its own stamp before the text, which has the year and is
// preferred, unless syslog_timestamp is off.
//
// Exim splits long lines and multi-line records into pieces, "[1/2] ", of which
// only the first has a stamp and an id. They are put together by pid; until a
// line is complete the event is KindIgnored, and then its views are into the
// parser. A piece whose predecessor is missing is KindMalformed.
//
// The caller has reset ev. Its Host is left alone.
func (p *Exim) ParseText(text []byte, stamp time.Time, pid []byte, ev *Event) {
	if piece, ok := cutEximPiece(text); ok {
		p.joined(piece, stamp, pid, ev)
		return
	}
	p.syslogLine(text, stamp, ev)
}

func (p *Exim) syslogLine(text []byte, stamp time.Time, ev *Event) {
	ev.Kind, ev.Program = KindIgnored, ProgramExim
	if own, rest, ok := p.cutInstant(text); ok {
		stamp, text = own, rest
	}
	ev.Time = stamp
	id, text := cutEximID(skipEximPID(text))
	p.text(id, text, ev)
}

// eximPiece is a piece of what was too long for one message.
type eximPiece struct {
	n, total int64
	ends     bool // a line ends with it
	text     []byte
}

// cutEximPiece reads "[n/m] …" or, where the piece ended at a line's end,
// "[n\m] …" (write_syslog in Exim's log.c).
func cutEximPiece(b []byte) (piece eximPiece, ok bool) {
	if len(b) < 6 || b[0] != '[' {
		return piece, false
	}
	n, b, ok := cutUint(b[1:])
	if !ok || len(b) == 0 || b[0] != '/' && b[0] != '\\' {
		return piece, false
	}
	total, rest, ok := cutUint(b[1:])
	if !ok || n < 1 || n > total || total > eximRecordSize {
		return piece, false
	}
	rest, ok = after(rest, "] ")
	return eximPiece{n: n, total: total, ends: b[0] == '\\' || n == total, text: rest}, ok
}

// eximJoin puts the pieces of one process together.
type eximJoin struct {
	pid    textBuffer
	next   int64 // piece; 0 is a free place
	total  int64
	turn   uint64 // when it was last used
	line   []byte // what is there of a line that is not complete
	record eximRecord
}

const (
	eximJoins   = 8 // processes whose pieces may come at the same time
	eximLineCap = eximRecordSize
)

func (p *Exim) joined(piece eximPiece, stamp time.Time, pid []byte, ev *Event) {
	ev.Kind, ev.Program = KindIgnored, ProgramExim
	j := p.join(pid, piece.n == 1)
	if j == nil || piece.n != j.next || piece.n > 1 && piece.total != j.total {
		ev.Kind, ev.Program = KindMalformed, ProgramUnknown
		if j != nil {
			j.next = 0
		}
		return
	}
	j.total = piece.total
	j.next++
	if piece.n == piece.total {
		j.next = 0
	}
	text := piece.text
	if !piece.ends || len(j.line) > 0 {
		room := eximLineCap - len(j.line)
		j.line = append(j.line, text[:min(len(text), room)]...)
		if !piece.ends {
			return
		}
		text = j.line
		j.line = j.line[:0]
	}
	if j.record.started {
		j.record.more(text, ev)
		return
	}
	p.syslogLine(text, stamp, ev)
	j.record.begin(ev)
}

// join finds the place of a process, or makes one for its first piece: the one
// that was not used for longest gives way.
func (p *Exim) join(pid []byte, first bool) *eximJoin {
	if p.joins == nil {
		p.joins = make([]eximJoin, eximJoins)
		for i := range p.joins {
			p.joins[i].line = make([]byte, 0, eximLineCap)
		}
	}
	p.turn++
	oldest := &p.joins[0]
	for i := range p.joins {
		j := &p.joins[i]
		if j.next > 0 && string(j.pid.bytes()) == string(pid) {
			oldest = j
			break
		}
		if j.turn < oldest.turn {
			oldest = j
		}
	}
	known := oldest.next > 0 && string(oldest.pid.bytes()) == string(pid)
	if !known && !first {
		return nil
	}
	oldest.turn = p.turn
	if first {
		oldest.pid.set(pid)
		oldest.next, oldest.line, oldest.record.started = 1, oldest.line[:0], false
	}
	return oldest
}
