package loggen

import "strings"

// eximWords is what Exim writes about a signature whose key has a fault:
// the bracket, and the reason that an ACL sees.
var eximWords = map[fault]struct{ bracket, reason string }{
	faultMissing: {"invalid - public key record (currently?) unavailable", "pubkey_unavailable"},
	faultDNS:     {"invalid - public key record (currently?) unavailable", "pubkey_unavailable"},
	faultRecord:  {"invalid - syntax error in public key record", "pubkey_dns_syntax"},
}

// eximOther is what becomes of a few signatures that have a key.
var eximOther = []string{
	"verification failed - body hash mismatch (body probably modified in transit)",
	"verification failed - signature did not verify (headers probably modified in transit)",
	"invalid - signature tag missing or invalid",
}

// eximID makes a message id of now.
func (g *generator) eximID() string {
	g.pid = (g.pid+1+g.rng.IntN(37))%4_000_000 + 300
	sec := base62(uint64(g.now.Unix()), 6)
	if g.opts.MTA == EximOld {
		return sec + "-" + base62(uint64(g.pid), 6) + "-" + base62(g.rng.Uint64N(62*62), 2)
	}
	return sec + "-" + base62(uint64(g.pid), 11) + "-" + base62(g.rng.Uint64N(1_000_000), 4)
}

// exim plans the lines of one message.
func (g *generator) exim(m *message) {
	switch {
	case g.chance(g.opts.Trouble):
		g.eximTrouble(m)
	case g.chance(0.4):
		g.eximOutbound(m)
	default:
		g.eximInbound(m)
	}
}

// eximTrouble: a signature whose key cannot be had. Most such mail is taken all
// the same; some is refused, and some kept waiting by the content filter.
func (g *generator) eximTrouble(m *message) {
	id, from := g.eximID(), g.brokenSender()
	words := eximWords[from.fault]
	host, ip := "mail."+from.domain, g.ip()
	g.add(m, 1, 10, markTrouble, "%s DKIM: d=%s s=%s [failed key import]", id, from.domain, from.selector)
	g.eximSignature(m, id, from, words.bracket)
	switch p := g.rng.Float64(); {
	case p < 0.15:
		g.add(m, 0, 0.01, markRefused, "%s H=%s [%s]:%d temporarily rejected DKIM : DKIM key lookup failure d=%s s=%s reason=%s",
			id, host, ip, g.port(), from.domain, from.selector, words.reason)
	case p < 0.20:
		g.add(m, 0, 0.01, markRefused, "%s H=%s [%s]:%d rejected DKIM : DKIM Invalid: signer=%s status=invalid reason=%s",
			id, host, ip, g.port(), from.domain, words.reason)
	case p < 0.25:
		to := g.recipients(g.pick(g.world.ours))
		g.eximArrival(m, id, from, ip, "", to)
		g.eximHeld(m, id, from, to)
	default:
		to := g.recipients(g.pick(g.world.ours))
		g.eximArrival(m, id, from, ip, "", to)
		g.eximLocal(m, id, to)
	}
}

// eximHeld: the content filter refuses for now, at each retry.
func (g *generator) eximHeld(m *message, id string, from signer, to []string) {
	const filter = "H=filter.example.org [192.0.2.26]"
	said := "SMTP error from remote mail server after pipelined end of data: 451-4.7.5 DKIM: public key record " +
		from.selector + "._domainkey." + from.domain + `\n451 (currently?) unavailable`
	for try := range 1 + g.rng.IntN(12) {
		wait := 0.5
		if try > 0 {
			wait = 900
		}
		g.add(m, wait, wait*1.3, markNone, "%s %s: %s", id, filter, said)
		for i, r := range to {
			mk := markNone
			if i == len(to)-1 {
				mk = markDeferred
			}
			g.add(m, 0, 0.001, mk, "%s == %s R=content_filter T=filter_smtp defer (-46) %s: %s", id, r, filter, said)
		}
	}
	g.eximLocal(m, id, to)
}

