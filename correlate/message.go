// Package correlate joins what single lines say into messages, finds the trouble
// that DKIM keys make them, and follows that trouble over time. It keeps no
// clock: time is the time of the lines, so that replaying a log gives what
// watching it gave.
package correlate

import (
	"fmt"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// Outcome is what became of a message or of one recipient. While a recipient is
// undelivered, a message's outcome is a queue state: queued, frozen or held.
type Outcome uint8

// The outcomes.
const (
	OutcomeUnknown    Outcome = iota // the log does not say
	OutcomeDelivered                 // every recipient got it
	OutcomeQueued                    // in our queue, tried again
	OutcomeFrozen                    // in our queue, not tried (Exim)
	OutcomeHeld                      // in our queue, not tried (Postfix)
	OutcomeTempfailed                // we answered 4xx: it waits at the sender
	OutcomeRejected                  // we answered 5xx
	OutcomeBounced                   // accepted, then returned to its sender
	OutcomeExpired                   // its time ran out and nobody was told
	OutcomeRemoved                   // an administrator removed it
	OutcomeDiscarded                 // accepted and thrown away

	outcomeEnd
)

var outcomeNames = [outcomeEnd]string{
	"unknown", "delivered", "queued", "frozen", "held", "tempfailed", "rejected", "bounced", "expired", "removed", "discarded",
}

// String returns the stable identifier that machine output uses.
func (o Outcome) String() string { return name(outcomeNames[:], uint8(o)) }

// MarshalText writes the identifier of String.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (o *Outcome) UnmarshalText(text []byte) error {
	return unname("outcome", outcomeNames[:], text, (*uint8)(o))
}

// InQueue reports whether the message is still in our queue.
func (o Outcome) InQueue() bool {
	return o == OutcomeQueued || o == OutcomeFrozen || o == OutcomeHeld
}

// Harm is what a finding did to its message.
type Harm uint8

// The kinds of harm.
const (
	HarmNone       Harm = iota // delivered anyway
	HarmHeldHere               // in our queue
	HarmTempfailed             // we answered 4xx: it waits at the sender
	HarmRejected               // we answered 5xx
	HarmBounced                // returned, or lost, after acceptance

	harmEnd
)

var harmNames = [harmEnd]string{"none", "held-here", "tempfailed", "rejected", "bounced"}

// String returns the stable identifier that machine output uses.
func (h Harm) String() string { return name(harmNames[:], uint8(h)) }

// MarshalText writes the identifier of String.
func (h Harm) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (h *Harm) UnmarshalText(text []byte) error {
	return unname("harm", harmNames[:], text, (*uint8)(h))
}

// Direction tells whose key is in trouble.
type Direction uint8

// The directions.
const (
	Inbound  Direction = iota // their key, mail to us
	Outbound                  // our key, refused by a remote server
	Own                       // our verifier or resolver: no key at all

	directionEnd
)

var directionNames = [directionEnd]string{"inbound", "outbound", "own"}

// String returns the stable identifier that machine output uses.
func (d Direction) String() string { return name(directionNames[:], uint8(d)) }

// MarshalText writes the identifier of String.
func (d Direction) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (d *Direction) UnmarshalText(text []byte) error {
	return unname("direction", directionNames[:], text, (*uint8)(d))
}

// Attribution tells how sure it is that the key trouble did the harm.
type Attribution uint8

// The attributions.
const (
	Inferred      Attribution = iota // the key is bad and the message was held for a reason that does not name it
	Explicit                         // the text that held the message names DKIM
	Informational                    // another signature of the message passed and nothing was refused

	attributionEnd
)

var attributionNames = [attributionEnd]string{"inferred", "explicit", "informational"}

// String returns the stable identifier that machine output uses.
func (a Attribution) String() string { return name(attributionNames[:], uint8(a)) }

// MarshalText writes the identifier of String.
func (a Attribution) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (a *Attribution) UnmarshalText(text []byte) error {
	return unname("attribution", attributionNames[:], text, (*uint8)(a))
}

