package correlate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// Other counts DKIM trouble that is not the key's: bodies changed on the way,
// signatures expired, policies. It never makes an incident.
type Other struct {
	Cause    dkim.Cause
	Domain   string // signing domain, lower case; empty if not logged
	Messages int
	Refused  int // of them, those that we did not take or could not deliver
}

// maxOther is how many pairs of cause and domain are counted one by one.
const maxOther = 20_000

type otherKey struct {
	cause  dkim.Cause
	domain string
}

// countOther counts the trouble of o's signatures, and of policies that judged
// it, that is not the key's.
func (t *Tracker) countOther(o *open) {
	for i := range o.sigs {
		if s := &o.sigs[i]; s.cause != dkim.CauseNone && !s.cause.Key() && !s.ours {
			t.addOther(o, s.cause, s.domain)
		}
	}
	for i := range o.notes {
		if n := &o.notes[i]; n.cause == dkim.CausePolicyAlignment {
			t.addOther(o, n.cause, n.domain)
		}
	}
}

func (t *Tracker) addOther(o *open, cause dkim.Cause, domain text) {
	if t.other == nil {
		t.other = map[otherKey]*Other{}
	}
	key := otherKey{cause, strings.ToLower(o.texts.str(domain))}
	have := t.other[key]
	if have == nil && len(t.other) >= maxOther {
		key.domain = ""
		have = t.other[key]
	}
	if have == nil {
		have = &Other{Cause: key.cause, Domain: key.domain}
		t.other[key] = have
	}
	have.Messages++
	switch o.outcome() {
	case OutcomeRejected, OutcomeTempfailed, OutcomeBounced, OutcomeQueued:
		have.Refused++
	}
}

// Other returns what was counted, the most frequent first.
func (t *Tracker) Other() []Other {
	var all []Other
	for _, o := range t.other {
		all = append(all, *o)
	}
	slices.SortFunc(all, func(a, b Other) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Domain, b.Domain))
	})
	return all
}
