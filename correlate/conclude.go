package correlate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// conclude makes an owned Message of o if anybody wants it: it had trouble, it
// was put off at the door and will come again, it is such a message come again,
// or all are wanted.
func (t *Tracker) conclude(o *open) {
	if o.id.empty() {
		return
	}
	if o.has(remarked) {
		t.countOther(o)
	}
	before := t.door.take(t, o)
	again := before != nil || t.chains.expected(o)
	putOff := o.has(refused) && o.has(temporary)
	if !t.All && !again && !putOff && (!o.has(remarked|verifierDown) || !o.troubled()) {
		return
	}
	m := t.message(o)
	m.Findings = findings(o, m)
	if before != nil {
		join(m, before)
	}
	switch {
	case putOff:
		t.chains.putOff(t, m)
	case again:
		t.chains.came(t, m)
	default:
		t.handOver(m)
	}
}

func (t *Tracker) handOver(m *Message) {
	if t.All || len(m.Findings) > 0 {
		t.Done(m)
	}
}

// message copies o.
func (t *Tracker) message(o *open) *Message {
	m := &Message{
		Host:    t.names[o.host],
		QueueID: o.texts.str(o.id), MTA: o.mta(), MessageID: o.texts.str(o.messageID),
		Sender: o.texts.str(o.sender), SenderKnown: o.has(senderKnown),
		ClientIP: o.texts.str(o.clientIP), ClientName: o.texts.str(o.client), Helo: o.texts.str(o.helo),
		Size: o.size, FirstSeen: o.first, LastSeen: o.last,
		Accepted: o.has(arrived), Ended: o.has(ended), Local: o.has(local),
		Outcome: o.outcome(), GivenUp: o.has(gaveUp), Attempts: 1,
	}
	if o.instance != anyInstance {
		m.Instance = t.names[o.instance]
	}
	for i := range o.rcpts {
		m.Recipients = append(m.Recipients, o.recipientOf(&o.rcpts[i], m.Outcome))
	}
	for i := range o.sigs {
		s := &o.sigs[i]
		if s.domain.empty() && s.selector.empty() && s.cause == dkim.CauseNone {
			continue // "verification successful", and no word of which
		}
		m.Signatures = append(m.Signatures, Signature{
			Key:       dkim.KeyName{Selector: o.texts.str(s.selector), Domain: o.texts.str(s.domain)},
			Algorithm: o.texts.str(s.algorithm), Result: s.result, Cause: s.cause, Reason: o.texts.str(s.reason), Ours: s.ours,
		})
	}
	for _, r := range o.rels {
		m.Related = append(m.Related, Relation{o.texts.str(r.id), r.kind.String()})
	}
	m.Sources = append(m.Sources, t.spanOf(o.span))
	for _, s := range o.spans {
		m.Sources = append(m.Sources, t.spanOf(s))
	}
	return m
}

func (t *Tracker) spanOf(s span) Span {
	name := ""
	if int(s.source) < len(t.Files) {
		name = t.Files[s.source]
	}
	return Span{name, s.first, s.last}
}

func (o *open) mta() string {
	if o.program == parsers.ProgramExim {
		return "exim"
	}
	return "postfix"
}

// recipientOf says what became of one recipient in the light of the whole: who
// was still waiting when the message ended shares its end.
func (o *open) recipientOf(r *rcpt, whole Outcome) Recipient {
	address := r.addr
	if !r.top.empty() {
		address = r.top
	}
	out := Recipient{
		Address: o.texts.str(address), Outcome: r.outcome, Deferrals: int(r.deferrals),
		LastReply: o.texts.str(r.reply), At: r.at,
	}
	if out.Outcome == OutcomeQueued || out.Outcome == OutcomeBounced && whole != OutcomeQueued {
		out.Outcome = endOf(out.Outcome, whole)
	}
	return out
}

func endOf(r, whole Outcome) Outcome {
	switch whole {
	case OutcomeFrozen, OutcomeHeld, OutcomeRemoved, OutcomeExpired, OutcomeDiscarded:
		return whole
	case OutcomeBounced:
		return OutcomeBounced
	}
	return r
}

// harmOf says what an outcome means for a message with key trouble.
func harmOf(o Outcome) Harm {
	switch o {
	case OutcomeQueued, OutcomeFrozen, OutcomeHeld:
		return HarmHeldHere
	case OutcomeTempfailed:
		return HarmTempfailed
	case OutcomeRejected:
		return HarmRejected
	case OutcomeBounced, OutcomeExpired:
		return HarmBounced
	}
	return HarmNone
}