// eximInbound: mail from outside, with one signature, two or none.
func (g *generator) eximInbound(m *message) {
	id, from, ip := g.eximID(), g.sender(), g.ip()
	to := g.recipients(g.pick(g.world.ours))
	if g.chance(0.003) {
		g.add(m, 0.1, 2, markRefused, "%s H=mail.%s [%s]:%d X=%s CV=no F=<%s@%s> rejected after DATA: This message scored %d.%d spam points.",
			id, from.domain, ip, g.port(), g.pick(ciphers), g.pick(locals), from.domain, 8+g.rng.IntN(20), g.rng.IntN(10))
		return
	}
	passed := ""
	if !g.chance(0.1) {
		bracket := "verification succeeded"
		if g.chance(1.0 / 60) {
			bracket = g.pick(eximOther)
		} else {
			passed = from.domain
		}
		g.eximSignature(m, id, from, bracket)
		if g.chance(0.3) {
			g.eximSignature(m, id, signer{domain: "mailer-" + g.pick(words) + ".example", selector: "k1"}, "verification succeeded")
		}
	}
	g.eximArrival(m, id, from, ip, passed, to)
	g.eximLocal(m, id, to)
}

// eximOutbound: our users' mail, some of it greylisted, some refused.
func (g *generator) eximOutbound(m *message) {
	id, to := g.eximID(), g.recipients(g.sender().domain)
	our := g.pick(g.world.ours)
	user := g.pick(locals) + "@" + our
	if g.chance(0.15) {
		g.add(m, 0.05, 1, markNone, "%s <= www-data@%s U=www-data P=local S=%d id=E%s@%s for %s", id, our, g.size(), id, our, strings.Join(to, " "))
	} else {
		g.add(m, 0.05, 1, markNone, "%s <= %s H=([192.168.%d.%d]) [%s]:%d P=esmtpsa X=%s CV=no SNI=mail.%s A=dovecot_login:%s S=%d id=%s for %s",
			id, user, g.rng.IntN(255), g.rng.IntN(255), g.ip(), g.port(), g.pick(ciphers), our, user, g.size(), g.messageID(our), strings.Join(to, " "))
	}
	_, domain, _ := strings.Cut(to[0], "@")
	mx, ip := "mx1."+domain, g.ip()
	if g.chance(0.08) {
		g.add(m, 1, 25, markDeferred, "%s == %s R=dnslookup T=remote_smtp defer (-44) H=%s [%s]:25 X=%s CV=yes: SMTP error from remote mail server after RCPT TO:<%s>: 450 4.2.0 <%s>: Recipient address rejected: Greylisted",
			id, to[0], mx, ip, g.pick(ciphers), to[0], to[0])
		g.add(m, 300, 900, markNone, "%s H=%s [%s] Connection timed out", id, mx, ip)
	}
	for i, r := range to {
		switch {
		case g.chance(0.03):
			g.add(m, 0.2, 20, markNone, "%s ** %s R=dnslookup T=remote_smtp H=%s [%s]:25 X=%s CV=yes: SMTP error from remote mail server after RCPT TO:<%s>: 550 5.1.1 <%s>: Recipient address rejected: User unknown in virtual mailbox table",
				id, r, mx, ip, g.pick(ciphers), r, r)
		default:
			g.add(m, 0.2, 25, markNone, `%s %s %s R=dnslookup T=remote_smtp H=%s [%s]:25 X=%s CV=yes DKIM=%s:mail C="250 2.0.0 OK  %d %s - queued" QT=%.3fs DT=%.3fs`,
				id, eximArrow(i), r, mx, ip, g.pick(ciphers), our, g.now.Unix(), base62(g.rng.Uint64(), 11), g.rng.Float64()*9, g.rng.Float64()*5)
		}
	}
	g.add(m, 0, 0.02, markCompleted, "%s Completed QT=%.3fs", id, g.rng.Float64()*30)
}

