package parsers

import "bytes"

// postfix reads the text that a Postfix daemon wrote:
//
//	Nov 21 19:56:23 mx1 postfix/submission/smtpd[1307]: EB392178D4: client=mail.bistro-nova.example[127.1.1.42]
//
// instance is the first part of the program's name, daemon the last one. What
// stands between them names a service of master.cf; the words are the daemon's
// wherever it serves.
func (p *Syslog) postfix(instance, daemon, text []byte, ev *Event) {
	if !postfixDaemon(daemon) {
		return
	}
	ev.Program = ProgramPostfix
	if string(instance) != "postfix" {
		ev.Instance = instance
	}
	id, rest, ok := cutQueueID(text)
	if !ok {
		p.postfixNoID(text, ev)
		return
	}
	ev.ID = id
	switch string(daemon) {
	case "qmgr", "oqmgr", "nqmgr":
		p.qmgr(rest, ev)
	case "smtp", "lmtp", "local", "virtual", "pipe", "error", "retry", "discard":
		p.delivery(daemon, rest, ev)
	case "cleanup":
		p.cleanup(rest, ev)
	case "smtpd":
		p.smtpd(rest, ev)
	case "pickup":
		pickup(rest, ev)
	case "bounce":
		bounce(rest, ev)
	case "postsuper":
		postsuper(rest, ev)
	}
}

// postfixDaemon reports whether name is a Postfix program whose lines say
// something of messages. The others (anvil, scache, postscreen, master, …) are
// passed over.
func postfixDaemon(name []byte) bool {
	switch string(name) {
	case "smtpd", "cleanup", "qmgr", "oqmgr", "nqmgr", "smtp", "lmtp", "local", "virtual", "pipe", "error", "retry",
		"discard", "pickup", "bounce", "postsuper":
		return true
	}
	return false
}

// postfixNoID reads a text that does not begin with a queue id: warnings about
// milters, and what smtpd did with a message that the next server has to judge.
//
//	warning: connect to Milter service inet:127.0.0.1:8891: Connection refused
//	warning: milter inet:127.0.0.1:8891: can't read SMFIC_BODYEOB reply packet header: Success
//	proxy-reject: END-OF-MESSAGE: 451 4.7.5 Unable to verify signature; from=<a@example.com> to=<b@example.net> proto=ESMTP helo=<mx.example.com>
func (p *Syslog) postfixNoID(text []byte, ev *Event) {
	if rest, ok := after(text, "proxy-reject: "); ok {
		p.proxyReject(rest, ev)
		return
	}
	if bytes.HasPrefix(text, []byte("NOQUEUE: ")) {
		p.policy(text[len("NOQUEUE: "):], ev)
		return
	}
	colon := bytes.IndexByte(text, ':')
	if colon < 0 {
		return
	}
	switch string(text[:colon]) {
	case "warning", "error", "fatal", "panic":
	default:
		return
	}
	rest, _ := after(text[colon+1:], " ")
	if !bytes.HasPrefix(rest, []byte("connect to Milter service ")) && !bytes.HasPrefix(rest, []byte("milter ")) {
		return
	}
	m := p.Words.Milter(rest)
	if !m.Cause.Verifier() {
		return
	}
	ev.Kind, ev.Text, ev.Cause = KindVerifier, rest, m.Cause
}

// cutQueueID takes the queue id and the ": " after it off the front of text.
// "NOQUEUE" is none.
func cutQueueID(text []byte) (id, rest []byte, ok bool) {
	i := bytes.IndexByte(text, ':')
	if i < 6 || i+1 >= len(text) || text[i+1] != ' ' || !queueID(text[:i]) {
		return nil, text, false
	}
	return text[:i], text[i+2:], true
}

// queueID reports whether b is a Postfix queue id: short, of microseconds and
// inode in upper-case hexadecimal ("EB392178D4"), or long, of digits and
// consonants, ten or more for the time, a "z", and the inode without one
// ("4jX2v811XNzXh1", "4jX2v958yzzXkD"); src/global/mail_queue.h, Postfix 3.12.
func queueID(b []byte) bool {
	if len(b) < 6 || len(b) > 64 {
		return false
	}
	short := true
	for _, c := range b {
		if c-'0' > 9 && c-'A' > 5 {
			short = false
			break
		}
	}
	if short {
		return true
	}
	z := bytes.LastIndexByte(b, 'z')
	if z < 10 || z == len(b)-1 {
		return false
	}
	for _, c := range b {
		if c-'0' <= 9 {
			continue
		}
		switch c | 0x20 {
		case 'a', 'e', 'i', 'o', 'u':
			return false
		}
		if c|0x20-'a' > 25 {
			return false
		}
	}
	return true
}
