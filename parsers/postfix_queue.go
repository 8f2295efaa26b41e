package parsers

import "bytes"

// smtpd reads what the SMTP server says of a queue entry.
//
//	client=mail.bistro-nova.example[127.1.1.42]
//	client=unknown[192.0.2.7]:51034, sasl_method=PLAIN, sasl_username=anna@example.com
//	client=localhost[127.0.0.1], orig_queue_id=4B0C6178A2, orig_client=mx.example.com[192.0.2.9]
func (p *Syslog) smtpd(text []byte, ev *Event) {
	rest, ok := after(text, "client=")
	if !ok {
		p.policy(text, ev)
		return
	}
	name, addr, rest, ok := peer(rest)
	if !ok {
		ev.Kind = KindMalformed
		return
	}
	ev.Kind, ev.ClientName, ev.ClientIP = KindArrived, name, addr
	for len(rest) > 0 {
		field, ok := after(rest, ", ")
		if !ok {
			return
		}
		i := bytes.Index(field, []byte(", "))
		if i < 0 {
			i = len(field)
		}
		field, rest = field[:i], field[i:]
		if bytes.HasPrefix(field, []byte("sasl_method=")) || bytes.HasPrefix(field, []byte("sasl_username=")) {
			ev.Local = true
		} else if id, ok := after(field, "orig_queue_id="); ok && queueID(id) {
			ev.Related, ev.Relation = id, RelationOrigin
		}
	}
}

// pickup reads a local submission, or the new name of a message that an
// administrator put back ("postsuper -r").
//
//	uid=1000 from=<anna@example.com>
//	uid=101 from=<anna@example.com> orig_id=4B0C6178A2
func pickup(text []byte, ev *Event) {
	rest, ok := after(text, "uid=")
	if !ok {
		return
	}
	_, rest, ok = cutUint(rest)
	if !ok {
		ev.Kind = KindMalformed
		return
	}
	rest, ok = after(rest, " from=")
	if !ok {
		ev.Kind = KindMalformed
		return
	}
	sender, rest, ok := address(rest, " ")
	if !ok {
		ev.Kind = KindMalformed
		return
	}
	ev.Kind, ev.Sender, ev.NullSender, ev.Local = KindArrived, sender, len(sender) == 0, true
	if id, ok := after(rest, " orig_id="); ok && queueID(id) {
		ev.Related, ev.Relation, ev.Local = id, RelationOrigin, false
	}
}

// cleanup reads what is said of a message while it is written to the queue.
//
//	message-id=<postfix-dkimpy-milter-000000.tovbdy@bistro-nova.example>
//	removed (canceled)
//
// The Message-ID is the header's value to the end of the line. Before Postfix
// 3.10 a message that was refused has no "removed".
func (p *Syslog) cleanup(text []byte, ev *Event) {
	if id, ok := after(text, "message-id="); ok {
		ev.Kind, ev.MessageID = KindMessageID, unbracket(id)
		return
	}
	if bytes.HasPrefix(text, []byte("removed (")) {
		ev.Kind, ev.Text = KindCompleted, text
		return
	}
	p.policy(text, ev)
}

// qmgr reads the queue manager's lines. Its fields are taken from the end, where
// they are numbers and fixed words; the sender may be any text.
//
//	from=<anna.nowak@bistro-nova.example>, size=1874, nrcpt=1 (queue active)
//	from=<noreply@bistro-nova.example>, status=expired, returned to sender
//	removed
//
// "active" comes again at every retry; Count is how many recipients are left. A
// queue manager before Postfix 2.3 wrote
// delivery records itself.
func (p *Syslog) qmgr(text []byte, ev *Event) {
	if string(text) == "removed" {
		ev.Kind = KindCompleted
		return
	}
	rest, ok := after(text, "from=<")
	if !ok {
		if bytes.HasPrefix(text, []byte("to=<")) {
			p.delivery([]byte("qmgr"), text, ev)
		}
		return
	}
	if front, ok := bytes.CutSuffix(rest, []byte(" (queue active)")); ok {
		ev.Kind = KindMalformed
		i := bytes.LastIndex(front, []byte(">, size="))
		if i < 0 {
			return
		}
		size, rest, ok := cutUint(front[i+len(">, size="):])
		if !ok {
			return
		}
		if rest, ok = after(rest, ", nrcpt="); !ok {
			return
		}
		recipients, rest, ok := cutUint(rest)
		if !ok || len(rest) > 0 || recipients > 1<<30 {
			return
		}
		ev.Kind, ev.Size, ev.Count = KindActive, size, int(recipients)
		ev.Sender, ev.NullSender = front[:i], i == 0
		return
	}
	i := bytes.LastIndex(rest, []byte(">, status="))
	if i < 0 {
		return
	}
	ev.Sender, ev.NullSender, ev.Text = rest[:i], i == 0, rest[i+len(">, status="):]
	switch string(ev.Text) {
	case "expired, returned to sender":
		ev.Kind = KindExpired
	case "force-expired, returned to sender": // by "postsuper -e", Postfix 3.5
		ev.Kind = KindCancelled
	default:
		ev.Sender, ev.NullSender, ev.Text = nil, false, nil
	}
}

// bounce reads which message tells the sender what became of his.
//
//	sender non-delivery notification: 6019893CF
//	sender delay notification: E55C61E050
//	sender delivery status notification: 4B0C6178A2
//	postmaster non-delivery notification: 4B0C6178A2
//	sender notification failed to anna@example.com: 550 5.1.1 unknown user
//
// The third is asked for by the sender and the fourth is a copy: notes without an
// effect on the message. The last is new in Postfix 3.11.
func bounce(text []byte, ev *Event) {
	who, rest, ok := until(text, " notification")
	if !ok {
		return
	}
	if reason, ok := after(rest, " failed to "); ok && string(who) == "sender" {
		ev.Kind, ev.Text = KindUnbounced, reason
		return
	}
	id, ok := after(rest, ": ")
	if !ok || !queueID(id) {
		return
	}
	switch string(who) {
	case "sender non-delivery":
		ev.Kind = KindBounce
	case "sender delay":
		ev.Kind = KindDelayed
	default:
		ev.Kind, ev.Text = KindWarning, text
	}
	ev.Related, ev.Relation = id, RelationBounce
}

// postsuper reads what an administrator did to a message.
//
//	placed on hold
//	released from hold
//	removed
//	expired
//	requeued
//
// "expired" makes the queue manager give it up at its next look (Postfix 3.5).
// "requeued" ends the message under this id; pickup then gives it a new one.
func postsuper(text []byte, ev *Event) {
	switch string(text) {
	case "placed on hold":
		ev.Kind = KindHeld
	case "released from hold":
		ev.Kind = KindReleased
	case "removed", "requeued":
		ev.Kind = KindRemoved
	case "expired":
		ev.Kind = KindCancelled
	default:
		return
	}
	ev.Text = text
}