// eximSignature plans the verdict on one signature.
func (g *generator) eximSignature(m *message, id string, s signer, bracket string) {
	algorithm, bits := "rsa-sha256", []int{2048, 2048, 1024}[g.rng.IntN(3)]
	if g.chance(0.08) {
		algorithm, bits = "ed25519-sha256", 512
	}
	identity := ""
	if g.chance(0.3) {
		identity = " i=@" + s.domain
	}
	g.add(m, 0.02, 0.2, markNone, "%s DKIM: d=%s s=%s c=relaxed/%s a=%s b=%d%s t=%d [%s]",
		id, s.domain, s.selector, g.pick([]string{"relaxed", "simple"}), algorithm, bits, identity, g.now.Unix()-g.rng.Int64N(20), bracket)
}

// eximArrival plans the "<=" line of mail from outside.
func (g *generator) eximArrival(m *message, id string, from signer, ip, passed string, to []string) {
	if passed != "" {
		passed = " DKIM=" + passed
	}
	g.add(m, 0.01, 0.3, markNone, "%s <= %s@%s H=mail.%s (mail.%s) [%s]:%d P=esmtps X=%s CV=no S=%d%s id=%s for %s",
		id, g.pick(locals), from.domain, from.domain, from.domain, ip, g.port(), g.pick(ciphers), g.size(), passed, g.messageID(from.domain), strings.Join(to, " "))
}

// eximLocal plans the delivery to our mailboxes.
func (g *generator) eximLocal(m *message, id string, to []string) {
	for i, r := range to {
		box, _, _ := strings.Cut(r, "@")
		g.add(m, 0.01, 12, markNone, `%s %s %s <%s> R=virtual_user T=dovecot_lmtp C="250 2.0.0 <%s> %s Saved" QT=%.3fs DT=0.0%ds`,
			id, eximArrow(i), box, r, r, base62(g.rng.Uint64(), 11), g.rng.Float64()*3, g.rng.IntN(10))
	}
	g.add(m, 0, 0.02, markCompleted, "%s Completed QT=%.3fs", id, g.rng.Float64()*30)
}

// eximArrow is the flag of a delivery's i-th address.
func eximArrow(i int) string {
	if i == 0 {
		return "=>"
	}
	return "->"
}

// eximNoise returns a line that belongs to no message.
func (g *generator) eximNoise() []byte {
	ip, port, domain := g.ip(), g.port(), g.sender().domain
	switch g.rng.IntN(12) {
	case 0, 1, 2:
		return appendf("no host name found for IP address %s", ip)
	case 3, 4:
		return appendf("H=(win-%s) [%s]:%d F=<%s@%s> rejected RCPT <%s@%s>: Unrouteable address",
			g.pick(words), ip, port, g.pick(locals), domain, g.pick(locals), g.pick(g.world.ours))
	case 5:
		return appendf("TLS error on connection from [%s]:%d (SSL_accept): error:0A000102:SSL routines::unsupported protocol", ip, port)
	case 6, 7:
		return appendf("dovecot_login authenticator failed for (User) [%s]:%d: 535 Incorrect authentication data (set_id=%s@%s)",
			ip, port, g.pick(locals), g.pick(g.world.ours))
	case 8:
		return appendf("SMTP connection from [%s]:%d (TCP/IP connection count = %d)", ip, port, 1+g.rng.IntN(90))
	case 9:
		return appendf("unexpected disconnection while reading SMTP command from mail.%s [%s]:%d D=%dm%ds", domain, ip, port, g.rng.IntN(5), g.rng.IntN(60))
	case 10:
		return appendf(`H=mail.%s [%s]:%d temporarily rejected connection in "connect" ACL: host is listed in dnsbl.example`, domain, ip, port)
	}
	return appendf("Start queue run: pid=%d", 1000+g.rng.IntN(90000))
}
