package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// amavis reads a line of amavisd-new 2.13. The number in parentheses belongs to
// one message and is the Tag.
//
//	(01234-05) dkim: VALID Author+Sender+MailFrom signature by d=example.com, From: <a@example.com>, a=rsa-sha256, c=relaxed/relaxed, s=mail, i=@example.com
//	(01234-05) dkim: public key s=mail d=example.com, error: …
//	(01234-05) Passed CLEAN {RelayedInbound}, [192.0.2.9]:51034 [192.0.2.9] <a@example.com> -> <b@example.net>, Queue-ID: 4B0C6178A2, Message-ID: <…>, mail_id: kR1AbCdEfGhI, Hits: -1.9, size: 2345, queued_as: 7EFEA19D9B, dkim_sd=mail:example.com, 512 ms
//
// The first needs $log_level 2, the second 5.
func (p *Syslog) amavis(text []byte, ev *Event) {
	ev.Program = ProgramAmavis
	rest, ok := after(text, "(")
	if !ok {
		return
	}
	tag, rest, ok := until(rest, ") ")
	if !ok || len(tag) < 3 || !alphanumericDash(tag) {
		return
	}
	if words, ok := after(rest, "dkim: "); ok {
		p.amavisDKIM(rest, words, ev)
	} else if bytes.HasPrefix(rest, []byte("Passed ")) || bytes.HasPrefix(rest, []byte("Blocked ")) {
		amavisSummary(rest, ev)
	}
	if ev.Kind != KindIgnored {
		ev.Tag = tag
	}
}

// amavisDKIM reads words, the text after "dkim: ". FAILED does not say why.
func (p *Syslog) amavisDKIM(text, words []byte, ev *Event) {
	var s Signature
	if rest, ok := after(words, "public key s="); ok {
		if s.Selector, rest, ok = until(rest, " d="); !ok {
			return
		}
		if s.Domain, s.Reason, ok = until(rest, ", error: "); !ok {
			return
		}
		m := p.Words.MailDKIM(s.Reason)
		s.Result, s.Cause = m.Result, m.Cause
		if m.Cause == dkim.CauseNone {
			s.Cause = dkim.CauseUnknown
		}
		ev.Kind = KindSignature
		ev.addSig(s)
		return
	}
	status, rest, ok := until(words, " signature by d=")
	if !ok {
		return
	}
	switch {
	case bytes.HasPrefix(status, []byte("VALID")):
		s.Result = dkim.ResultPass
	case bytes.HasPrefix(status, []byte("FAILED")):
		m := p.Words.MailDKIM(text[:len(text)-len(words)+len(status)])
		s.Result, s.Cause, s.Reason = m.Result, m.Cause, status
		if m.Cause == dkim.CauseNone {
			s.Result, s.Cause = dkim.ResultFail, dkim.CauseUnknown
		}
	default:
		return
	}
	if s.Domain, rest, ok = until(rest, ", From: "); !ok {
		return
	}
	if _, rest, ok = address(rest, ","); ok {
		if rest, ok = after(rest, ", a="); ok {
			s.Algorithm, rest, _ = cutBefore(rest, ",")
		}
		if _, rest, ok = until(rest, " s="); ok {
			s.Selector, _, _ = cutBefore(rest, ",")
		}
	}
	ev.Kind = KindSignature
	ev.addSig(s)
}

// amavisSummary reads the line that ends amavis's work on a message. Sigs are
// those that were valid.
func amavisSummary(text []byte, ev *Event) {
	verdict, rest, ok := until(text, " {")
	if !ok {
		return
	}
	if _, rest, ok = until(rest, " <"); !ok {
		return
	}
	sender, rest, ok := address(text[len(text)-len(rest)-1:], " ")
	if !ok {
		return
	}
	if rest, ok = after(rest, " -> "); !ok {
		return
	}
	for {
		if _, rest, ok = address(rest, ","); !ok {
			return
		}
		if !bytes.HasPrefix(rest, []byte(",<")) {
			break
		}
		rest = rest[1:]
	}
	ev.Kind, ev.Text, ev.Sender, ev.NullSender = KindScan, verdict, sender, len(sender) == 0
	for {
		if rest, ok = after(rest, ", "); !ok {
			return
		}
		if tail, ok := after(rest, "Message-ID: "); ok {
			if ev.MessageID, rest, ok = address(tail, ","); !ok {
				return
			}
			continue
		}
		if tail, ok := after(rest, "Resent-Message-ID: "); ok {
			if _, rest, ok = address(tail, ","); !ok {
				return
			}
			continue
		}
		var field []byte
		i := bytes.Index(rest, []byte(", "))
		if i < 0 {
			return
		}
		field, rest = rest[:i], rest[i:]
		amavisField(field, ev)
	}
}

// amavisField reads one field of a summary.
func amavisField(field []byte, ev *Event) {
	if id, ok := after(field, "Queue-ID: "); ok && alphanumericDash(id) {
		ev.ID = id
	} else if size, ok := after(field, "size: "); ok {
		ev.Size, _, _ = cutUint(size)
	} else if id, ok := after(field, "queued_as: "); ok {
		if id, _, _ = cutBefore(id, "/"); alphanumericDash(id) {
			ev.Related, ev.Relation = id, RelationNextHop
		}
	} else if keys, ok := after(field, "dkim_sd="); ok {
		for len(keys) > 0 && len(ev.Sigs) < maxSigs {
			var key []byte
			key, keys, _ = cutBefore(keys, ",")
			if selector, domain, ok := until(key, ":"); ok {
				ev.addSig(Signature{Domain: domain, Selector: selector, Result: dkim.ResultPass})
			}
		}
	}
}

// authenticationMilter reads a line of authentication_milter (Handler/DKIM.pm),
// which like amavis uses Mail::DKIM:
//
//	4B0C6178A2: DKIMSignatureResult: invalid (public key: not available)
//	4B0C6178A2: Temp DKIM Error - DNS query timeout for mail._domainkey.example.com
func (p *Syslog) authenticationMilter(text []byte, ev *Event) {
	ev.Program = ProgramOther
	var rest []byte
	ev.ID, rest = cutMilterID(text)
	m := p.Words.MailDKIM(rest)
	if m.Cause == dkim.CauseNone {
		return
	}
	rest, _ = after(rest, "DKIMSignatureResult: ")
	ev.Kind = KindSignature
	ev.addSig(Signature{Domain: m.Domain, Selector: m.Selector, Result: m.Result, Cause: m.Cause, Reason: rest})
}
