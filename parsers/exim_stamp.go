package parsers

import "time"

// eximStamp is the date and time at the start of a line.
type eximStamp struct {
	year, month, mday, hour, minute, sec, nsec int
	offset                                     int // seconds east of Greenwich, if zoned
	zoned                                      bool
}

// cutEximStamp cuts the stamp and the blank after it. All of its forms, by
// log_selector = +millisec and log_timezone:
//
//	2017-07-30 18:51:05
//	2017-07-30 18:51:05.712
//	2017-07-30 18:51:05 +0200
//	2017-07-30 18:51:05.712 +0200
func cutEximStamp(b []byte) (s eximStamp, rest []byte, ok bool) {
	if len(b) < 19 || b[4] != '-' || b[10] != ' ' {
		return s, b, false
	}
	if s.year, s.month, s.mday, rest, ok = cutDate(b); !ok {
		return s, b, false
	}
	if s.hour, s.minute, s.sec, rest, ok = cutClock(rest[1:]); !ok {
		return s, b, false
	}
	if len(rest) > 0 && rest[0] == '.' {
		s.nsec, rest = cutFraction(rest)
	}
	if len(rest) > 5 && rest[0] == ' ' && (rest[1] == '+' || rest[1] == '-') {
		if offset, tail, ok := cutZone(rest[1:]); ok && (len(tail) == 0 || tail[0] == ' ') {
			s.offset, s.zoned, rest = offset, true, tail
		}
	}
	if len(rest) > 0 {
		if rest[0] != ' ' {
			return s, b, false
		}
		rest = rest[1:]
	}
	return s, rest, true
}

// cutInstant cuts the stamp that b begins with, and the blank after it.
func (p *Exim) cutInstant(b []byte) (at time.Time, rest []byte, ok bool) {
	const n = len("2017-07-30 18:51:05 ")
	plain := len(b) > n && b[n-1] == ' ' && b[n] != '+' && b[n] != '-'
	if plain {
		if at, ok := p.Clock.again(b[:n], time.Time{}); ok {
			return at, b[n:], true
		}
	}
	s, rest, ok := cutEximStamp(b)
	switch {
	case !ok:
		return at, b, false
	case s.zoned:
		at = p.Clock.Offset(s.year, s.month, s.mday, s.hour, s.minute, s.sec, s.nsec, s.offset)
	default:
		at = p.Clock.Wall(s.year, s.month, s.mday, s.hour, s.minute, s.sec, s.nsec)
	}
	if plain {
		p.Clock.remember(b[:n], time.Time{}, at)
	}
	return at, rest, true
}
