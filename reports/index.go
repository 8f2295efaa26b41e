package reports

import (
	"cmp"
	"slices"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// index holds a report's incidents in the order of reading, and which messages
// belong to which.
type index struct {
	incidents []*correlate.Incident // the worst first, our own trouble before all
	messages  map[*correlate.Incident][]*correlate.Message
	spells    map[spellKey][]*correlate.Incident // of one key, in time
	lifetime  func(mta string) (time.Duration, string)
	deaf      bool // DNS is out of reach
}

type spellKey struct {
	direction correlate.Direction
	key       dkim.KeyName
}

func newIndex(r *Report) *index {
	x := &index{
		messages: map[*correlate.Incident][]*correlate.Message{},
		spells:   map[spellKey][]*correlate.Incident{},
		lifetime: r.Lifetime,
		deaf:     r.DNSAsked && unreachable(r),
	}
	for i := range r.Incidents {
		in := &r.Incidents[i]
		x.incidents = append(x.incidents, in)
		at := spellKey{in.Direction, in.Key}
		x.spells[at] = append(x.spells[at], in)
	}
	slices.SortStableFunc(x.incidents, worstFirst)
	for _, spells := range x.spells {
		slices.SortStableFunc(spells, func(a, b *correlate.Incident) int { return a.Opened.Compare(b.Opened) })
	}
	for _, m := range r.Messages {
		for i := range m.Findings {
			in := x.incident(&m.Findings[i])
			if have := x.messages[in]; in != nil && (len(have) == 0 || have[len(have)-1] != m) {
				x.messages[in] = append(have, m)
			}
		}
	}
	return x
}

// incident is the spell that f belongs to, nil if it is not in the report.
func (x *index) incident(f *correlate.Finding) *correlate.Incident {
	spells := x.spells[spellKey{f.Direction, f.Key}]
	for _, in := range slices.Backward(spells) {
		if !f.At.Before(in.Opened) {
			return in
		}
	}
	if len(spells) > 0 {
		return spells[0]
	}
	return nil
}

// worstFirst orders incidents for reading: what is not over first, our own
// trouble before that of others, then by severity and by what waits.
func worstFirst(a, b *correlate.Incident) int {
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(b.Stuck+b.Tempfailed, a.Stuck+a.Tempfailed),
		cmp.Compare(b.Rejected+b.Bounced, a.Rejected+a.Bounced),
		cmp.Compare(b.Messages, a.Messages),
		a.Opened.Compare(b.Opened),
		cmp.Compare(a.Key.Domain, b.Key.Domain),
		cmp.Compare(a.Key.Selector, b.Key.Selector),
		cmp.Compare(a.Direction, b.Direction),
		cmp.Compare(a.ID, b.ID),
	)
}

func rank(in *correlate.Incident) int {
	switch {
	case in.State == correlate.StateResolved:
		return 4
	case in.Direction == correlate.Own:
		return 0
	case in.State == correlate.StateOpen:
		return 1
	case in.State == correlate.StateRecovering:
		return 2
	}
	return 3
}

// needsCard reports whether an incident is shown in full: it is not over and did
// harm, or mail still waits for it.
func needsCard(in *correlate.Incident) bool {
	return in.Stuck > 0 || isOpen(in) && (in.Severity > correlate.SeverityInfo || in.Direction == correlate.Own)
}

func isOpen(in *correlate.Incident) bool {
	return in.State == correlate.StateOpen || in.State == correlate.StateRecovering
}

// waits reports whether a key holds m in our queue: somebody did not get it after
// an attempt, or nobody tries any more.
func waits(m *correlate.Message) bool {
	if !m.Outcome.InQueue() || m.Ended || heldBy(m) == nil {
		return false
	}
	if m.Outcome != correlate.OutcomeQueued {
		return true
	}
	return slices.ContainsFunc(m.Recipients, func(r correlate.Recipient) bool {
		return r.Deferrals > 0 && r.Outcome.InQueue()
	})
}

// heldBy is the finding that holds m, the explicit one of several, or nil.
func heldBy(m *correlate.Message) *correlate.Finding {
	return mainFinding(m, func(f *correlate.Finding) bool { return f.Harm == correlate.HarmHeldHere })
}

// mainFinding is the finding of m that tells most, nil if none is wanted.
func mainFinding(m *correlate.Message, wanted func(*correlate.Finding) bool) *correlate.Finding {
	var best *correlate.Finding
	for i := range m.Findings {
		f := &m.Findings[i]
		if wanted(f) && (best == nil || best.Attribution != correlate.Explicit && f.Attribution == correlate.Explicit) {
			best = f
		}
	}
	return best
}

// deadline is when m bounces if nothing changes, and how that is known; a zero
// time if it is not, or if m bounces never: nothing is tried for a message that
// is frozen or on hold, so nothing gives up. What the logs show of other messages' ends is told only in
// the incidents, whose own deadline is that of their oldest message.
func (x *index) deadline(m *correlate.Message) (time.Time, string) {
	f := heldBy(m)
	if f == nil || m.Ended || m.Outcome != correlate.OutcomeQueued {
		return time.Time{}, ""
	}
	in := x.incident(f)
	known := in != nil && !in.Deadline.IsZero() && !in.Oldest.IsZero()
	if x.lifetime != nil && (!known || in.DeadlineSource != "observed") {
		if d, source := x.lifetime(m.MTA); d > 0 {
			return m.FirstSeen.Add(d), source
		}
	}
	if known {
		return m.FirstSeen.Add(in.Deadline.Sub(in.Oldest)), in.DeadlineSource
	}
	return time.Time{}, ""
}

// firstDeadline is when the first message that in holds bounces, zero if that is
// not known. It is not tried if all that it holds is frozen or on hold. The
// messages tell better than the incident, which does not know which those are.
func (x *index) firstDeadline(in *correlate.Incident) (at time.Time, source string, tried bool) {
	untried, unknown := false, true
	for _, m := range x.messages[in] {
		if !waits(m) {
			continue
		}
		if m.Outcome != correlate.OutcomeQueued {
			untried = true
			continue
		}
		tried = true
		d, from := x.deadline(m)
		if d.IsZero() {
			continue
		}
		unknown = false
		if at.IsZero() || d.Before(at) {
			at, source = d, from
		}
	}
	if unknown && (tried || !untried) {
		return in.Deadline, in.DeadlineSource, true
	}
	return at, source, tried
}

// waiting returns the messages that a key holds in our queue, the oldest first.
func (r *Report) waiting() []*correlate.Message {
	var list []*correlate.Message
	for _, m := range r.Messages {
		if waits(m) {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, correlate.ByTime)
	return list
}
