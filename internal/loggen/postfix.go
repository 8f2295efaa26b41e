package loggen

import (
	"fmt"
	"strings"
)

// openDKIMWords is the end of OpenDKIM's line about a key that has a fault; %s
// is the name of the key record. A broken record is told by its result only.
var openDKIMWords = map[fault]string{
	faultMissing: ": '%s' record not found",
	faultDNS:     ": '%s' query timed out",
}

// queueID makes a long Postfix queue id of now (enable_long_queue_ids = yes);
// number stands for the inode.
func (g *generator) queueID(number int64) string {
	const digits = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz" // base 52
	var id [15]byte
	encode := func(b []byte, v, base uint64) {
		for i := len(b) - 1; i >= 0; i-- {
			b[i] = digits[v%base]
			v /= base
		}
	}
	encode(id[:6], uint64(g.now.Unix()), 52)
	encode(id[6:10], uint64(g.now.Nanosecond()/1000), 52)
	id[10] = 'z'
	encode(id[11:], uint64(number), 51) // which has no "z"
	return string(id[:])
}

// session is one smtpd session with its message.
type session struct {
	id, service, host, ip string
	pid                   int
}

// postfix plans the lines of one message.
func (g *generator) postfix(m *message) {
	switch {
	case g.chance(g.opts.Trouble):
		g.postfixTrouble(m)
	case g.chance(0.4):
		g.postfixOutbound(m)
	default:
		from := g.sender()
		s := g.connect(m, "postfix/smtpd", "mail."+from.domain, "", from.domain)
		g.openDKIM(m, s.id, from)
		to := g.recipients(g.pick(g.world.ours))
		g.queued(m, s, g.pick(locals)+"@"+from.domain, to)
		g.postfixLocal(m, s.id, to)
	}
}

// postfixTrouble: a signature whose key cannot be had. Most such mail is taken
// all the same; some is refused by the milter, some by the content filter.
func (g *generator) postfixTrouble(m *message) {
	from := g.brokenSender()
	s := g.connect(m, "postfix/smtpd", "mail."+from.domain, "", from.domain)
	sender, to := g.pick(locals)+"@"+from.domain, g.recipients(g.pick(g.world.ours))
	if words, ok := openDKIMWords[from.fault]; ok {
		g.add(m, 1, 10, markTrouble, "opendkim[777]: %s: key retrieval failed (s=%s, d=%s)"+words,
			s.id, from.selector, from.domain, from.selector+"._domainkey."+from.domain)
	} else {
		g.add(m, 0.1, 1, markTrouble, `opendkim[777]: %s: signature=%s domain=%s selector=%s result="unknown key version"`,
			s.id, base62(g.rng.Uint64(), 8), from.domain, from.selector)
	}
	refuse := func(words string) {
		g.add(m, 0, 0.01, markRefused, "postfix/cleanup[3007]: %s: milter-reject: END-OF-MESSAGE from %s[%s]: %s; from=<%s> to=<%s> proto=ESMTP helo=<%s>",
			s.id, s.host, s.ip, words, sender, to[0], s.host)
	}
	switch p := g.rng.Float64(); {
	case p < 0.20:
		refuse("4.7.5 DKIM key retrieval failed")
	case p < 0.24:
		refuse("5.7.0 DKIM key retrieval failed")
	case p < 0.29:
		g.queued(m, s, sender, to)
		g.postfixHeld(m, s.id, sender, to)
	default:
		g.queued(m, s, sender, to)
		g.postfixLocal(m, s.id, to)
	}
}

// postfixHeld: the content filter refuses for now, at each retry.
func (g *generator) postfixHeld(m *message, id, sender string, to []string) {
	for try := range 1 + g.rng.IntN(10) {
		if try > 0 {
			g.add(m, 900, 1200, markNone, "postfix/qmgr[1111]: %s: from=<%s>, size=%d, nrcpt=%d (queue active)", id, sender, 4321, len(to))
		}
		for i, r := range to {
			mk := markNone
			if i == len(to)-1 {
				mk = markDeferred
			}
			g.add(m, 0.1, 1, mk, "postfix/smtp[%d]: %s: to=<%s>, relay=192.0.2.26[192.0.2.26]:25, delay=%d, delays=%d/0.02/0.01/0.4, dsn=4.7.5, status=deferred (host 192.0.2.26[192.0.2.26] said: 451 4.7.5 DKIM key retrieval failed (in reply to end of DATA command))",
				g.worker(), id, r, 1+1000*try, 1000*try)
		}
	}
	g.postfixLocal(m, id, to)
}

// postfixOutbound: our users' mail, signed, some of it greylisted.
func (g *generator) postfixOutbound(m *message) {
	our := g.pick(g.world.ours)
	sender, to := g.pick(locals)+"@"+our, g.recipients(g.sender().domain)
	s := g.connect(m, "postfix/submission/smtpd", "unknown", ", sasl_method=PLAIN, sasl_username="+sender, our)
	g.add(m, 0.01, 0.1, markNone, "opendkim[777]: %s: DKIM-Signature field added (s=mail, d=%s)", s.id, our)
	g.queued(m, s, sender, to)
	_, domain, _ := strings.Cut(to[0], "@")
	mx := fmt.Sprintf("mx1.%s[%s]:25", domain, g.ip())
	for _, r := range to {
		if g.chance(0.08) {
			g.add(m, 1, 25, markDeferred, "postfix/smtp[%d]: %s: to=<%s>, relay=%s, delay=2.3, delays=0.1/0.01/1.9/0.3, dsn=4.2.0, status=deferred (host %s said: 450 4.2.0 <%s>: Recipient address rejected: Greylisted (in reply to RCPT TO command))",
				g.worker(), s.id, r, mx, strings.TrimSuffix(mx, ":25"), r)
			g.add(m, 300, 900, markNone, "postfix/qmgr[1111]: %s: from=<%s>, size=%d, nrcpt=%d (queue active)", s.id, sender, 4321, len(to))
		}
		g.add(m, 0.2, 25, markNone, "postfix/smtp[%d]: %s: to=<%s>, relay=%s, delay=%.1f, delays=%.2f/0.01/%.2f/%.2f, dsn=2.0.0, status=sent (250 2.0.0 OK  %d %s - queued)",
			g.worker(), s.id, r, mx, g.rng.Float64()*9, g.rng.Float64(), g.rng.Float64(), g.rng.Float64(), g.now.Unix(), base62(g.rng.Uint64(), 11))
	}
	g.add(m, 0, 0.02, markCompleted, "postfix/qmgr[1111]: %s: removed", s.id)
}

