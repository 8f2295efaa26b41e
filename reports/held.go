package reports

import (
	"strings"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// How much of strangers' texts a line shows.
const (
	maxAddress = 100
	maxReply   = 300
	maxID      = 60

	maxRecipients = 10 // named
	heldIndent    = cardIndent + 8
)

// heldMessages lists what a key holds in our queue, the oldest first.
func (p *page) heldMessages(r *Report, x *index, o TextOptions) {
	list := r.waiting()
	most := defaultMessages
	if o.Verbose {
		most = len(list)
	}
	most = limit(o.MaxMessages, most)
	if len(list) == 0 || most == 0 {
		return
	}
	p.heading("Held messages, the oldest first")
	reply := ""
	for _, m := range list[:min(most, len(list))] {
		p.heldMessage(m, x)
		p.heldReason(m, &reply)
	}
	more := len(list) - most
	switch {
	case more <= 0:
	case o.Stored:
		p.prose(cardIndent, dim, "… and "+count(more)+" more: dkimwatch stuck lists them all")
	default:
		p.prose(cardIndent, dim, "… and "+count(more)+" more: --verbose lists them all")
	}
}

// heldMessage writes the first lines about a message: age, id and fate.
func (p *page) heldMessage(m *correlate.Message, x *index) {
	oldness := pad(age(p.clock.asOf.Sub(m.FirstSeen)), heldIndent-cardIndent)
	id := Clean(m.QueueID, maxID)
	fate := p.fate(m, x)
	if first := oldness + pad(id, 16) + "  " + fate; cardIndent+columns(first) <= p.width {
		p.line(blanks(cardIndent), oldness, p.paint(bold, pad(id, 16)), "  ", fate)
		return
	}
	p.line(blanks(cardIndent), oldness, p.paint(bold, fit(id, p.width-heldIndent)))
	p.prose(heldIndent, plainStyle, fate)
}

// heldReason says in short from whom to whom the message is and what holds it. A
// reply that is the same as that before is not repeated.
func (p *page) heldReason(m *correlate.Message, before *string) {
	f := heldBy(m)
	p.prose(heldIndent, plainStyle, senderOf(m)+" → "+recipientsOf(m, 1))
	p.prose(heldIndent, dim, findingSubject(f)+" ("+f.Cause.String()+", "+f.Attribution.String()+")")
	reply := lastReply(m)
	if reply != "" && reply != *before {
		p.line(blanks(heldIndent), p.paint(dim, fit(reply, min(p.width, maxProse)-heldIndent)))
	}
	*before = reply
}

// heldFields says the same in full, with the command that retries the message.
func (p *page) heldFields(m *correlate.Message) {
	const label = 7
	f := heldBy(m)
	p.field(heldIndent, label, "From", plainStyle, senderOf(m))
	p.field(heldIndent, label, "To", plainStyle, recipientsOf(m, maxRecipients))
	p.field(heldIndent, label, "Key", plainStyle,
		findingSubject(f)+": "+causeWords(f.Cause)+" ("+f.Cause.String()+", "+f.Attribution.String()+")")
	p.field(heldIndent, label, "Reply", plainStyle, lastReply(m))
	if groups := retryGroups([]*correlate.Message{m}); len(groups) > 0 {
		if f.Direction == correlate.Inbound && f.Key.Selector == "" {
			p.command(heldIndent, label, "Read", groups[0].read())
		}
		line, _ := groups[0].command(1, 0)
		p.command(heldIndent, label, "Retry", line)
	}
}

// fate is what becomes of a message if nobody acts.
func (p *page) fate(m *correlate.Message, x *index) string {
	switch m.Outcome {
	case correlate.OutcomeFrozen:
		return "frozen: no attempts"
	case correlate.OutcomeHeld:
		return "on hold: no attempts"
	}
	at, _ := x.deadline(m)
	switch {
	case at.IsZero():
		return "bounces: not known when"
	case at.Before(p.clock.asOf):
		return "was to bounce at " + p.clock.until(at)
	}
	return "bounces at " + p.clock.until(at)
}

func findingSubject(f *correlate.Finding) string {
	if f.Direction == correlate.Own {
		return "our DKIM verifier"
	}
	return keyName(f.Key)
}

func senderOf(m *correlate.Message) string {
	switch {
	case !m.SenderKnown:
		return "(sender not logged)"
	case m.Sender == "":
		return "<>"
	}
	return Clean(m.Sender, maxAddress)
}

// recipientsOf names those who did not get the message: the first most of them.
func recipientsOf(m *correlate.Message, most int) string {
	var names []string
	more := 0
	for i := range m.Recipients {
		switch r := &m.Recipients[i]; {
		case !r.Outcome.InQueue() && r.Outcome != correlate.OutcomeUnknown:
		case len(names) < most:
			names = append(names, Clean(r.Address, maxAddress))
		default:
			more++
		}
	}
	if len(names) == 0 {
		return "(recipient not logged)"
	}
	s := strings.Join(names, ", ")
	if more > 0 {
		s += " (+" + count(more) + ")"
	}
	return s
}

// lastReply is the latest word about a recipient who waits. Exim writes the ends
// of its lines as \n.
func lastReply(m *correlate.Message) string {
	var last *correlate.Recipient
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if r.LastReply != "" && r.Outcome.InQueue() && (last == nil || r.At.After(last.At)) {
			last = r
		}
	}
	if last == nil {
		return ""
	}
	return Clean(strings.ReplaceAll(last.LastReply, `\n`, " "), maxReply)
}
