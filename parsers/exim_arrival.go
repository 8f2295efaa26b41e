package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// arrived reads the rest of an arrival line:
//
//	2026-11-21 19:28:53 1xUqlZ-000000000Ja-3E2F <= noreply@birch-wood.example H=mail.birch-wood.example [127.1.2.109] P=esmtp S=3355 DKIM=birch-wood.example id=exim-v4.99-default-000002.tova45@birch-wood.example
//	2026-03-28 21:36:21 1w6bKO-0001XR-1k <= <> R=1w5hxQ-0000Pv-29 U=Debian-exim P=local S=3165
//
// R= is the message that a bounce or a delay warning is about. DKIM= is the
// domain of the first signature that passed, and becomes the one of Sigs. What
// follows id= is the sender's own text, a subject for instance, and not read.
func (p *Exim) arrived(b []byte, ev *Event) {
	ev.Kind = KindArrived
	sender, b := cutAddress(b)
	if string(sender) == "<>" {
		ev.NullSender = true
	} else {
		ev.Sender = sender
	}
	var unsure bool
	for len(b) > 0 {
		if rest, ok := after(b, "H="); ok {
			var c eximClient
			if c, rest, ok = cutClient(rest); !ok {
				break
			}
			if c.unsure {
				return // nothing after this is certain
			}
			ev.ClientName, ev.ClientIP, ev.Helo, b = c.name, c.ip, c.helo, rest
			continue
		}
		if id, ok := messageIDField(b); ok {
			ev.MessageID, _ = cutAddress(id)
			break
		}
		var key, value []byte
		key, value, b = cutField(b)
		switch string(key) {
		case "P":
			ev.Local = ev.Local || localProtocol(value)
		case "A":
			ev.Local = true
		case "R":
			if eximIDLen(value) == len(value) && len(value) > 0 {
				ev.Related, ev.Relation = value, RelationBounceOf
			}
		case "S":
			if ev.Size != 0 {
				unsure = true // fields that an ident or a certificate made up
			}
			if n, rest, ok := cutUint(value); ok && len(rest) == 0 {
				ev.Size = n
			}
		case "DN", "SNI":
			unsure = unsure || quotedAgain(b)
		case "DKIM":
			ev.Sigs = append(ev.Sigs, Signature{Domain: value, Result: dkim.ResultPass})
		case "T":
			b = nil
		}
	}
	if unsure {
		ev.Size, ev.Local, ev.MessageID, ev.Sigs = 0, false, nil, ev.Sigs[:0]
	}
}

// messageIDField cuts "id=" off, or "id*=" where Exim made the Message-ID.
func messageIDField(b []byte) (id []byte, ok bool) {
	if len(b) < 4 || b[0] != 'i' {
		return b, false
	}
	if id, ok = after(b, "id="); ok {
		return id, true
	}
	return after(b, "id*=")
}

// localProtocol reports whether P= says that the message was submitted here or
// by an authenticated user: "local", "local-smtp", "esmtpsa".
func localProtocol(b []byte) bool {
	if _, ok := after(b, "local"); ok {
		return true
	}
	return len(b) > 0 && b[len(b)-1] == 'a' && bytes.Contains(b, []byte("smtp"))
}

// quotedAgain reports whether b, which follows a quoted field, has another quote
// that one of the fields after DN= follows. A certificate's name may hold quotes,
// and Exim does not mark them.
func quotedAgain(b []byte) bool {
	for {
		i := bytes.Index(b, []byte(`" `))
		if i < 0 {
			return false
		}
		b = b[i+2:]
		for _, next := range [...]string{"S=", "A=", "SNI=", "PRDR", "PRX=", "K "} {
			if _, ok := after(b, next); ok {
				return true
			}
		}
	}
}