// Message is one message's way through one queue, from its first line to its
// last. All values are owned.
type Message struct {
	Host      string
	Instance  string // Postfix instance, or empty
	QueueID   string
	MTA       string // "exim" or "postfix"
	MessageID string // the header, without <>; a stranger's text

	Sender      string // envelope sender; empty with SenderKnown is the null sender
	SenderKnown bool
	ClientIP    string
	ClientName  string
	Helo        string
	Size        int64

	FirstSeen time.Time
	LastSeen  time.Time
	Accepted  bool // it was in our queue at some time
	Ended     bool // it left, or never entered
	Local     bool // submitted here: our own mail going out

	Outcome  Outcome
	GivenUp  bool // the MTA stopped trying because the message was too old
	Stuck    bool
	Attempts int // how often the sender tried; 1 if we took it at once

	Recipients []Recipient
	Signatures []Signature
	Findings   []Finding
	Related    []Relation
	Sources    []Span
}

// UniqueID reports whether the queue id is never used again on its host: Exim's
// ids and Postfix's long ones.
func (m *Message) UniqueID() bool { return m.MTA == "exim" || longQueueID(m.QueueID) }

// Identity tells messages apart as a person would, whatever number of queue ids
// one has had: by its Message-ID, else by its place in one queue, else by who
// sent it.
func (m *Message) Identity() string {
	switch {
	case m.MessageID != "":
		return m.MessageID
	case m.QueueID != "":
		return m.Host + " " + m.Instance + " " + m.QueueID
	}
	return m.Host + " " + m.ClientIP + " " + m.Sender
}

// Recipient is what became of a message for one address.
type Recipient struct {
	Address   string
	Outcome   Outcome
	Deferrals int
	LastReply string // the last words about it, as logged
	At        time.Time
}

// Signature is what the logs say of one signature, the most telling of all lines.
type Signature struct {
	Key       dkim.KeyName // as logged
	Algorithm string
	Result    dkim.Result
	Cause     dkim.Cause
	Reason    string
	Ours      bool // we signed; it was not verified here
}

// Finding is one message's trouble with one key. A key whose selector is empty
// was never named by the logs at hand.
type Finding struct {
	Key         dkim.KeyName // canonical
	Cause       dkim.Cause
	Harm        Harm
	Direction   Direction
	Attribution Attribution
	Evidence    []string // the lines' words that say so
	At          time.Time
}

// Relation ties a message to another one: "bounce", "bounce-of", "next-hop",
// "origin", "attempt", "same-message".
type Relation struct {
	QueueID string
	Kind    string
}

// Span is where a message's lines stand.
type Span struct {
	File      string
	FirstLine int64
	LastLine  int64
}

func name(names []string, i uint8) string {
	if int(i) >= len(names) {
		return fmt.Sprintf("(%d)", i)
	}
	return names[i]
}

func unname(what string, names []string, text []byte, to *uint8) error {
	for i, n := range names {
		if n == string(text) {
			*to = uint8(i)
			return nil
		}
	}
	return fmt.Errorf("unknown %s %q", what, text)
}

// longQueueID reports whether id has the form of Postfix's long queue ids, which
// are never used twice (enable_long_queue_ids, Postfix 2.9).
func longQueueID(id string) bool {
	if len(id) < 12 {
		return false
	}
	for _, c := range []byte(id[10:]) {
		if c == 'z' {
			return true
		}
	}
	return false
}

// Judge says whether the message is stuck at asOf: it came into our queue at
// least after ago, has not left, and somebody did not get it after an attempt,
// a hold or a freeze.
func (m *Message) Judge(asOf time.Time, after time.Duration) {
	m.Stuck = false
	if !m.Accepted || m.Ended || !m.Outcome.InQueue() || asOf.Sub(m.FirstSeen) < after {
		return
	}
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.Deferrals > 0 && r.Outcome.InQueue() {
			m.Stuck = true
		}
	}
	if m.Outcome != OutcomeQueued {
		m.Stuck = true
	}
}
