package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// dkimpy reads a line of dkimpy-milter 1.2. What goes wrong is logged without a
// queue id and mostly without the signature's names:
//
//	DKIM: Fail (b'quartz-new.example')
//	DKIM: Fail, unextractable domain
//	DKIM: public key too small: 512
//	check_dkim: Internal program fault while verifying: A DNS label is > 63 octets long.
//	4B0C6178A2: rsa-sha256 DKIM signature verified (s=mail d=example.com)
//	4B0C6178A2: rsa-sha256 DKIM signature added (s=mail d=example.com)
func (p *Syslog) dkimpy(text []byte, ev *Event) {
	ev.Program = ProgramDkimpy
	var rest []byte
	ev.ID, rest = cutMilterID(text)
	if algorithm, key, ok := until(rest, " DKIM signature "); ok && alphanumericDash(algorithm) {
		s := Signature{Algorithm: algorithm}
		verb, key, _ := until(key, " (s=")
		if s.Selector, key, ok = until(key, " d="); ok {
			s.Domain, _, _ = until(key, ")")
		}
		switch string(verb) {
		case "verified":
			ev.Kind, s.Result = KindSignature, dkim.ResultPass
		case "added":
			ev.Kind = KindSigned
		default:
			return
		}
		ev.addSig(s)
		return
	}
	m := p.Words.Dkimpy(rest)
	if m.Cause == dkim.CauseNone {
		return
	}
	if m.Cause == dkim.CauseSigningFailed {
		ev.signingFailed(rest, m)
		return
	}
	ev.Kind = KindSignature
	s := Signature{Domain: m.Domain, Selector: m.Selector, Result: m.Result, Cause: m.Cause}
	s.Reason, _ = after(rest, "DKIM: ")
	if domain, ok := after(rest, "DKIM: Fail (b'"); ok && bytes.HasSuffix(domain, []byte("')")) {
		s.Domain = domain[:len(domain)-len("')")]
	}
	ev.addSig(s)
}

// alphanumericDash reports whether b may be the name of an algorithm.
func alphanumericDash(b []byte) bool {
	for _, c := range b {
		if c != '-' && !isLetter(c) && !isDigit(c) {
			return false
		}
	}
	return len(b) > 0
}
