package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// note reads the lines of a message that have no flag: what administrators,
// timers and the queue did to it, and what ACLs wrote (logwrite, or warnings of
// Exim's signer).
func (p *Exim) note(b []byte, ev *Event) {
	switch b[0] {
	case 'c':
		ev.noteIf(b, "cancelled by ", KindCancelled)
	case 'r':
		ev.noteIf(b, "removed by ", KindRemoved)
		ev.noteIf(b, "rescind the above message-accept", KindRevoked)
	case 'f':
		ev.noteIf(b, "frozen by ", KindHeld)
	case 'u':
		ev.noteIf(b, "unfrozen by ", KindReleased)
	case 'U':
		ev.noteIf(b, "Unfrozen by ", KindReleased)
	case 'F':
		if string(b) == "Frozen" {
			ev.Kind, ev.Text = KindHeld, b
		}
		ev.noteIf(b, "Frozen (", KindHeld) // Frozen (delivery error message)
		ev.noteIf(b, "Frozen by ", KindHeld)
		ev.noteIf(b, "Format error in spool file ", KindHeld) // until an administrator acts
	case 'M':
		ev.noteIf(b, "Message is frozen", KindHeld)
		ev.noteIf(b, "Message removed because older than ", KindRemoved)
	case 'E':
		ev.noteIf(b, "Error reading spool file ", KindHeld)
	case 'S':
		if replyLine(b) {
			ev.Kind = KindReply
			p.reason(b, ev)
			return
		}
	}
	if ev.Kind == KindIgnored && !ev.unbounced(b) {
		p.logwrite(b, ev)
	}
}

// noteIf makes ev one of kind, if b begins with start.
func (ev *Event) noteIf(b []byte, start string, kind Kind) {
	if _, ok := after(b, start); ok {
		ev.Kind, ev.Text = kind, b
	}
}

// replyLine reports whether b is a remote host's reply without a host before it,
// as up to Exim 4.85:
//
//	SMTP error from remote mail server after end of data: host 127.0.0.26 [127.0.0.26]: 451 4.7.5 DKIM: …
func replyLine(b []byte) bool {
	_, ok := after(b, "SMTP error from remote mail")
	return ok
}

// unbounced reads the line of a bounce that could not be bounced itself:
//
//	2026-06-01 12:51:12 1wTxo8-0000Nc-32 u016@receiver.test: error ignored
func (ev *Event) unbounced(b []byte) bool {
	i := bytes.Index(b, []byte(": error ignored"))
	if i < 0 {
		return false
	}
	target, top, rest := cutTarget(b)
	if _, ok := after(rest, ": error ignored"); !ok {
		return false
	}
	ev.Kind = KindUnbounced
	ev.setRecipient(target, top)
	return true
}

// logwrite reads words that an ACL wrote without anything before them, or Exim's
// signer, where they name DKIM:
//
//	1xUqlZ-000000000Ja-3E2F Authentication-Results: mx.example; dkim=tmperror (pubkey unavailable) header.d=a.example header.s=s1 header.a=rsa-sha256
//	1xUqlZ-000000000Ja-3E2F failed to expand dkim_private_key: …
//	1xUqlZ-000000000Ja-3E2F unable to open file for reading: /etc/exim4/dkim.key
//
// Exim's own lines that quote strangers are left out, and so are ARC's and
// DMARC's.
func (p *Exim) logwrite(b []byte, ev *Event) {
	if m, ok := p.signer(b); ok {
		ev.Kind, ev.Text, ev.Local = KindWarning, b, true
		ev.setMeaning(m)
		return
	}
	if !containsFold(b, "dkim") {
		return
	}
	for _, start := range [...]string{"SMTP ", "Spool file ", "TLS ", "DMARC", "ARC: ", "arc: ", "no ", "Message ", "address <", "recipient <", "sender ", "unable to ", "cwd=", "Remote host ", "LMTP ", "LOG: "} {
		if _, ok := after(b, start); ok {
			return
		}
	}
	m := p.Words.Reply(b)
	if bytes.Contains(b, []byte("dkim=")) {
		if results := p.Words.AuthResults(b); results.DKIM {
			m = results
		}
	}
	if m.DKIM {
		ev.Kind, ev.Text = KindWarning, b
		ev.setMeaning(ownWords(m))
	}
}

// signer judges a line of Exim's DKIM signer.
func (p *Exim) signer(b []byte) (m Meaning, ok bool) {
	for _, start := range [...]string{"failed to expand dkim_", "unable to open file for reading: ", "unable to open private key", "unable to read private key file: ", "signing_init: ", "signing: "} {
		if _, ok := after(b, start); ok {
			m = p.Words.EximNote(b)
			if m.Cause == dkim.CauseSigningFailed {
				return m, true
			}
		}
	}
	return Meaning{}, false
}
