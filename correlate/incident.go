package correlate

import (
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// State is how far an incident has come.
type State uint8

// The states.
const (
	StateSuspected State = iota // no harm and no history: may be spam's invention
	StateOpen
	StateRecovering // verified again, not yet proven
	StateResolved

	stateEnd
)

var stateNames = [stateEnd]string{"suspected", "open", "recovering", "resolved"}

// String returns the stable identifier that machine output uses.
func (s State) String() string { return name(stateNames[:], uint8(s)) }

// MarshalText writes the identifier of String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (s *State) UnmarshalText(text []byte) error {
	return unname("state", stateNames[:], text, (*uint8)(s))
}

// Severity is how bad an incident is.
type Severity uint8

// The severities.
const (
	SeverityInfo     Severity = iota // no harm
	SeverityWarning                  // mail is held
	SeverityCritical                 // mail is rejected or bounced, or will be soon

	severityEnd
)

var severityNames = [severityEnd]string{"info", "warning", "critical"}

// String returns the stable identifier that machine output uses.
func (s Severity) String() string { return name(severityNames[:], uint8(s)) }

// MarshalText writes the identifier of String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (s *Severity) UnmarshalText(text []byte) error {
	return unname("severity", severityNames[:], text, (*uint8)(s))
}

// Incident is one spell of trouble with one key, from the first sign to the
// proof that it is over. Its natural key is (Direction, Key, Opened).
type Incident struct {
	ID        string // short, stable: the same trouble in the same log has the same id
	Direction Direction
	Key       dkim.KeyName // canonical; an empty selector was never logged
	Cause     dkim.Cause   // the latest, most specific one
	About     string       // what is in trouble where there is no key: the host, and what it says of its milter
	State     State
	Severity  Severity

	Opened     time.Time // of the first finding
	LastSeen   time.Time // of the latest finding
	ResolvedAt time.Time // zero unless StateResolved

	Messages   int // different ones with a finding of this key
	Stuck      int // of them in our queue
	Tempfailed int // waiting at their senders
	Rejected   int
	Bounced    int
	Delivered  int       // got through in spite of it
	Findings   int       // attempts and queue entries counted one by one
	Reopened   int       // how often it came back within a day
	Recipients int       // different addresses
	Clients    int       // different client addresses
	Oldest     time.Time // arrival of the oldest message that is still stuck; zero if none
	Explicit   int       // findings whose text names DKIM

	Deadline       time.Time // when the first stuck message bounces; zero if none or not known
	DeadlineSource string    // "configured", "observed", "exim-default", "postfix-default"
	WorkedUntil    time.Time // the last time that a signature with this key verified before Opened; zero if never seen

	Verdict dkim.Verdict
}
