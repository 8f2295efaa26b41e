package store

import (
	"cmp"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// within reports whether in is a part of the resolved spell r: all it says was
// seen before the proof that r is over.
func within(in, r correlate.Incident) bool {
	return r.State == correlate.StateResolved && !in.Opened.Before(r.Opened) &&
		!in.LastSeen.After(later(r.LastSeen, r.ResolvedAt))
}

// reopenWithin is how soon after the proof of its end new trouble is still the same
// spell, as for correlate.Ledger.
const reopenWithin = 24 * time.Hour

// touch reports whether a and b are one spell: they share a moment, or one began
// soon after the other's end. A spell without a proof of its end lasts.
func touch(a, b correlate.Incident) bool {
	begun := func(i, before correlate.Incident) bool {
		return before.State != correlate.StateResolved ||
			!i.Opened.After(later(before.LastSeen, before.ResolvedAt.Add(reopenWithin)))
	}
	return begun(a, b) && begun(b, a)
}

// sameSpell returns the rows among stored, which are in the order in which they
// opened, that are the same spell as in.
//
// A part of a spell that is known to be over belongs to it alone, though in, from
// a log that ended before the trouble did, may not know of the end.
func sameSpell(stored []incidentRow, in correlate.Incident) (spell []incidentRow) {
	for _, r := range stored {
		if within(in, r.Incident) {
			return []incidentRow{r}
		}
	}
	for _, r := range stored {
		if touch(r.Incident, in) {
			spell = append(spell, r)
			in = mergeIncidents(r.Incident, in)
		}
	}
	return spell
}

// mergeIncidents joins two views of one spell, under the id of old. How things
// stand says the view that has the proof that it is over, unless the other saw a
// finding after that; else the one that saw the latest finding, else in.
//
// Counts are those of that view if it saw all of the spell. Else those of two views
// that share no time are added, of others the larger one counts. Different
// recipients and clients cannot be added: there are at least so many.
func mergeIncidents(old, in correlate.Incident) correlate.Incident {
	m, rest := in, old
	if proves(old, in) || !proves(in, old) && old.LastSeen.After(in.LastSeen) {
		m, rest = old, in
	}
	if rest.Opened.Before(m.Opened) || rest.LastSeen.After(m.LastSeen) {
		count := func(a, b int) int { return max(a, b) }
		if rest.LastSeen.Before(m.Opened) || m.LastSeen.Before(rest.Opened) {
			count = func(a, b int) int { return a + b }
			if rest.State == correlate.StateResolved {
				m.Reopened++
			}
		}
		m.Messages = count(m.Messages, rest.Messages)
		m.Rejected = count(m.Rejected, rest.Rejected)
		m.Bounced = count(m.Bounced, rest.Bounced)
		m.Delivered = count(m.Delivered, rest.Delivered)
		m.Findings = count(m.Findings, rest.Findings)
		m.Reopened = count(m.Reopened, rest.Reopened)
		m.Explicit = count(m.Explicit, rest.Explicit)
		m.Recipients = max(m.Recipients, rest.Recipients)
		m.Clients = max(m.Clients, rest.Clients)
		m.Severity = max(m.Severity, rest.Severity)
	}
	switch m.Opened.Compare(rest.Opened) {
	case 0:
		m.WorkedUntil = later(m.WorkedUntil, rest.WorkedUntil)
	case 1:
		m.WorkedUntil = rest.WorkedUntil
	}
	m.ID = cmp.Or(old.ID, in.ID)
	m.Cause = cmp.Or(m.Cause, rest.Cause)
	m.Opened = earlier(m.Opened, rest.Opened)
	m.LastSeen = later(m.LastSeen, rest.LastSeen)
	if nobodyAsked(m.Verdict) || rest.Verdict.At.After(m.Verdict.At) {
		m.Verdict = rest.Verdict
	}
	return m
}

// proves reports whether a has the proof that the spell is over, and b neither has
// one nor saw trouble after it.
func proves(a, b correlate.Incident) bool {
	return a.State == correlate.StateResolved && b.State != correlate.StateResolved && !b.LastSeen.After(a.ResolvedAt)
}
