package correlate

import (
	"slices"
	"time"
)

// joinSlack is how far apart the lines of two queue entries may be and still be
// of one message: clocks differ between hosts, and a Message-ID may be used
// again.
const joinSlack = time.Hour

// maxSameID bounds how many messages with one Message-ID are compared: a
// stranger may send the same one again and again.
const maxSameID = 64

// Join completes the findings that name no key. A Postfix that relays to a
// filter logs "451 4.7.5 DKIM key retrieval failed" and no more; which key it
// was stands in the filter's log under another queue id. The two have the
// Message-ID in common. Every message gets the other's queue id as a relation.
//
// The messages are those of all hosts; Join changes them in place.
func Join(messages []*Message) {
	byID := map[string][]*Message{}
	for _, m := range messages {
		if m.MessageID != "" && len(byID[m.MessageID]) < maxSameID {
			byID[m.MessageID] = append(byID[m.MessageID], m)
		}
	}
	for _, m := range messages {
		if !slices.ContainsFunc(m.Findings, Finding.unnamed) {
			continue
		}
		for _, other := range byID[m.MessageID] {
			if other != m && overlap(m, other) {
				m.learn(other)
			}
		}
	}
}

// unnamed reports whether no log has named the finding's key yet.
func (f Finding) unnamed() bool {
	return f.Key.Selector == "" && (f.Cause.Key() || f.Cause.Remote())
}

func overlap(a, b *Message) bool {
	return !a.FirstSeen.After(b.LastSeen.Add(joinSlack)) && !b.FirstSeen.After(a.LastSeen.Add(joinSlack))
}

// learn replaces m's findings without a key by those of the same message on
// another host.
func (m *Message) learn(other *Message) {
	if slices.ContainsFunc(m.Related, func(r Relation) bool { return r.QueueID == other.QueueID && r.Kind == "same-message" }) {
		return
	}
	at := slices.IndexFunc(m.Findings, Finding.unnamed)
	var named []Finding
	for _, f := range other.Findings {
		if f.unnamed() || !f.Cause.Key() {
			continue
		}
		if at >= 0 {
			have := m.Findings[at]
			f.Harm, f.Direction, f.Attribution, f.At = have.Harm, have.Direction, have.Attribution, have.At
			f.Evidence = append([]string{have.Evidence[0]}, f.Evidence...)
		}
		if !slices.ContainsFunc(m.Findings, func(have Finding) bool { return have.Key == f.Key }) {
			named = append(named, f)
		}
	}
	if len(named) == 0 {
		return
	}
	m.Related = append(m.Related, Relation{other.QueueID, "same-message"})
	m.Findings = append(slices.DeleteFunc(m.Findings, Finding.unnamed), named...)
	for _, s := range other.Signatures {
		if !slices.ContainsFunc(m.Signatures, func(have Signature) bool { return have.Key.Canonical() == s.Key.Canonical() }) {
			m.Signatures = append(m.Signatures, s)
		}
	}
}
