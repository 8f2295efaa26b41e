package parsers

import "bytes"

// policy reads what smtpd or cleanup did to a message because of a rule or of a
// milter's word:
//
//	milter-reject: END-OF-MESSAGE from mail.quartz-new.example[127.1.1.1]: 4.7.5 DKIM key retrieval failed; from=<news@quartz-new.example> to=<u018@receiver.test> proto=ESMTP helo=<mail.quartz-new.example>
//	milter-reject: EHLO from mail.elita54.example.org[127.1.1.101]: 451 4.7.1 Service unavailable - try again later; proto=SMTP helo=<mail.elita54.example.org>
//	milter-hold: END-OF-MESSAGE from mx.example.com[192.0.2.9]: milter triggers HOLD action; from=<a@example.com> to=<b@example.net> proto=ESMTP helo=<mx.example.com>
//	reject: RCPT from unknown[192.0.2.9]: 554 5.7.1 <b@example.net>: Relay access denied; from=<a@example.com> to=<b@example.net> proto=SMTP helo=<x>
//	reject: header Subject: hello from mx.example.com[192.0.2.9]; from=<a@example.com> to=<b@example.net> proto=ESMTP helo=<mx.example.com>: 5.7.1 message content rejected
//
// Other actions (warn, filter, redirect, replace, …) leave the message as it is.
func (p *Syslog) policy(text []byte, ev *Event) {
	colon := bytes.IndexByte(text, ':')
	if colon < 0 || colon+2 > len(text) {
		return
	}
	var kind Kind
	milter := false
	switch string(text[:colon]) {
	case "milter-reject":
		kind, milter = KindRefused, true
	case "reject", "milter-header-reject":
		kind = KindRefused
	case "milter-hold":
		kind, milter = KindHeld, true
	case "hold", "milter-header-hold":
		kind = KindHeld
	case "milter-discard":
		kind, milter = KindDiscarded, true
	case "discard", "milter-header-discard":
		kind = KindDiscarded
	default:
		return
	}
	rest, _ := after(text[colon+1:], " ")
	if bytes.HasPrefix(rest, []byte("header ")) || bytes.HasPrefix(rest, []byte("body ")) {
		p.contentPolicy(kind, rest, ev)
		return
	}
	stage, rest, ok := until(rest, " from ")
	if !ok {
		ev.Kind = KindMalformed
		return
	}
	name, addr, rest, ok := peer(rest)
	if !ok {
		ev.Kind = KindMalformed
		return
	}
	rest, ok = after(rest, ": ")
	if !ok {
		ev.Kind = KindMalformed
		return
	}
	ev.Kind, ev.ClientName, ev.ClientIP = kind, name, addr
	ev.Text = ev.envelope(rest)
	if milter {
		ev.setMeaning(p.Words.Milter(ev.Text))
	} else {
		ev.setMeaning(p.Words.Reply(ev.Text))
	}
	if kind == KindRefused {
		ev.Stage, ev.Temporary = stage, temporary(ev.Text)
	} else {
		ev.Addr = nil // the whole message is held, or thrown away
	}
}

// contentPolicy reads what a header or body check of cleanup did. The header
// comes first and is a stranger's, so only the words at the end are taken: the
// administrator's. Stage is "header" or "body".
func (p *Syslog) contentPolicy(kind Kind, text []byte, ev *Event) {
	ev.Kind = kind
	if kind != KindRefused {
		return
	}
	ev.Stage, _, _ = until(text, " ")
	if i := bytes.LastIndex(text, []byte(": ")); i >= 0 {
		ev.Text = text[i+2:]
		ev.setMeaning(p.Words.Reply(ev.Text))
		ev.Temporary = temporary(ev.Text)
	}
}

// proxyReject reads how the server behind smtpd's proxy filter refused a message,
// "END-OF-MESSAGE: 451 4.7.5 …; from=<…> …". smtpd itself has no queue id for it.
func (p *Syslog) proxyReject(text []byte, ev *Event) {
	stage, rest, ok := until(text, ": ")
	if !ok {
		return
	}
	ev.Kind, ev.Stage = KindRefused, stage
	ev.Text = ev.envelope(rest)
	ev.Temporary = temporary(ev.Text)
	ev.setMeaning(p.Words.Reply(ev.Text))
}

// envelope reads the fields at the end of a record of smtpd or cleanup, and
// returns the words before them:
//
//	4.7.5 DKIM key retrieval failed; from=<news@quartz-new.example> to=<u018@receiver.test> proto=ESMTP helo=<mail.quartz-new.example>
//
// The first two or all of the fields may be missing. Only one recipient is shown.
func (ev *Event) envelope(b []byte) (text []byte) {
	i := envelopeStart(b)
	if i < 0 {
		return b
	}
	text, b = b[:i], b[i+1:]
	if rest, ok := after(b, " from="); ok {
		if ev.Sender, b, ok = address(rest, " "); !ok {
			return text
		}
		ev.NullSender = len(ev.Sender) == 0
	}
	if rest, ok := after(b, " to="); ok {
		if ev.Addr, b, ok = address(rest, " "); !ok {
			return text
		}
	}
	if rest, ok := after(b, " proto="); ok {
		i := bytes.IndexByte(rest, ' ')
		if i < 0 {
			return text
		}
		b = rest[i:]
	}
	if rest, ok := after(b, " helo=<"); ok {
		if i := bytes.LastIndexByte(rest, '>'); i >= 0 {
			ev.Helo = rest[:i]
		}
	}
	return text
}

// envelopeStart is where the ";" stands that ends the words of a record. An
// address among the words may hold one between its quotes.
func envelopeStart(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '<':
			if end := quotedEnd(b, i+1); end > 0 {
				i = end
			}
		case ';':
			rest := b[i+1:]
			if bytes.HasPrefix(rest, []byte(" from=<")) || bytes.HasPrefix(rest, []byte(" to=<")) || bytes.HasPrefix(rest, []byte(" proto=")) {
				return i
			}
		}
	}
	return -1
}

// quotedEnd is where the quoted string ends that begins at b[at], or 0. No local
// part is longer than a line of SMTP.
func quotedEnd(b []byte, at int) int {
	if at >= len(b) || b[at] != '"' {
		return 0
	}
	for i := at + 1; i < min(len(b), at+1000); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return 0
}

// temporary reports whether a reply is a temporary one: by its code, or where
// cleanup has taken that off, by the enhanced code (RFC 3463). A reply with
// neither counts as permanent.
func temporary(reply []byte) bool {
	return len(reply) > 1 && reply[0] == '4' && (reply[1] == '.' || reply[1]-'0' <= 9)
}
