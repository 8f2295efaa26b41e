package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// fieldLine reads the lines that begin with fields, a host's as a rule, and
// reports whether b is one. id may be nil.
//
//	2026-11-21 19:41:11 1xUqxS-0000JT-3B H=mail.quartz-new.example [127.1.1.1] F=<noreply@quartz-new.example> temporarily rejected after DATA: DKIM key lookup failed: fresh._domainkey.quartz-new.example: pubkey_unavailable
//	2026-06-01 11:04:12 1wTxyI-0000Qk-2Z H=localhost (mx1.receiver.test) [127.0.0.1] temporarily rejected DKIM 3073 LAST: DKIM key lookup failure d=dobra-nx.co.example s=mandrill reason=pubkey_unavailable
//	2026-11-21 19:36:38 1xUqsa-0000Kq-1H H=mail.whiskey-pub.example [127.1.2.173] Warning: DKIM: Failed. reason=signature_incorrect
//	2026-06-01 11:18:34 1wTxnz-0000KE-1Q H=127.0.0.26 [127.0.0.26]: SMTP error from remote mail server after pipelined end of data: 451-4.7.5 DKIM: public key record mandrill._domainkey.dobra-nx.co.example\n451 (currently?) unavailable
//
// Of a message that a client offered, the refusal may be the only trace.
func (p *Exim) fieldLine(id, b []byte, ev *Event) bool {
	if rest, ok := after(b, " DS"); ok { // no blank follows it
		b = rest
	} else {
		b, _ = after(b, "DS ")
	}
	if len(b) < 3 || b[1] != '=' || b[0] != 'H' && b[0] != 'U' {
		return p.bareRefusal(b, ev)
	}
	if id != nil && b[0] == 'H' && p.remote(b[2:], ev) {
		return true
	}
	var c eximClient
	var sender []byte
	var null bool
	for len(b) > 0 {
		if rest, ok := after(b, "Warning: "); ok {
			if id != nil {
				ev.Kind = KindWarning
				ev.setClient(c, sender, null)
				p.ownText(rest, c, ev)
			}
			return true
		}
		rest, temporary := after(b, "temporarily ")
		if rest, ok := after(rest, "rejected "); ok {
			ev.Kind, ev.Temporary = KindRefused, temporary
			ev.setClient(c, sender, null)
			p.refused(rest, c, ev)
			return true
		}
		if rest, ok := after(b, "H="); ok {
			if c, b, ok = cutClient(rest); !ok {
				return true
			}
			continue
		}
		var key, value []byte
		key, value, b = cutField(b)
		switch {
		case key == nil && !betweenFields(value):
			return true // words of other kinds: "sender verify fail for", "incomplete transaction"
		case string(key) == "F":
			sender, null = value, len(value) == 0
		}
	}
	return true
}

// betweenFields reports whether a word stands among the fields of a client.
func betweenFields(word []byte) bool {
	switch string(word) {
	case "DS", "K", "L", "L*", "L-", "PRDR", "TFO", "TFO*", "SPF", "DMARC":
		return true
	}
	return false
}

// setClient sets who is on the other side, unless that is unsure.
func (ev *Event) setClient(c eximClient, sender []byte, null bool) {
	if !c.unsure {
		ev.ClientName, ev.ClientIP, ev.Helo = c.name, c.ip, c.helo
		ev.Sender, ev.NullSender = sender, null
	}
}

// bareRefusal reads a refusal that begins the line:
//
//	1xUqlZ-000000000Ja-3E2F rejected from <a@b.example> H=mail.b.example [192.0.2.1]: message too big: read=52500 max=50000
func (p *Exim) bareRefusal(b []byte, ev *Event) bool {
	b, ok := after(b, "rejected from ")
	if !ok {
		return false
	}
	sender, b, ok := cutAngle(b)
	if !ok {
		return false
	}
	ev.Kind = KindRefused
	var c eximClient
	for len(b) > 0 && b[0] != ':' {
		if rest, ok := after(b, "H="); ok {
			if c, b, ok = cutClient(rest); !ok {
				return true
			}
			continue
		}
		_, _, b = cutField(b)
	}
	ev.setClient(c, sender, len(sender) == 0)
	b, _ = after(b, ": ")
	p.ownText(b, c, ev)
	return true
}

// refused reads what follows "rejected ": where in the dialogue, with the
// command's argument, and the ACL's message.
//
//	after DATA: DKIM key lookup failed: …
//	RCPT <u010@receiver.test>: relay not permitted
//	DKIM : DKIM Invalid: signer=example.com status=invalid reason=pubkey_unavailable
//	DKIM 3073 LAST: DKIM key lookup failure …      (the argument of BDAT)
//
// Where the DKIM ACL refuses, DKIM is the reason, whatever its message says. All
// of it may be a HELO where the client is unsure.
func (p *Exim) refused(b []byte, c eximClient, ev *Event) {
	if c.unsure {
		return
	}
	ev.Stage = b
	for _, stage := range [...]string{"RCPT", "MAIL", "DKIM"} {
		rest, ok := after(b, stage)
		if !ok || len(rest) == 0 || rest[0] != ' ' {
			continue
		}
		ev.Stage = b[:len(stage)]
		if addr, tail, ok := cutAngle(rest[1:]); ok {
			if stage == "RCPT" {
				ev.Addr = addr
			}
			rest = tail
		}
		b = rest
		break
	}
	before, text, ok := until(b, ": ")
	if ok && len(ev.Stage) == len(b) {
		ev.Stage = before
	}
	if ok {
		p.ownText(text, c, ev)
	}
	if !ev.DKIM && string(ev.Stage) == "DKIM" {
		ev.DKIM, ev.Cause = true, dkim.CauseACLCustom
	}
}

// ownText sets and judges the words of our own ACL. Where a HELO may have made
// them up, they are left out.
func (p *Exim) ownText(b []byte, c eximClient, ev *Event) {
	if len(b) == 0 || c.unsure {
		return
	}
	ev.Text = b
	ev.setMeaning(ownWords(p.Words.Reply(b)))
}

// ownWords puts a meaning right that was found in an ACL's words, of which
// Words.Reply cannot know that they are ours.
func ownWords(m Meaning) Meaning {
	if m.DKIM && (m.Cause == dkim.CauseRemoteRefused || m.Cause == dkim.CauseUnknown) {
		m.Cause = dkim.CauseACLCustom
	}
	return m
}

// remote reads a reply that stands on a line of its own, after "H=". Only a
// remote host's line has a colon there.
func (p *Exim) remote(b []byte, ev *Event) bool {
	relay, ip, b := cutRelay(b)
	if ip == nil || bytes.IndexByte(relay, '(') >= 0 {
		return false
	}
	b, ok := after(b, ": ")
	if !ok {
		return false
	}
	ev.Kind, ev.Relay, ev.RelayIP = KindReply, relay, ip
	p.reason(b, ev)
	return true
}
