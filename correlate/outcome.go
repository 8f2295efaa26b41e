package correlate

import (
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// outcome says what became of o, as far as it is known now.
func (o *open) outcome() Outcome {
	if o.has(refused) && !o.has(arrived) {
		if o.has(temporary) {
			return OutcomeTempfailed
		}
		return OutcomeRejected
	}
	worst := OutcomeUnknown
	left := false // somebody did not get it yet
	for i := range o.rcpts {
		switch r := o.rcpts[i].outcome; r {
		case OutcomeQueued:
			left = true
		default:
			worst = worse(worst, r)
		}
	}
	if !o.has(ended) {
		return o.queueState(worst, left)
	}
	switch {
	case o.has(removed) && (left || len(o.rcpts) == 0):
		worst = worse(worst, OutcomeRemoved)
	case o.has(cancelled) && (left || len(o.rcpts) == 0), o.has(expired), left:
		worst = worse(worst, OutcomeBounced)
	case o.has(discarded):
		worst = worse(worst, OutcomeDiscarded)
	}
	if worst == OutcomeBounced && o.nobodyTold() {
		if o.timeRanOut() {
			return OutcomeExpired
		}
		return OutcomeDiscarded
	}
	return worst
}

// queueState is the outcome of a message that has not left.
func (o *open) queueState(worst Outcome, left bool) Outcome {
	switch {
	case !o.has(arrived), o.has(silent):
		return OutcomeUnknown
	case o.has(held):
		return OutcomeHeld
	case o.has(frozen):
		return OutcomeFrozen
	case !left && len(o.rcpts) > 0 && len(o.rcpts) >= int(o.expected):
		return worst // only the line that says so is missing
	}
	return OutcomeQueued
}

// nobodyTold reports whether a failure was kept from everybody: a bounce for the
// null sender is not sent.
func (o *open) nobodyTold() bool {
	return !o.has(bounced) && (o.has(unbounced) || o.has(senderKnown) && o.sender.empty())
}

func (o *open) timeRanOut() bool {
	if o.has(gaveUp) {
		return true
	}
	for i := range o.rcpts {
		if o.rcpts[i].deferrals > 0 {
			return true
		}
	}
	return false
}

// severityOf orders the ends of recipients: the message has the worst.
var severityOf = [outcomeEnd]uint8{
	OutcomeDelivered:  1,
	OutcomeDiscarded:  2,
	OutcomeRemoved:    3,
	OutcomeTempfailed: 0, // one recipient refused at the door is the sender's affair
	OutcomeRejected:   0,
	OutcomeExpired:    4,
	OutcomeBounced:    5,
}

func worse(a, b Outcome) Outcome {
	if severityOf[b] > severityOf[a] {
		return b
	}
	return a
}

// passed reports whether a signature of the message verified.
func (o *open) passed() bool {
	for i := range o.sigs {
		if o.sigs[i].result == dkim.ResultPass && !o.sigs[i].ours {
			return true
		}
	}
	return false
}

// troubled reports whether anything about the message speaks of a bad key, or of
// DKIM as the reason why it did not get through.
func (o *open) troubled() bool {
	for i := range o.sigs {
		if o.sigs[i].cause.Key() {
			return true
		}
	}
	for i := range o.notes {
		if n := &o.notes[i]; n.dkim && (n.kind != parsers.KindWarning || n.cause.Key()) {
			return true
		}
	}
	return o.has(verifierDown)
}
