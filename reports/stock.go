package reports

import (
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// stock is what a headline tells, of distinct messages.
type stock struct {
	held, tempfailed, rejected, bounced int

	inferred int // of those held: the words that hold them do not name DKIM

	keys     int  // that hold mail
	verifier bool // our own verifier holds mail
	own      int  // incidents of our own that are not over
	oldest   time.Time
	deadline time.Time
}

func takeStock(r *Report, x *index) stock {
	var n stock
	keys := map[spellKey]bool{}
	for _, m := range distinct(r.Messages) {
		switch harmOf(m) {
		case correlate.HarmHeldHere:
			n.held++
			n.note(m, x, keys)
		case correlate.HarmTempfailed:
			n.tempfailed++
		case correlate.HarmRejected:
			n.rejected++
		case correlate.HarmBounced:
			n.bounced++
		}
	}
	n.alone(x, keys)
	n.keys = len(keys)
	for _, in := range x.incidents {
		if in.Direction == correlate.Own && in.State != correlate.StateResolved {
			n.own++
		}
	}
	return n
}

// note takes a message that is held into account.
func (n *stock) note(m *correlate.Message, x *index, keys map[spellKey]bool) {
	n.oldest = earlier(n.oldest, m.FirstSeen)
	at, _ := x.deadline(m)
	n.deadline = earlier(n.deadline, at)
	if heldBy(m).Attribution != correlate.Explicit {
		n.inferred++
	}
	for i := range m.Findings {
		f := &m.Findings[i]
		switch {
		case f.Harm != correlate.HarmHeldHere:
		case f.Direction == correlate.Own:
			n.verifier = true
		default:
			keys[spellKey{f.Direction, f.Key}] = true
		}
	}
}

// alone takes the incidents into account whose messages are not in the report:
// what they hold is held all the same.
func (n *stock) alone(x *index, keys map[spellKey]bool) {
	for _, in := range x.incidents {
		if in.Stuck == 0 || len(x.messages[in]) > 0 {
			continue
		}
		n.held += in.Stuck
		if in.Direction == correlate.Own {
			n.verifier = true
		} else {
			keys[spellKey{in.Direction, in.Key}] = true
		}
		if in.Explicit == 0 {
			n.inferred += in.Stuck
		}
		n.oldest = earlier(n.oldest, in.Oldest)
		n.deadline = earlier(n.deadline, in.Deadline)
	}
}

// earlier is the first of two times; zero is not known.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// reasons names what holds mail: keys, our verifier, or both.
func (n *stock) reasons() string {
	switch {
	case n.keys > 0 && n.verifier:
		return number(n.keys, "DKIM key") + " and of our own verifier"
	case n.keys > 0:
		return number(n.keys, "DKIM key")
	}
	return "our own DKIM verifier"
}
