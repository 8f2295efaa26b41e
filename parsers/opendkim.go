package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// maxSigs is how many signatures of one line are read. A message may carry any
// number of them; verifiers give up after some twenty.
const maxSigs = 64

// opendkim reads a line of OpenDKIM 2.10 or 2.11 (opendkim.c: dkimf_libstatus,
// mlfi_eom). The domain and selector on it are those of the signature: any text
// without blanks and semicolons.
//
//	4jX2v811XNzXh1: key retrieval failed (s=fresh, d=quartz-new.example): 'fresh._domainkey.quartz-new.example' record not found
//	4jX2vB0VXqzXkY: key revoked (s=default, d=onyx-parked.example, a=rsa-sha256)
//	4jX2v94y3xzXk9: bad signature data
//	4jX2v81bFNzXh2: DKIM verification successful
//	(unknown-jobid): no signature data
//
// A bad signature and a good one are told without their names; see opendkimSSL.
func (p *Syslog) opendkim(text []byte, ev *Event) {
	ev.Program = ProgramOpenDKIM
	var rest []byte
	ev.ID, rest = cutMilterID(text)
	if len(rest) == 0 {
		return
	}
	switch rest[0] {
	case 'D':
		if string(rest) == "DKIM verification successful" {
			ev.Kind = KindSignature
			ev.addSig(Signature{Result: dkim.ResultPass})
			return
		}
		// DKIM-Signature field added (s=mail, d=example.com)
		if key, ok := after(rest, "DKIM-Signature field added ("); ok {
			ev.Kind = KindSigned
			ev.addSig(parenthesised(key))
			return
		}
	case 's':
		if bytes.HasPrefix(rest, []byte("signature=")) {
			p.opendkimResults(rest, ev)
			return
		}
		if p.opendkimSSL(rest, ev) {
			return
		}
	case 'n', '[', 'm':
		// Every message has one or two of these:
		//	4jX2v811XNzXh1: mail.quartz-new.example [127.1.1.1] not internal
		//	4jX2v811XNzXh1: not authenticated
		//	4jX2vB0kV2zXkd: message has signatures from bistro-nova.example, zendesk-customer.example
		if bytes.HasSuffix(rest, []byte(" not internal")) || string(rest) == "not authenticated" ||
			bytes.HasPrefix(rest, []byte("message has signatures from ")) {
			return
		}
	}
	m := p.Words.OpenDKIM(rest)
	switch {
	case m.Cause == dkim.CauseNone && m.Result == dkim.ResultUnknown:
		return
	case bytes.HasPrefix(rest, []byte("no signing table match for ")):
		// A sender whose mail is not to be signed, or one that was forgotten.
		ev.Kind, ev.Text = KindWarning, rest
		return
	case m.Cause == dkim.CauseSigningFailed:
		// can't load key from /etc/opendkim/keys/example.com.private: Permission denied
		ev.signingFailed(rest, m)
		return
	case m.Cause.Verifier() && len(ev.ID) == 0:
		ev.Kind, ev.Text, ev.Cause = KindVerifier, rest, m.Cause
		return
	}
	s := Signature{Domain: m.Domain, Selector: m.Selector}
	for _, prefix := range [...]string{"key retrieval failed (", "key revoked ("} {
		if key, ok := after(rest, prefix); ok {
			s = parenthesised(key)
		}
	}
	s.Result, s.Cause, s.Reason = m.Result, m.Cause, rest
	ev.Kind = KindSignature
	if other, ok := otherKey(rest, s); ok {
		other.Result, other.Cause, other.Reason = s.Result, s.Cause, rest
		s.Result, s.Cause = dkim.ResultTemperror, dkim.CauseKeyUnavailable
		ev.addSig(other)
	}
	ev.addSig(s)
}

// otherKey returns the key that the detail of a failed retrieval names, if it is
// not the signature's. Of a message with several bad keys OpenDKIM names the
// first signature and tells what went wrong with the last one:
//
//	BC1A719749: key retrieval failed (s=zendesk1, d=zendesk-customer.example): 'default._domainkey.fjord-fish.example' unexpected reply class/type (-1/-1)
func otherKey(text []byte, s Signature) (other Signature, ok bool) {
	_, rest, ok := until(text, "): '")
	if !ok {
		return other, false
	}
	name, _, ok := until(rest, "'")
	if !ok {
		return other, false
	}
	if other.Selector, other.Domain, ok = until(name, "._domainkey."); !ok {
		return other, false
	}
	return other, !bytes.EqualFold(other.Selector, s.Selector) || !bytes.EqualFold(other.Domain, s.Domain)
}

