package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// mergeMessages joins two views of one message, as from a log that was read, grew
// or was rotated, and was read again. The better view is the one that saw the
// message end, else the one that saw it last, else the one that saw it first, else
// in. It decides what became of the message and of each recipient; what it does
// not know it takes from the other. So a shorter view of what is known already
// adds nothing, and joining a view twice changes nothing.
//
// Counts of two views that share no time are added, else the larger one counts.
func mergeMessages(old, in correlate.Message) correlate.Message {
	m, rest := in, old
	if better(&old, &in) {
		m, rest = old, in
	}
	apart := in.FirstSeen.After(old.LastSeen) || old.FirstSeen.After(in.LastSeen)
	covers := !in.FirstSeen.After(old.FirstSeen) && !in.LastSeen.Before(old.LastSeen)

	m.FirstSeen = earlier(m.FirstSeen, rest.FirstSeen)
	m.LastSeen = later(m.LastSeen, rest.LastSeen)
	m.MTA = cmp.Or(m.MTA, rest.MTA)
	m.MessageID = cmp.Or(m.MessageID, rest.MessageID)
	m.ClientIP = cmp.Or(m.ClientIP, rest.ClientIP)
	m.ClientName = cmp.Or(m.ClientName, rest.ClientName)
	m.Helo = cmp.Or(m.Helo, rest.Helo)
	m.Size = cmp.Or(m.Size, rest.Size)
	m.Outcome = cmp.Or(m.Outcome, rest.Outcome)
	if !m.SenderKnown {
		m.Sender, m.SenderKnown = rest.Sender, rest.SenderKnown
	}
	m.Accepted = m.Accepted || rest.Accepted
	m.Local = m.Local || rest.Local
	m.GivenUp = m.GivenUp || rest.GivenUp
	m.Attempts = max(m.Attempts, rest.Attempts)
	m.Recipients = mergeRecipients(m.Recipients, rest.Recipients, apart)
	m.Signatures = mergeSignatures(m.Signatures, rest.Signatures)
	m.Findings = mergeFindings(m.Findings, rest.Findings)
	m.Related, _ = union(m.Related, rest.Related, func(r correlate.Relation) correlate.Relation { return r })
	if covers && len(in.Sources) > 0 {
		m.Sources = in.Sources // its lines have moved to other files since
	} else {
		m.Sources, _ = union(m.Sources, rest.Sources, func(s correlate.Span) string { return s.File })
	}
	return m
}

// better reports whether old is a better view of its message than in.
func better(old, in *correlate.Message) bool {
	switch {
	case old.Ended != in.Ended:
		return old.Ended
	case !old.LastSeen.Equal(in.LastSeen):
		return old.LastSeen.After(in.LastSeen)
	}
	return old.FirstSeen.Before(in.FirstSeen)
}

func mergeRecipients(best, rest []correlate.Recipient, apart bool) []correlate.Recipient {
	all, twins := union(best, rest, func(r correlate.Recipient) string { return r.Address })
	for i, j := range twins {
		if j < 0 {
			continue
		}
		r, o := best[i], rest[j]
		deferrals := max(r.Deferrals, o.Deferrals)
		if apart {
			deferrals = r.Deferrals + o.Deferrals
		}
		if saysMore(o, r) {
			r, o = o, r
		}
		r.Deferrals = deferrals
		r.LastReply = cmp.Or(r.LastReply, o.LastReply)
		all[i] = r
	}
	return all
}

// saysMore reports whether a knows what became of its address and b does not, or
// knows it of a later time.
func saysMore(a, b correlate.Recipient) bool {
	if known := a.Outcome != correlate.OutcomeUnknown; known != (b.Outcome != correlate.OutcomeUnknown) {
		return known
	}
	return a.At.After(b.At)
}

func mergeSignatures(best, rest []correlate.Signature) []correlate.Signature {
	all, twins := union(best, rest, func(s correlate.Signature) dkim.KeyName { return s.Key.Canonical() })
	for i, j := range twins {
		if j >= 0 && best[i].Result == dkim.ResultUnknown && best[i].Cause == dkim.CauseNone {
			all[i] = rest[j]
		}
	}
	return all
}

// mergeFindings joins findings by their key. One whose key was not named yet
// gives way to one of the other view that names it.
func mergeFindings(best, rest []correlate.Finding) []correlate.Finding {
	namedIn := func(view []correlate.Finding) func(correlate.Finding) bool {
		return func(o correlate.Finding) bool {
			return slices.ContainsFunc(view, func(f correlate.Finding) bool { return names(f, o) })
		}
	}
	best, rest = slices.DeleteFunc(slices.Clone(best), namedIn(rest)), slices.DeleteFunc(slices.Clone(rest), namedIn(best))
	type name struct {
		key       dkim.KeyName
		direction correlate.Direction
	}
	all, twins := union(best, rest, func(f correlate.Finding) name { return name{f.Key, f.Direction} })
	for i, j := range twins {
		if j < 0 {
			continue
		}
		f, o := &all[i], rest[j]
		f.At = earlier(f.At, o.At)
		if o.Cause.MoreSpecific(f.Cause) {
			f.Cause = o.Cause
		}
		if len(f.Evidence) == 0 {
			f.Evidence = o.Evidence
		}
	}
	return nilIfEmpty(all)
}

// names reports whether f names the key that o speaks of without its selector.
func names(f, o correlate.Finding) bool {
	return o.Key.Selector == "" && f.Key.Selector != "" && f.Direction == o.Direction &&
		(o.Key.Domain == "" || o.Key.Domain == f.Key.Domain)
}

// union returns a new slice of best and of what rest has besides, and for each of
// best the index in rest of the one with the same key, or -1. If several have one
// key, the first belongs to the first, the second to the second.
func union[T any, K comparable](best, rest []T, key func(T) K) (all []T, twins []int) {
	left := make(map[K][]int, len(rest)) // indices in rest
	for j, r := range rest {
		left[key(r)] = append(left[key(r)], j)
	}
	all, twins = slices.Clone(best), make([]int, len(best))
	taken := make([]bool, len(rest))
	for i, b := range best {
		twins[i] = -1
		if same := left[key(b)]; len(same) > 0 {
			twins[i], left[key(b)] = same[0], same[1:]
			taken[same[0]] = true
		}
	}
	for j, r := range rest {
		if !taken[j] {
			all = append(all, r)
		}
	}
	return all, twins
}

// earlier returns the earlier one of the times that are set.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