// findings says which keys made trouble for the message. There is one finding
// for each key that a verifier found bad, and for each key that a refusal
// names; a refusal that names DKIM and no key makes one of an unknown key, for
// Join to find out.
func findings(o *open, m *Message) []Finding {
	var found []Finding
	at := func(key dkim.KeyName) *Finding {
		for i := range found {
			if found[i].Key == key {
				return &found[i]
			}
		}
		return nil
	}
	harm := harmOf(m.Outcome)
	for i := range o.sigs {
		s := &o.sigs[i]
		if !s.cause.Key() || s.ours || s.domain.empty() {
			continue
		}
		key := dkim.KeyName{Selector: o.texts.str(s.selector), Domain: o.texts.str(s.domain)}.Canonical()
		if have := at(key); have != nil {
			continue
		}
		f := Finding{Key: key, Cause: s.cause, Harm: harm, At: s.at}
		if why := o.texts.str(s.reason); why != "" {
			f.Evidence = append(f.Evidence, why)
		}
		found = append(found, f)
	}
	for i := range o.notes {
		n := &o.notes[i]
		if !n.dkim || n.kind == parsers.KindWarning && !n.cause.Key() || !keyTrouble(n.cause, o) {
			continue
		}
		found = o.explain(found, n, harm)
	}
	if o.has(verifierDown) && len(found) == 0 {
		found = append(found, Finding{
			Cause: dkim.CauseVerifierUnavailable, Harm: harm, Direction: Own, Attribution: Inferred,
			Evidence: []string{o.refusal()}, At: o.last,
		})
	}
	informational := o.passed() && harm == HarmNone
	for i := range found {
		f := &found[i]
		if informational && f.Attribution == Inferred {
			f.Attribution = Informational
		}
		if f.Direction == Inbound && o.has(local|signed) {
			f.Direction = Outbound
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return a.At.Compare(b.At) })
	return found
}

// keyTrouble reports whether a refusal with this cause is about a key. What a
// remote host says of DKIM without saying more is, for mail that we signed.
func keyTrouble(c dkim.Cause, o *open) bool {
	return c.Key() || o.has(local|signed) && (c.Remote() || c == dkim.CauseUnknown)
}

// explain adds what a refusal says to the findings: to the one whose key it
// names, to all if it names none, else as a new one.
func (o *open) explain(found []Finding, n *note, harm Harm) []Finding {
	key := dkim.KeyName{Selector: o.texts.str(n.selector), Domain: o.texts.str(n.domain)}.Canonical()
	if key.Check() != nil {
		key.Selector = "" // a stranger's invention, or cut out of one
	}
	words := o.texts.str(n.text)
	attribution := Explicit
	if n.kind == parsers.KindWarning {
		attribution = Inferred // it held nothing
	}
	hit := false
	for i := range found {
		f := &found[i]
		if key.Domain != "" && (f.Key.Domain != key.Domain || key.Selector != "" && f.Key.Selector != key.Selector) {
			continue
		}
		hit = true
		if attribution == Explicit {
			f.Attribution = Explicit
		}
		if n.cause.Key() && n.cause.MoreSpecific(f.Cause) {
			f.Cause = n.cause
		}
		if len(f.Evidence) < 4 && !slices.Contains(f.Evidence, words) {
			f.Evidence = append(f.Evidence, words)
		}
	}
	if hit {
		return found
	}
	f := Finding{Key: key, Cause: n.cause, Harm: harm, Attribution: attribution, Evidence: []string{words}, At: n.at}
	if n.cause.Remote() {
		f.Direction = Outbound
	}
	if only := o.onlySignature(key.Domain); key.Selector == "" && only != nil {
		f.Key = dkim.KeyName{Selector: o.texts.str(only.selector), Domain: o.texts.str(only.domain)}.Canonical()
	} else if key.Domain == "" {
		f.Key, f.Evidence = o.guess(f.Evidence)
	}
	return append(found, f)
}

// onlySignature returns the message's one signature, of domain if that is known,
// that did not verify: where a refusal names no key, it can mean no other.
// Exim's reject log has the signatures of what was refused in the headers.
func (o *open) onlySignature(domain string) *sig {
	var only *sig
	for i := range o.sigs {
		s := &o.sigs[i]
		if s.ours || s.selector.empty() || s.result == dkim.ResultPass || s.cause != dkim.CauseNone ||
			domain != "" && !strings.EqualFold(o.texts.str(s.domain), domain) {
			continue
		}
		if only != nil {
			return nil
		}
		only = s
	}
	return only
}

// guess is the domain of an unnamed key: our own signature's, else the
// envelope sender's, which is said.
func (o *open) guess(evidence []string) (dkim.KeyName, []string) {
	for i := range o.sigs {
		if s := &o.sigs[i]; s.ours {
			return dkim.KeyName{Selector: o.texts.str(s.selector), Domain: o.texts.str(s.domain)}.Canonical(), evidence
		}
	}
	sender := o.texts.str(o.sender)
	domain := sender[strings.LastIndexByte(sender, '@')+1:]
	if domain == "" || domain == sender {
		return dkim.KeyName{}, evidence
	}
	return dkim.KeyName{Domain: domain}.Canonical(),
		append(evidence, "the log names no key; "+domain+" is the envelope sender's domain")
}

// refusal is the last thing the sender was told.
func (o *open) refusal() string {
	i := slices.IndexFunc(o.notes, func(n note) bool { return n.kind == parsers.KindRefused })
	if i < 0 {
		return ""
	}
	return o.texts.str(o.notes[i].text)
}

// ByTime orders messages by their first line, then by host and id, so that a
// listing is the same whatever order the logs were read in.
func ByTime(a, b *Message) int {
	return cmp.Or(a.FirstSeen.Compare(b.FirstSeen), cmp.Compare(a.Host, b.Host),
		cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.QueueID, b.QueueID))
}
