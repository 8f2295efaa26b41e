package parsers

import "bytes"

// delivery reads a delivery record, or a reply that stands on a line of its own
// because another server of the same domain is tried next.
//
//	to=<u031@receiver.test>, relay=127.0.0.26[127.0.0.26]:25, delay=641, delays=622/13/1.1/5.3, dsn=4.7.5, status=deferred (host 127.0.0.26[127.0.0.26] said: 451 4.7.5 DKIM key retrieval failed (in reply to end of DATA command))
//	to=<a@example.net>, orig_to=<info@example.net>, relay=mx.example.net[192.0.2.1]:25, conn_use=2, delay=1, delays=0/0/0/1, tls=may, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7EFEA19D9B)
//	host mx1.example.net[192.0.2.1] said: 451 4.7.5 DKIM key retrieval failed (in reply to end of DATA command)
//
// The order of fields is log_adhoc.c's; conn_use, delays, dsn (Postfix 2.3) and
// tls (3.11) may be missing. The reason is the last field and holds a stranger's
// words, so the status is the first one that follows fields in their order.
func (p *Syslog) delivery(daemon, text []byte, ev *Event) {
	rest, ok := after(text, "to=")
	if !ok {
		p.remoteReply(text, ev)
		return
	}
	ev.Kind = KindMalformed
	to, rest, ok := address(rest, ",")
	if !ok {
		return
	}
	if tail, ok := after(rest, ", orig_to="); ok {
		if ev.OrigAddr, rest, ok = address(tail, ","); !ok {
			return
		}
	}
	rest, ok = after(rest, ", relay=")
	if !ok {
		return
	}
	i := bytes.IndexByte(rest, ',')
	if i < 0 {
		return
	}
	relay := rest[:i]
	if rest, ok = after(rest[i:], ", "); !ok {
		return
	}
	status, reason, ok := deliveryStatus(rest)
	if !ok {
		return
	}
	switch string(status) {
	case "sent":
		ev.Kind, ev.Addr, ev.Text = KindDelivered, to, reason
		ev.setRelay(relay)
		if string(daemon) == "discard" {
			ev.Kind = KindDiscarded
		}
		ev.Related = nextHopID(reason)
		if ev.Related != nil {
			ev.Relation = RelationNextHop
		}
		return
	case "deferred", "SOFTBOUNCE":
		ev.Kind = KindDeferred
		reason, ev.NoAttempt = after(reason, "delivery temporarily suspended: ")
	case "bounced":
		ev.Kind = KindFailed
	default: // "deliverable" and "undeliverable" are about probes of an address: no mail
		ev.Kind, ev.OrigAddr = KindIgnored, nil
		return
	}
	ev.Addr, ev.Text = to, reason
	ev.setRelay(relay)
	if _, words, ok := hostSaid(reason); ok {
		ev.Text = words
	}
	ev.setMeaning(p.Words.Reply(ev.Text))
}

// deliveryStatus reads what follows the relay, up to the status, and the reason
// between its parentheses. A line that was cut has no closing one.
func deliveryStatus(b []byte) (status, reason []byte, ok bool) {
	b, _ = skipField(b, "conn_use=")
	if b, ok = skipField(b, "delay="); !ok {
		return nil, nil, false
	}
	for _, key := range [...]string{"delays=", "tls=", "dsn="} {
		b, _ = skipField(b, key)
	}
	if b, ok = after(b, "status="); !ok {
		return nil, nil, false
	}
	i := bytes.IndexByte(b, ' ')
	if i < 0 {
		return b, nil, true
	}
	status, reason = b[:i], b[i+1:]
	if reason, ok = after(reason, "("); !ok {
		return nil, nil, false
	}
	if n := len(reason) - 1; n >= 0 && reason[n] == ')' {
		reason = reason[:n]
	}
	return status, reason, true
}

// skipField skips "delays=622/13/1.1/5.3, ", if that is what b begins with.
func skipField(b []byte, key string) (rest []byte, ok bool) {
	tail, ok := after(b, key)
	if !ok {
		return b, false
	}
	i := bytes.IndexByte(tail, ',')
	if i < 0 || i+1 == len(tail) || tail[i+1] != ' ' {
		return b, false
	}
	return tail[i+2:], true
}

// remoteReply reads "host mx1.example.net[192.0.2.1] said: 451 4.7.5 …".
func (p *Syslog) remoteReply(text []byte, ev *Event) {
	host, words, ok := hostSaid(text)
	if !ok {
		return
	}
	ev.Kind, ev.Text = KindReply, words
	ev.setRelay(host)
	ev.setMeaning(p.Words.Reply(words))
}

// hostSaid takes the words of a remote server out of "host 127.0.0.26[127.0.0.26]
// said: 451 4.7.5 DKIM key retrieval failed (in reply to end of DATA command)".
func hostSaid(reason []byte) (host, words []byte, ok bool) {
	rest, ok := after(reason, "host ")
	if !ok {
		return nil, nil, false
	}
	host, rest, ok = until(rest, " ")
	if !ok {
		return nil, nil, false
	}
	words, ok = after(rest, "said: ")
	if !ok {
		return nil, nil, false
	}
	if i := bytes.LastIndex(words, []byte(" (in reply to ")); i >= 0 {
		words = words[:i]
	}
	return host, words, true
}

// nextHopID is the id under which the next server, or the local forwarding, has
// the message:
//
//	250 2.0.0 Ok: queued as 7EFEA19D9B
//	250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 7EFEA19D9B
//	250 OK id=1wOrEq-0000MW-19
//	forwarded as 7EFEA19D9B
func nextHopID(reason []byte) []byte {
	if id, ok := after(reason, "forwarded as "); ok && queueID(id) {
		return id
	}
	return acceptedAs(reason)
}

// setRelay sets the next hop, "mx.example.net[192.0.2.1]:25", "local", or
// "mx1[private/dovecot-lmtp]", which has no address.
func (ev *Event) setRelay(relay []byte) {
	ev.Relay = relay
	if _, addr, _, ok := peer(relay); ok && ipAddress(addr) {
		ev.RelayIP = addr
	}
}

// setMeaning sets what Text amounts to.
func (ev *Event) setMeaning(m Meaning) {
	ev.DKIM, ev.Cause, ev.Domain, ev.Selector = m.DKIM, m.Cause, m.Domain, m.Selector
}
