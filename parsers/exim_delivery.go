package parsers

import "bytes"

// delivered reads the rest of a delivery line:
//
//	2026-11-21 19:41:12 1xUqxS-0000JR-3A => u014@receiver.test R=local T=lmtp_sink H=127.0.0.200 [127.0.0.200] C="250 2.0.0 <u014@receiver.test> delivered"
//	2026-11-21 19:26:53 1xUqjd-0000W7-0t => u047 <u047@receiver.test> R=local_user T=maildir_home
//
// Text is the reply. The id that the next host gave the message is Related.
// DKIM= says what we signed it with, pairs of domain and selector, and becomes
// Sigs; it is no verifier's word.
func delivered(b []byte, ev *Event) {
	ev.Kind = KindDelivered
	target, top, b := cutTarget(b)
	ev.setRecipient(target, top)
	for len(b) > 0 {
		if rest, ok := after(b, "H="); ok {
			ev.Relay, ev.RelayIP, b = cutRelay(rest)
			continue
		}
		var key, value []byte
		key, value, b = cutField(b)
		switch string(key) {
		case "F":
			ev.Sender, ev.NullSender = value, len(value) == 0
		case "DKIM":
			signedWith(value, ev)
		case "C":
			ev.Text = value
			if id := acceptedAs(value); id != nil {
				ev.Related, ev.Relation = id, RelationNextHop
			}
		}
	}
}

// setRecipient sets Addr and OrigAddr. Local deliveries may log the local part
// alone, "u047 <u047@receiver.test>"; the whole address is Addr then, as it is on
// the lines of the attempts before.
func (ev *Event) setRecipient(target, top []byte) {
	if len(top) > len(target) && top[len(target)] == '@' && bytes.EqualFold(top[:len(target)], target) {
		target, top = top, nil
	}
	ev.Addr, ev.OrigAddr = target, top
}

// cutTarget cuts whom a line is about and the blank after it: an address, or a
// file, pipe or reply that stands for one, with the address before aliasing in
// angle brackets and those between in parentheses:
//
//	u010@receiver.test
//	a@example.net (list@example.net) <all@example.com>
//	|/usr/bin/vacation -a "x y" <u007@receiver.test>
//
// A colon that begins a reason stays in rest.
func cutTarget(b []byte) (target, top, rest []byte) {
	if len(b) > 0 && (b[0] == '|' || b[0] == '/' || b[0] == '>') {
		if target, top, rest, ok := cutPipe(b); ok {
			return target, top, rest
		}
	}
	target, rest = cutAddress(b)
	if n := len(target); n > 1 && target[n-1] == ':' {
		return target[:n-1], nil, b[n-1:]
	}
	if len(rest) > 0 && rest[0] == '(' {
		if _, tail, ok := until(rest, ") "); ok {
			rest = tail
		}
	}
	if inner, tail, ok := cutAngle(rest); ok {
		top, rest = inner, tail
	}
	return target, top, rest
}

// cutPipe is cutTarget for commands and files, which may hold anything: they end
// where an address in angle brackets and then a field, a reason or nothing
// follows.
func cutPipe(b []byte) (target, top, rest []byte, ok bool) {
	for from := 0; ; from++ {
		i := bytes.Index(b[from:], []byte(" <"))
		if i < 0 {
			return nil, nil, b, false
		}
		from += i
		top, rest, ok := cutAngle(b[from+1:])
		if !ok || !fieldFollows(rest) || plainAddress(top) && bytes.ContainsAny(top, " <") {
			continue
		}
		target = b[:from]
		if j := bytes.LastIndex(target, []byte(" (")); j > 0 && target[from-1] == ')' {
			target = target[:j]
		}
		return target, top, rest, true
	}
}

func fieldFollows(b []byte) bool {
	if len(b) == 0 || b[0] == ':' {
		return true
	}
	for _, f := range [...]string{"R=", "T=", "F=<", "P=<", "Q=", "routing", "defer ("} {
		if _, ok := after(b, f); ok {
			return true
		}
	}
	return false
}

// signedWith reads "d1:s1:d2:s2", the keys that we signed with.
func signedWith(b []byte, ev *Event) {
	for len(b) > 0 {
		var domain, selector []byte
		domain, b, _ = bytes.Cut(b, []byte(":"))
		selector, b, _ = bytes.Cut(b, []byte(":"))
		ev.Sigs = append(ev.Sigs, Signature{Domain: domain, Selector: selector})
	}
}

// acceptedAs finds the id in the next host's "250 OK id=1w5iDz-00018k-0S", as Exim
// answers, or "250 2.0.0 Ok: queued as EB392178D4", as Postfix does. Another host
// may say what it likes; nothing but the relation depends on it.
func acceptedAs(reply []byte) []byte {
	if _, rest, ok := until(reply, " OK id="); ok {
		if n := eximIDLen(rest); n > 0 {
			return rest[:n]
		}
	}
	if _, rest, ok := until(reply, " queued as "); ok {
		n := 0
		for n < len(rest) && base62[rest[n]] != 0 {
			n++
		}
		if n >= 6 {
			return rest[:n]
		}
	}
	return nil
}

// discarded reads the lines that begin as a delivery does and are none:
//
//	1xUqlZ-000000000Ja-3E2F => blackhole (DATA ACL discarded recipients: looks like spam)
//	1xUqlZ-000000000Ja-3E2F => :blackhole: <nobody@receiver.test> R=system_aliases
//	1xUqlZ-000000000Ja-3E2F => discarded (system filter)
//	1xUqlZ-000000000Ja-3E2F => discarded <u010@receiver.test> R=userforward
func discarded(b []byte, ev *Event) bool {
	rest, ok := after(b, "blackhole ")
	if !ok {
		rest, ok = after(b, ":blackhole: ")
	}
	if !ok {
		rest, ok = after(b, "discarded ")
	}
	if !ok || len(rest) == 0 || rest[0] != '(' && rest[0] != '<' {
		return false
	}
	ev.Kind = KindDiscarded
	if addr, _, ok := cutAngle(rest); ok {
		ev.Addr = addr
		return true
	}
	ev.Text = bytes.TrimSuffix(rest[1:], []byte(")"))
	return true
}
