package correlate

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// apply adds what ev says to its message.
func (t *Tracker) apply(o *open, i int32, ev *parsers.Event) {
	switch ev.Kind {
	case parsers.KindArrived:
		t.arrive(o, ev)
	case parsers.KindMessageID:
		o.setOnce(&o.messageID, ev.MessageID)
	case parsers.KindActive:
		o.flags |= arrived | active
		o.setSender(ev)
		if ev.Size > 0 {
			o.size = ev.Size
		}
		o.expected = max(o.expected, int32(ev.Count))
	case parsers.KindSignature, parsers.KindScan, parsers.KindWarning:
		t.verify(o, ev)
	case parsers.KindSigned:
		o.flags |= signed
		for k := range ev.Sigs {
			o.signature(&ev.Sigs[k], ev.Time, true)
		}
	case parsers.KindDelivered, parsers.KindDeferred, parsers.KindFailed, parsers.KindDiscarded:
		t.attempt(o, ev)
	case parsers.KindReply:
		o.note(ev)
	case parsers.KindRefused:
		t.refuse(o, i, ev)
	case parsers.KindHeld:
		if ev.Program == parsers.ProgramExim {
			o.flags |= frozen
		} else {
			o.flags |= held | arrived
		}
		o.note(ev)
	case parsers.KindReleased:
		o.flags &^= frozen | held
	case parsers.KindRemoved:
		o.flags |= removed
		if ev.Program == parsers.ProgramPostfix {
			t.end(o, i) // postsuper -d: no other line follows
		}
	case parsers.KindCancelled:
		o.flags |= cancelled
	case parsers.KindExpired:
		o.flags |= expired | gaveUp
	case parsers.KindUnbounced:
		o.flags |= unbounced
		if len(ev.Addr) > 0 {
			if r := o.recipient(ev.Addr, ev.OrigAddr); r != nil && r.outcome != OutcomeDelivered {
				r.outcome, r.at = OutcomeBounced, ev.Time
			}
		}
	case parsers.KindRevoked:
		o.flags |= refused
		o.flags &^= arrived
		t.end(o, i)
	case parsers.KindBounce:
		o.flags |= bounced
		o.relate(ev.Related, parsers.RelationBounce)
	case parsers.KindDelayed:
		// A delay warning changes nothing: the message stays.
	case parsers.KindCompleted:
		t.end(o, i)
	}
}

func (o *open) setSender(ev *parsers.Event) {
	if o.has(senderKnown) || (len(ev.Sender) == 0 && !ev.NullSender) {
		return
	}
	o.sender = o.texts.put(ev.Sender)
	o.flags |= senderKnown
}

func (o *open) relate(id []byte, kind parsers.Relation) {
	if len(id) == 0 {
		return
	}
	for _, r := range o.rels {
		if r.kind == kind && string(o.texts.get(r.id)) == string(id) {
			return
		}
	}
	if len(o.rels) < maxRelations {
		o.rels = append(o.rels, rel{o.texts.put(id), kind})
	}
}

func (t *Tracker) arrive(o *open, ev *parsers.Event) {
	if ev.Program == parsers.ProgramExim {
		o.flags |= arrived
	}
	o.setSender(ev)
	o.setOnce(&o.clientIP, ev.ClientIP)
	o.setOnce(&o.client, ev.ClientName)
	o.setOnce(&o.helo, ev.Helo)
	o.setOnce(&o.messageID, ev.MessageID)
	if ev.Size > 0 {
		o.size = ev.Size
	}
	if ev.Local {
		o.flags |= local
	}
	o.relate(ev.Related, ev.Relation)
	for k := range ev.Sigs {
		s := &ev.Sigs[k]
		o.signature(s, ev.Time, false)
		if len(s.Selector) > 0 || !o.badKeyOf(s.Domain) {
			t.sign(s, ev.Time)
		}
	}
}

// badKeyOf reports whether a signature of domain failed for its key. Then a pass
// of that domain without a selector is another key's.
func (o *open) badKeyOf(domain []byte) bool {
	for i := range o.sigs {
		if s := &o.sigs[i]; s.cause.Key() && bytes.EqualFold(o.texts.get(s.domain), domain) {
			return true
		}
	}
	return false
}

// verify takes a verifier's word.
func (t *Tracker) verify(o *open, ev *parsers.Event) {
	o.setOnce(&o.messageID, ev.MessageID)
	if t.Keys != nil && ev.Program != parsers.ProgramExim {
		t.Keys.verifierWorks(ev.Host, ev.Time)
	}
	if ev.Kind == parsers.KindScan {
		t.scans.take(ev.Tag, o, ev.Time)
	}
	for k := range ev.Sigs {
		s := &ev.Sigs[k]
		if len(s.Domain) == 0 && s.Cause.Key() {
			// Exim's "validation error: … ASN1 …" comes after "failed key import"
			// and tells more of the same signature.
			if last := o.lastKeyTrouble(); last != nil {
				if s.Cause.MoreSpecific(last.cause) {
					last.cause = s.Cause
				}
				continue
			}
		}
		named := o.signature(s, ev.Time, false)
		if s.Result == dkim.ResultUnknown && named != nil && named.result == dkim.ResultPass {
			t.sign(&parsers.Signature{Domain: s.Domain, Selector: s.Selector, Result: dkim.ResultPass}, ev.Time)
			continue
		}
		t.sign(s, ev.Time)
	}
	if ev.Kind == parsers.KindWarning {
		o.note(ev)
	}
}

