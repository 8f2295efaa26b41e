package parsers

import "time"

// base62 is each byte's value as a digit of a message id, plus one; 0 is none.
var base62 = func() (t [256]uint8) {
	for i, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		t[c] = uint8(i) + 1
	}
	return t
}()

// cutEximID cuts the message id and the blank after it:
//
//	1xUqkP-0000Jl-0v          up to Exim 4.96
//	1xUqlZ-000000000Ja-3E2F   since Exim 4.97
//
// The id is nil if the text does not begin with one. After an upgrade both forms
// stand in one log.
func cutEximID(b []byte) (id, rest []byte) {
	n := 16
	if len(b) < 17 || b[6] != '-' {
		return nil, b
	}
	if b[13] != '-' || b[16] != ' ' {
		if n = 23; len(b) < 24 || b[18] != '-' || b[23] != ' ' {
			return nil, b
		}
	}
	for _, c := range b[:6] { // the time; no stranger's text is ever here
		if base62[c] == 0 {
			return nil, b
		}
	}
	return b[:n], b[n+1:]
}

// eximIDLen is the length of the message id that b begins with, or 0.
func eximIDLen(b []byte) int {
	n := 0
	switch {
	case len(b) < 16 || b[6] != '-':
		return 0
	case b[13] == '-':
		n = 16
	case len(b) >= 23 && b[18] == '-':
		n = 23
	default:
		return 0
	}
	dashes := 0
	for _, c := range b[:n] {
		if base62[c] == 0 {
			dashes++
		}
	}
	if dashes != 2 {
		return 0
	}
	return n
}

// EximIDTime is when the message with this id arrived, to the second: the first
// six digits of the id count the seconds since 1970 (Exim's local_scan.h). It
// holds for the base-62 ids of all but Cygwin's and Darwin's Exims.
func EximIDTime(id []byte) (time.Time, bool) {
	if n := eximIDLen(id); n == 0 || n != len(id) {
		return time.Time{}, false
	}
	return time.Unix(eximIDSeconds(id), 0).UTC(), true
}

func eximIDSeconds(id []byte) (sec int64) {
	for _, c := range id[:6] {
		sec = sec*62 + int64(base62[c]) - 1
	}
	return sec
}