// opendkimResults reads what LogResults adds, all signatures of a message:
//
//	4jX2vD4bYszXr7: signature=Bj5QiQMl domain=bistro-nova.example selector=mail2048 result="no signature error"; signature=Xphvt/6L domain=delta-print.example selector=ed1 result="no signature error"
//
// A line that the logger cut gives the signatures that are whole.
func (p *Syslog) opendkimResults(text []byte, ev *Event) {
	ev.Kind = KindMalformed
	for len(ev.Sigs) < maxSigs {
		rest, ok := after(text, "signature=")
		if !ok {
			return
		}
		var s Signature
		if _, rest, ok = until(rest, " domain="); !ok {
			return
		}
		if s.Domain, rest, ok = until(rest, " selector="); !ok {
			return
		}
		if s.Selector, rest, ok = until(rest, ` result="`); !ok {
			return
		}
		if s.Reason, rest, ok = until(rest, `"`); !ok {
			return
		}
		m := p.Words.OpenDKIMResult(s.Reason)
		s.Result, s.Cause = m.Result, m.Cause
		ev.Kind = KindSignature
		ev.addSig(s)
		if text, ok = after(rest, "; "); !ok {
			return
		}
	}
}

// opendkimSSL reads the line that follows the verdict and names the signature it
// was about. What OpenSSL had to say may be empty, whatever the verdict: the
// result is then unknown here. Before 2.11 there is no algorithm.
//
//	4jX2v94y3xzXk9: s=mail d=cyan-wk.example a=rsa-sha256 SSL error:0200008A:rsa routines::invalid padding; error:02000072:rsa routines::padding check failed
//	4jX2v81bFNzXh2: s=mail2048 d=bistro-nova.example a=rsa-sha256 SSL
func (p *Syslog) opendkimSSL(text []byte, ev *Event) bool {
	var s Signature
	rest, ok := after(text, "s=")
	if !ok {
		return false
	}
	if s.Selector, rest, ok = until(rest, " d="); !ok {
		return false
	}
	if s.Domain, rest, ok = until(rest, " "); !ok {
		return false
	}
	if tail, ok := after(rest, "a="); ok {
		if s.Algorithm, rest, ok = until(tail, " "); !ok {
			return false
		}
	}
	if rest, ok = after(rest, "SSL"); !ok {
		return false
	}
	ev.Kind = KindSignature
	if s.Reason, _ = after(rest, " "); len(s.Reason) > 0 {
		m := p.Words.OpenDKIM(text)
		s.Result, s.Cause = m.Result, m.Cause
		if m.Cause == dkim.CauseNone {
			s.Result, s.Cause = dkim.ResultFail, dkim.CauseSignatureMismatch
		}
	} else {
		s.Reason = nil
	}
	ev.addSig(s)
	return true
}

// parenthesised reads "s=fresh, d=quartz-new.example, a=rsa-sha256)…"; OpenDKIM
// before 2.11 prints no algorithm.
func parenthesised(b []byte) (s Signature) {
	rest, ok := after(b, "s=")
	if !ok {
		return s
	}
	if s.Selector, rest, ok = until(rest, ", d="); !ok {
		return s
	}
	i := bytes.IndexAny(rest, ",)")
	if i < 0 {
		s.Domain = rest
		return s
	}
	s.Domain, rest = rest[:i], rest[i:]
	if rest, ok = after(rest, ", a="); ok {
		s.Algorithm, _, _ = until(rest, ")")
	}
	return s
}

// cutMilterID takes off the queue id that a milter prints first, Postfix's or
// Sendmail's. "(unknown-jobid)" is none.
func cutMilterID(text []byte) (id, rest []byte) {
	if rest, ok := after(text, "(unknown-jobid): "); ok {
		return nil, rest
	}
	i := bytes.IndexByte(text, ':')
	if i < 6 || i+1 >= len(text) || text[i+1] != ' ' {
		return nil, text
	}
	if id := text[:i]; !queueID(id) && !sendmailID(id) {
		return nil, text
	}
	return text[:i], text[i+2:]
}

// sendmailID reports whether b is a queue id of Sendmail: eight letters and
// digits for the time, and the process id ("5ALJuN1r012345").
func sendmailID(b []byte) bool {
	const stamp, pid = 8, 5
	if len(b) < stamp+pid || len(b) > 24 || !alphanumeric(b) {
		return false
	}
	for _, c := range b[len(b)-pid:] {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// addSig adds s to Sigs.
func (ev *Event) addSig(s Signature) { ev.Sigs = append(ev.Sigs, s) }

// signingFailed sets what a signer says that cannot sign: our own mail suffers.
func (ev *Event) signingFailed(text []byte, m Meaning) {
	ev.Kind, ev.Text, ev.Local = KindWarning, text, true
	ev.setMeaning(m)
}