func (o *open) lastKeyTrouble() *sig {
	for i := len(o.sigs) - 1; i >= 0; i-- {
		if o.sigs[i].cause.Key() {
			return &o.sigs[i]
		}
	}
	return nil
}

// note keeps a text that names DKIM, once for each kind and key.
func (o *open) note(ev *parsers.Event) {
	if !ev.DKIM && ev.Cause == dkim.CauseNone || len(o.notes) >= maxNotes {
		return
	}
	for i := range o.notes {
		n := &o.notes[i]
		if n.kind == ev.Kind && n.cause == ev.Cause && string(o.texts.get(n.domain)) == string(ev.Domain) &&
			string(o.texts.get(n.selector)) == string(ev.Selector) {
			return
		}
	}
	o.flags |= remarked
	o.notes = append(o.notes, note{
		kind: ev.Kind, dkim: ev.DKIM, text: o.texts.put(ev.Text[:min(len(ev.Text), keptText)]), cause: ev.Cause,
		domain: o.texts.put(ev.Domain), selector: o.texts.put(ev.Selector), at: ev.Time,
	})
}

// attempt takes what became of one recipient for now.
func (t *Tracker) attempt(o *open, ev *parsers.Event) {
	o.flags |= arrived
	o.relate(ev.Related, ev.Relation)
	if ev.Kind == parsers.KindDelivered {
		for k := range ev.Sigs { // Exim's "DKIM=" on "=>": we signed
			o.signature(&ev.Sigs[k], ev.Time, true)
			o.flags |= signed
		}
	}
	if len(ev.Addr) == 0 {
		if ev.Kind == parsers.KindDiscarded {
			o.flags |= discarded
		}
		return
	}
	r := o.recipient(ev.Addr, ev.OrigAddr)
	if r == nil {
		return
	}
	switch ev.Kind {
	case parsers.KindDelivered:
		r.outcome = OutcomeDelivered
	case parsers.KindDiscarded:
		r.outcome = OutcomeDiscarded
	case parsers.KindFailed:
		r.outcome = OutcomeBounced
		if ev.NoAttempt {
			o.flags |= gaveUp
		}
	case parsers.KindDeferred:
		r.outcome = OutcomeQueued
		r.deferrals++
	}
	r.at = ev.Time
	if ev.NoAttempt && !r.reply.empty() {
		return // "retry time not reached": the reason before still holds
	}
	keep := ev.Kind == parsers.KindFailed && !ev.DKIM && r.dkim // "retry timeout exceeded": what went before says why
	if len(ev.Text) > 0 && !keep {
		o.texts.set(&r.reply, ev.Text[:min(len(ev.Text), keptText)])
	}
	if ev.DKIM || ev.Kind == parsers.KindDelivered {
		r.dkim = ev.DKIM
	}
	o.note(ev)
	t.signText(ev)
}

// signText tells the ledger of a key that a refusal names, and where the refusal
// was not for our own mail.
func (t *Tracker) signText(ev *parsers.Event) {
	if t.Keys != nil && ev.Cause.Key() && len(ev.Domain) > 0 && len(ev.Selector) > 0 {
		t.Keys.trouble(ev.Domain, ev.Selector, ev.Cause, ev.Time)
	}
}

// refuse takes a refusal while the message was coming in. One that is about a
// single recipient says nothing of the rest.
func (t *Tracker) refuse(o *open, i int32, ev *parsers.Event) {
	o.setSender(ev)
	o.setOnce(&o.clientIP, ev.ClientIP)
	o.setOnce(&o.client, ev.ClientName)
	o.setOnce(&o.helo, ev.Helo)
	o.note(ev)
	t.signText(ev)
	outcome := OutcomeRejected
	if ev.Temporary {
		outcome = OutcomeTempfailed
	}
	if len(ev.Addr) > 0 {
		if r := o.recipient(ev.Addr, nil); r != nil {
			r.outcome, r.at = outcome, ev.Time
			o.texts.set(&r.reply, ev.Text[:min(len(ev.Text), keptText)])
		}
	}
	if oneRecipient(ev.Stage) {
		return
	}
	o.flags |= refused
	if ev.Temporary {
		o.flags |= temporary
	}
	if t.milter.failed(o.host, ev.Time) && !ev.DKIM {
		o.flags |= verifierDown
	}
	o.lastWords(ev)
	t.end(o, i)
}

// oneRecipient reports whether a refusal at this stage of the SMTP dialogue is
// about one recipient only.
func oneRecipient(stage []byte) bool { return string(stage) == "RCPT" }

// lastWords keeps the refusal's text even if it does not name DKIM: it is what
// the sender was told.
func (o *open) lastWords(ev *parsers.Event) {
	if ev.DKIM || len(ev.Text) == 0 || len(o.notes) >= maxNotes {
		return
	}
	o.flags |= remarked
	o.notes = append(o.notes, note{kind: ev.Kind, text: o.texts.put(ev.Text[:min(len(ev.Text), keptText)]), at: ev.Time})
}

// end notes that the message is over, and keeps it a little for late lines.
func (t *Tracker) end(o *open, i int32) {
	o.flags |= ended
	t.linger(o, i)
}