// connect plans a session up to the Message-ID.
func (g *generator) connect(m *message, service, host, sasl, domain string) session {
	s := session{id: g.queueID(m.number), service: service, host: host, ip: g.ip(), pid: 2000 + g.rng.IntN(300)}
	g.add(m, 0.02, 0.5, markNone, "%s[%d]: connect from %s[%s]", service, s.pid, host, s.ip)
	if g.chance(0.5) {
		g.add(m, 0.01, 0.1, markNone, "%s[%d]: Anonymous TLS connection established from %s[%s]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256",
			service, s.pid, host, s.ip)
	}
	g.add(m, 0.01, 0.2, markNone, "%s[%d]: %s: client=%s[%s]%s", service, s.pid, s.id, host, s.ip, sasl)
	g.add(m, 0.01, 0.1, markNone, "postfix/cleanup[%d]: %s: message-id=<%s>", 3000+g.rng.IntN(100), s.id, g.messageID(domain))
	return s
}

// openDKIM plans what the verifier says of a message that has a key.
func (g *generator) openDKIM(m *message, id string, from signer) {
	switch {
	case g.chance(0.1):
		g.add(m, 0.01, 0.1, markNone, "opendkim[777]: %s: no signature data", id)
	case g.chance(1.0 / 60):
		g.add(m, 0.01, 0.1, markNone, "opendkim[777]: %s: s=%s d=%s a=rsa-sha256 SSL error:0200008A:rsa routines::invalid padding", id, from.selector, from.domain)
		g.add(m, 0, 0.001, markNone, "opendkim[777]: %s: bad signature data", id)
	default:
		g.add(m, 0.01, 0.1, markNone, "opendkim[777]: %s: DKIM verification successful", id)
		g.add(m, 0, 0.001, markNone, "opendkim[777]: %s: s=%s d=%s a=rsa-sha256 SSL ", id, from.selector, from.domain)
	}
}

// queued plans the arrival in the queue and the end of the session.
func (g *generator) queued(m *message, s session, sender string, to []string) {
	g.add(m, 0.01, 0.1, markNone, "postfix/qmgr[1111]: %s: from=<%s>, size=%d, nrcpt=%d (queue active)", s.id, sender, g.size(), len(to))
	g.add(m, 0.01, 0.1, markNone, "%s[%d]: disconnect from %s[%s] ehlo=2 starttls=1 mail=1 rcpt=%d data=1 quit=1 commands=%d",
		s.service, s.pid, s.host, s.ip, len(to), 6+len(to))
}

// postfixLocal plans the delivery to our mailboxes.
func (g *generator) postfixLocal(m *message, id string, to []string) {
	for _, r := range to {
		g.add(m, 0.02, 12, markNone, "postfix/lmtp[%d]: %s: to=<%s>, relay=mail.example.org[private/dovecot-lmtp], delay=%.2f, delays=%.2f/0.01/0.02/%.2f, dsn=2.0.0, status=sent (250 2.0.0 <%s> %s Saved)",
			g.worker(), id, r, g.rng.Float64(), g.rng.Float64(), g.rng.Float64(), r, base62(g.rng.Uint64(), 11))
	}
	g.add(m, 0, 0.02, markCompleted, "postfix/qmgr[1111]: %s: removed", id)
}

// worker is the process id of a delivery agent.
func (g *generator) worker() int { return 4000 + g.rng.IntN(400) }

// postfixNoise returns a line that belongs to no message.
func (g *generator) postfixNoise() []byte {
	ip, pid := g.ip(), 2000+g.rng.IntN(300)
	switch g.rng.IntN(6) {
	case 0:
		return appendf("postfix/smtpd[%d]: connect from unknown[%s]", pid, ip)
	case 1:
		return appendf("postfix/smtpd[%d]: lost connection after AUTH from unknown[%s]", pid, ip)
	case 2:
		return appendf("postfix/smtpd[%d]: disconnect from unknown[%s] ehlo=1 auth=0/1 commands=1/2", pid, ip)
	case 3:
		return appendf("postfix/smtpd[%d]: NOQUEUE: reject: RCPT from unknown[%s]: 554 5.7.1 <%s@%s>: Relay access denied; from=<%s@%s> to=<%s@%s> proto=ESMTP helo=<win-%s>",
			pid, ip, g.pick(locals), g.sender().domain, g.pick(locals), g.sender().domain, g.pick(locals), g.sender().domain, g.pick(words))
	case 4:
		return appendf("postfix/smtpd[%d]: warning: unknown[%s]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=%s", pid, ip, g.pick(locals))
	}
	return appendf("postfix/anvil[%d]: statistics: max connection rate %d/60s for (smtp:%s) at Mar  1 00:00:00", 5000+g.rng.IntN(50), g.rng.IntN(30), ip)
}

func appendf(format string, args ...any) []byte { return fmt.Appendf(nil, format, args...) }
