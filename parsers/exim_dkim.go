package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// dkim reads what follows "DKIM: ", or "PDKIM: ":
//
//	2026-11-21 19:29:20 [1208] 1xUqm0-0000JU-1l DKIM: d=ember-coal.example s=s1 [failed key import]
//	2026-11-21 19:29:20 [1208] 1xUqm0-0000JU-1l DKIM: d=ember-coal.example s=s1 c=relaxed/relaxed a=rsa-sha256 b=2048 t=1795289360 [invalid - public key record (currently?) unavailable]
//
// d= and s= are bytes as the sender wrote them, without blanks. i= is decoded
// and may hold anything, line ends too, so that the result is the last bracket,
// and a line without one raises suspicion: see forgery.
func (p *Exim) dkim(b []byte, ev *Event) {
	domain, selector, rest, ok := cutDS(b)
	if !ok {
		p.dkimNote(b, ev)
		return
	}
	ev.Kind = KindSignature
	ev.Sigs = append(ev.Sigs, Signature{Domain: domain, Selector: selector})
	s := &ev.Sigs[0]
	fields, bracket := cutBracket(rest)
	for len(fields) > 0 {
		var key, value []byte
		key, value, fields = cutField(fields)
		if string(key) == "a" {
			s.Algorithm = value
			break
		}
	}
	switch {
	case bracket == nil:
		if hasIdentity(fields) {
			p.suspect = eximRecordSize
		}
	case string(bracket) == "verification succeeded":
		s.Result, s.Reason = dkim.ResultPass, bracket
	default:
		m := p.Words.Exim(bracket)
		s.Result, s.Cause, s.Reason = m.Result, m.Cause, bracket
	}
}

// hasIdentity reports whether i= is among the fields after a=.
func hasIdentity(fields []byte) bool {
	for len(fields) > 0 {
		var key []byte
		if key, _, fields = cutField(fields); string(key) == "i" {
			return true
		}
	}
	return false
}

// eximRecordSize is the longest record that Exim writes (LOG_BUFFER_SIZE).
const eximRecordSize = 8192

// forgery withholds a line that a signature's i= tag may have made up: the line
// before was a DKIM record without its end. The record ends with the bracket, or
// where it cannot be longer.
func (p *Exim) forgery(line []byte, ev *Event) {
	ev.Kind = KindMalformed
	p.suspect -= len(line) + 1
	if len(line) > 0 && line[len(line)-1] == ']' {
		p.suspect = 0
	}
}

// cutDS cuts "d=example.com s=mail ". What a signature lacks is "<UNSET>".
func cutDS(b []byte) (domain, selector, rest []byte, ok bool) {
	if b, ok = after(b, "d="); !ok {
		return nil, nil, b, false
	}
	domain, b, _ = bytes.Cut(b, []byte(" "))
	if b, ok = after(b, "s="); !ok {
		return nil, nil, b, false
	}
	selector, rest, _ = bytes.Cut(b, []byte(" "))
	return logged(domain), logged(selector), rest, true
}

func logged(tag []byte) []byte {
	if string(tag) == "<UNSET>" {
		return nil
	}
	return tag
}

// cutBracket cuts the last "[…]" off the end of b.
func cutBracket(b []byte) (fields, bracket []byte) {
	n := len(b)
	if n < 2 || b[n-1] != ']' {
		return b, nil
	}
	i := bytes.LastIndexByte(b, '[')
	for i > 0 && b[i-1] != ' ' {
		i = bytes.LastIndexByte(b[:i], '[')
	}
	switch {
	case i > 0:
		return b[:i-1], b[i+1 : n-1]
	case i == 0:
		return nil, b[1 : n-1]
	}
	return b, nil
}

// dkimNote reads the DKIM lines that are not about one signature, and ACLs' own
// words that begin like them:
//
//	DKIM: validation error: Public key signature verification has failed.
//	DKIM: Error during validation, disabling signature verification: EXCESS_SIGS
//	DKIM: hash setup error, possibly nonhandled hashtype
//	DKIM: signing failed: PRIVKEY
//	DKIM: message could not be signed, and dkim_strict is set. Deferring message delivery.
//	DKIM: acl called - signer: test.example bits: 1024
//
// A verifier's word that has a cause is a signature without a key: which of the
// message's signatures it is about is not said.
func (p *Exim) dkimNote(b []byte, ev *Event) {
	m := p.Words.EximNote(b)
	if m.Cause == dkim.CauseUnknown {
		if own := p.Words.Reply(b); own.Cause.MoreSpecific(m.Cause) {
			m = own
		}
	}
	if verifierNote(b) && m.Cause != dkim.CauseNone && m.Cause != dkim.CauseUnknown {
		ev.Kind = KindSignature
		ev.Sigs = append(ev.Sigs, Signature{Result: m.Result, Cause: m.Cause, Reason: b})
		return
	}
	if !verifierNote(b) {
		m = ownWords(m)
	}
	ev.Kind, ev.Text = KindWarning, b
	ev.setMeaning(m)
	ev.Local = m.Cause == dkim.CauseSigningFailed
}

// verifierNote reports whether these are words of Exim's verifier, not an ACL's.
func verifierNote(b []byte) bool {
	for _, start := range [...]string{"validation error: ", "Error during validation", "Error while running", "hash setup error", "unrecognised hashname"} {
		if _, ok := after(b, start); ok {
			return true
		}
	}
	return false
}
