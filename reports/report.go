package reports

import (
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// Report is all that there is to say of a period or of some logs. Whoever has
// read them fills it in; the Write functions print it, and do not change it.
type Report struct {
	Title string    // of what people read, such as "dkimwatch report"; empty is "dkimwatch"
	Since time.Time // the period that was asked for; zero is open
	Until time.Time
	First time.Time // of the lines that were read; zero if there were none
	Last  time.Time
	AsOf  time.Time // when ages and deadlines are judged

	// Zone is where the reader lives; nil is UTC. Machine formats are in UTC.
	Zone *time.Location

	Messages  []*correlate.Message // those with findings, or all
	Incidents []correlate.Incident // in any order
	Other     []correlate.Other    // DKIM trouble that is not the keys'
	Sources   []Source             // in the order they were given
	Counters  Counters

	DNSAsked bool // the keys were looked up again, or that was tried

	// Lifetime says how long an MTA keeps an undelivered message, and how that
	// is known: "configured", or a default. It may be nil; then the incidents'
	// deadlines tell.
	Lifetime func(mta string) (d time.Duration, source string)
}

// Source is what became of one input, as every output shows it.
type Source struct {
	Type      string    `json:"type"` // "source", set by the Write functions
	Name      string    `json:"name"`
	Format    string    `json:"format,omitempty"` // "exim", "syslog", …; empty if it is no log that we know
	Lines     int64     `json:"lines"`
	Events    int64     `json:"events"`
	Ignored   int64     `json:"ignored"`   // good lines with nothing for us
	Malformed int64     `json:"malformed"` // not of the format
	Cut       int64     `json:"cut"`       // longer than the limit
	First     time.Time `json:"first,omitzero"`
	Last      time.Time `json:"last,omitzero"`
	Samples   []Sample  `json:"samples,omitempty"`      // of malformed lines
	Duplicate string    `json:"duplicate_of,omitempty"` // the input with the same lines, which was read instead
	Error     string    `json:"error,omitempty"`        // why it was not read, or not to its end
}

// Sample is a malformed line, for people to look at.
type Sample struct {
	Line int64  `json:"line"`
	Text string `json:"text"` // its beginning; a stranger's text
}

// Counters is what the program did, for those who wonder whether it missed
// something.
type Counters struct {
	Begun      int64 `json:"begun"`      // messages of which a line was seen
	Evicted    int64 `json:"evicted"`    // messages given up because too many were open
	Late       int64 `json:"late"`       // lines that came after their message was over
	Unattached int64 `json:"unattached"` // signature lines that belong to no message
	Repeated   int64 `json:"repeated"`   // lines that the logging system folded into one
	Lost       int64 `json:"lost"`       // lines that the logging system says it lost
	KeysLeft   int64 `json:"keys_left"`  // sightings of keys not followed because there were too many
}

// StuckOnly returns r with no other messages than those that are stuck because
// of a key, and with the incidents they belong to.
func StuckOnly(r *Report) *Report {
	stuck := *r
	stuck.Messages, stuck.Incidents = nil, nil
	x := newIndex(r)
	for _, m := range r.Messages {
		if m.Stuck && waits(m) {
			stuck.Messages = append(stuck.Messages, m)
		}
	}
	for _, in := range x.incidents {
		for _, m := range x.messages[in] {
			if m.Stuck && waits(m) {
				stuck.Incidents = append(stuck.Incidents, *in)
				break
			}
		}
	}
	return &stuck
}

func (r *Report) title() string {
	if r.Title == "" {
		return "dkimwatch"
	}
	return r.Title
}

func (r *Report) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}
