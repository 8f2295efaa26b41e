package parsers

import "bytes"

// deferred reads the rest of a deferral line:
//
//	2026-06-01 08:27:26 1wTxnw-0000JS-1R == u013@receiver.test R=content_filter T=filter_smtp defer (-46) H=127.0.0.26 [127.0.0.26]: SMTP error from remote mail server after pipelined end of data: 451-4.7.5 DKIM: public key record default._domainkey.acme-sf.example\n451 (currently?) unavailable
//	2026-06-01 13:05:41 1wTxoO-0000Sh-1R == unreach034@receiver.test R=unreach T=remote_smtp defer (111): Connection refused
//	2026-09-14 07:56:07 1x5zqj-000000002qA-2JGG == u036@receiver.test routing defer (-52) DT=0s: retry time not reached
//
// A positive number is the system's errno, a negative one Exim's (macros.h). From
// -51 down nothing was tried: no retry time yet, queue_domains, too many
// connections. What number means what has moved between versions, and since
// Exim 4.100 there is none:
//
//	2026-09-30 23:33:40 1xC3cf-000000000Ji-1GFk == u026@receiver.test R=content_filter T=filter_smtp defer H=127.0.0.26 [127.0.0.26]: SMTP error from remote mail server after pipelined end of data: 451-4.7.5 DKIM: …
//	2026-09-30 23:44:10 1xC3cl-000000000Li-33Od == unreach031@receiver.test R=unreach T=remote_smtp defer (Connection refused)
//	2026-09-30 23:45:02 1xC3ck-000000000Lu-0fHl == u026@receiver.test R=content_filter T=filter_smtp defer: retry time not reached for any host for 'receiver.test'
func (p *Exim) deferred(b []byte, ev *Event) {
	ev.Kind = KindDeferred
	target, top, b := cutTarget(b)
	ev.setRecipient(target, top)
	for {
		if len(b) == 0 {
			ev.Kind = KindMalformed
			return
		}
		if rest, ok := after(b, "defer"); ok && (len(rest) == 0 || rest[0] == ' ' || rest[0] == ':') {
			b = rest
			break
		}
		_, _, b = cutField(b)
	}
	var words []byte
	if number, ok := after(b, " ("); ok {
		number, b, _ = bytes.Cut(number, []byte(")"))
		digits, negative := after(number, "-")
		n, rest, _ := cutUint(digits)
		ev.NoAttempt = negative && n >= 51 && n <= 59
		if len(rest) > 0 || len(digits) == 0 {
			words = number
		}
	}
	reason, b := cutStrerror(b)
	if len(reason) == 0 {
		reason = words
	}
	if b = ev.skipToReason(b); len(b) > 0 {
		reason = b
	}
	if ev.NoAttempt = ev.NoAttempt || notTried(reason); ev.NoAttempt {
		ev.Text = reason
		return
	}
	p.reason(reason, ev)
}

// notTried reports whether Exim gives its own reason for not having tried.
func notTried(reason []byte) bool {
	return bytes.HasPrefix(reason, []byte("retry time not reached")) ||
		bytes.HasSuffix(reason, []byte("(and retry time not reached)"))
}

// cutStrerror cuts ": Connection refused" off, the system's words for an errno.
// If the reason follows at once, they are a part of it.
func cutStrerror(b []byte) (words, rest []byte) {
	words, ok := after(b, ": ")
	if !ok {
		return nil, b
	}
	for _, field := range [...]string{" H=", " DT="} {
		if i := bytes.Index(words, []byte(field)); i >= 0 && bytes.IndexByte(words[:i], ':') < 0 {
			return words[:i], words[i+1:]
		}
	}
	return words, nil
}

// skipToReason reads the fields before ": ", and returns what follows it.
func (ev *Event) skipToReason(b []byte) []byte {
	b = skipBlank(b)
	for len(b) > 0 {
		if rest, ok := after(b, ": "); ok {
			return rest
		}
		if rest, ok := after(b, "H="); ok {
			ev.Relay, ev.RelayIP, b = cutRelay(rest)
			continue
		}
		key, value, rest := cutField(b)
		if string(key) == "F" {
			ev.Sender, ev.NullSender = value, len(value) == 0
		}
		b = rest
	}
	return nil
}

// failed reads the rest of a line about an address that will bounce, in either
// style:
//
//	2026-06-01 08:34:36 1wTxx5-0000K5-2q ** reject035@receiver.test R=local T=lmtp_sink H=127.0.0.200 [127.0.0.200]: SMTP error from remote mail server after RCPT TO:<reject035@receiver.test>: 550 5.1.1 <reject035@receiver.test>: user unknown
//	2026-06-01 12:46:11 1wTxnw-0000JV-2D ** u018@receiver.test: retry timeout exceeded
func (p *Exim) failed(b []byte, ev *Event) {
	ev.Kind = KindFailed
	target, top, b := cutTarget(b)
	ev.setRecipient(target, top)
	reason := ev.skipToReason(b)
	if string(reason) == "retry timeout exceeded" {
		ev.NoAttempt = true
		ev.Text = reason
		return
	}
	p.reason(reason, ev)
}

// reason sets Text to a remote host's reply where b is one, else to b, and judges
// it.
func (p *Exim) reason(b []byte, ev *Event) {
	ev.Text = remoteReply(b, ev)
	ev.setMeaning(p.Words.Reply(ev.Text))
}

// remoteReply cuts what the smtp and lmtp transports put before a reply. The
// command in it may hold an address, which is no reason:
//
//	SMTP error from remote mail server after pipelined end of data: 451-4.7.5 DKIM: …
//	SMTP error from remote mail server after RCPT TO:<dkim@example.net>: 450 …
//	SMTP error from remote mail server after end of data: host 127.0.0.26 [127.0.0.26]: 451-4.7.5 …    (up to Exim 4.85)
//	LMTP error after DATA: 451 4.7.5 DKIM key lookup failure: …
//
// Where several servers were tried, the name of the command's host may follow.
func remoteReply(b []byte, ev *Event) []byte {
	command, ok := after(b, "SMTP error from remote mail server after ")
	if !ok {
		command, ok = after(b, "LMTP error after ")
	}
	if !ok {
		command, ok = after(b, "SMTP error from remote mailer after ")
	}
	if !ok {
		return b
	}
	command, _ = after(command, "pipelined ")
	for _, verb := range [...]string{"RCPT TO:", "MAIL FROM:"} {
		if path, ok := after(command, verb); ok {
			if _, tail, ok := cutAngle(path); ok {
				command = tail
			}
		}
	}
	reply, ok := after(command, ": ")
	if !ok {
		if _, reply, ok = until(command, ": "); !ok {
			return b
		}
	}
	if rest, ok := after(reply, "host "); ok {
		relay, ip, tail := cutRelay(rest)
		if tail, ok := after(tail, ": "); ok && ip != nil {
			ev.Relay, ev.RelayIP = relay, ip
			return tail
		}
	}
	return reply
}
