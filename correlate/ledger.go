package correlate

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// Ledger turns signs of good and bad keys, findings and verdicts into incidents:
// one spell of trouble with one key, from the first sign to the proof that it is
// over. Its time is the logs' time. The zero Ledger is ready; it is not safe for
// concurrent use.
type Ledger struct {
	// Lifetime says how long an MTA keeps an undelivered message, and how that
	// is known: "configured", or a default. A zero duration is not known. It may
	// be nil.
	Lifetime func(mta string) (d time.Duration, source string)

	// Dropped counts keys that were not followed because there were too many.
	Dropped int64

	keys     map[string]*history
	recent   [recentKeys]*history  // see inbound
	troubled map[string][]*history // by domain: those with a spell
	buf      []byte

	ownTrouble bool                     // some host's verifier has failed
	lifetime   map[string]time.Duration // observed, by host and MTA
}

// Limits of what strangers can make a Ledger remember.
const (
	maxKeys   = 200_000 // verified or in trouble
	maxSpells = 64      // of one key
	maxMails  = 100_000 // of one spell
)

// When a spell is over and when it is the same one again (design: "again within
// 24 h: same incident").
const (
	passesToResolve = 2
	sameSpell       = 24 * time.Hour
	deadlineNear    = time.Hour
)

// spell is an incident in the making.
type spell struct {
	opened, lastBad  time.Time
	workedUntil      time.Time
	resolved         time.Time // of the pass that proved it; zero while it lasts
	passes, reopened int
	cause            dkim.Cause
	about            string
	verdict          dkim.Verdict
	mails            map[string]*mail
	findings         int
	explicit         int
	clients          map[string]bool
	recipients       map[string]bool
}

// mail is one message of a spell, whatever number of queue ids it has had.
type mail struct {
	harm     Harm
	stuck    bool
	since    time.Time
	deadline time.Time
	source   string
}

// pass notes that a signature verified. An empty selector is a key of the domain
// that the log does not name.
func (l *Ledger) pass(domain, selector []byte, at time.Time) {
	h := l.inbound(domain, selector)
	if h == nil {
		return
	}
	if at.After(h.lastPass) {
		h.lastPass = at
	}
	h.passed(at)
	if len(selector) == 0 && len(l.troubled) > 0 {
		for _, other := range l.troubled[h.key.Domain] {
			if other != h {
				other.passed(at)
			}
		}
	}
}

// trouble notes a bad sign of a key.
func (l *Ledger) trouble(domain, selector []byte, cause dkim.Cause, at time.Time) {
	if h := l.inbound(domain, selector); h != nil {
		l.bad(h, cause, at)
	}
}

func (l *Ledger) bad(h *history, cause dkim.Cause, at time.Time) *spell {
	s := h.current()
	switch {
	case s == nil || !s.resolved.IsZero() && at.Sub(s.resolved) > sameSpell && len(h.spells) < maxSpells:
		s = &spell{
			opened: at, workedUntil: l.workedUntil(h),
			mails: map[string]*mail{}, clients: map[string]bool{}, recipients: map[string]bool{},
		}
		h.spells = append(h.spells, s)
		if len(h.spells) == 1 {
			if l.troubled == nil {
				l.troubled = map[string][]*history{}
			}
			l.troubled[h.key.Domain] = append(l.troubled[h.key.Domain], h)
		}
	case at.Before(s.lastBad):
		return s // told late: what has happened since stands
	case !s.resolved.IsZero():
		s.resolved = time.Time{}
		s.reopened++
	}
	s.passes = 0
	s.lastBad = at
	if !s.cause.MoreSpecific(cause) {
		s.cause = cause
	}
	return s
}

// workedUntil is when h's key verified last, or a key of its domain that the log
// does not name.
func (l *Ledger) workedUntil(h *history) time.Time {
	last := h.lastPass
	if other := l.find(h.direction, []byte(h.key.Domain), nil, false); other != nil && other.lastPass.After(last) {
		last = other.lastPass
	}
	return last
}

// own returns the history of a host's own verifier. It has no key.
func (l *Ledger) own(host []byte) *history {
	h := l.find(Own, nil, host, true)
	if h != nil {
		h.key = dkim.KeyName{}
	}
	return h
}

// verifierDown notes that our verifier cannot work.
func (l *Ledger) verifierDown(ev *parsers.Event) {
	h := l.own(ev.Host)
	if h == nil {
		return
	}
	s := l.bad(h, ev.Cause, ev.Time)
	s.findings++
	l.ownTrouble = true
	if s.about == "" {
		s.about = strings.ToValidUTF8(string(ev.Host)+": "+string(ev.Text[:min(len(ev.Text), 200)]), "?")
	}
}

// verifierWorks notes that a host's filter has judged a message.
func (l *Ledger) verifierWorks(host []byte, at time.Time) {
	if !l.ownTrouble {
		return
	}
	if h := l.find(Own, nil, host, false); h != nil {
		h.passed(at)
	}
}

// Observe adds a message's findings to the incidents that they belong to. A
// message may be observed again as it changes; its latest state counts.
func (l *Ledger) Observe(m *Message) {
	for i := range m.Findings {
		f := &m.Findings[i]
		var h *history
		if f.Direction == Own {
			h = l.own([]byte(m.Host))
		} else {
			h = l.find(f.Direction, []byte(f.Key.Domain), []byte(f.Key.Selector), true)
		}
		if h == nil {
			continue
		}
		s := h.at(f.At)
		if s == nil {
			s = l.bad(h, f.Cause, f.At)
		}
		l.count(s, m, f)
	}
}

func (l *Ledger) count(s *spell, m *Message, f *Finding) {
	s.findings++
	if f.Cause.MoreSpecific(s.cause) {
		s.cause = f.Cause
	}
	if f.Attribution == Explicit {
		s.explicit++
	}
	id := m.Identity()
	have := s.mails[id]
	if have == nil {
		if len(s.mails) >= maxMails {
			return
		}
		have = &mail{since: m.FirstSeen}
		s.mails[id] = have
	} else if f.Harm == HarmTempfailed && have.harm != HarmTempfailed {
		return // the next host put off what the host before holds: one message
	}
	have.harm, have.stuck = f.Harm, m.Stuck
	if m.FirstSeen.Before(have.since) {
		have.since = m.FirstSeen
	}
	have.deadline, have.source = time.Time{}, ""
	if f.Harm == HarmHeldHere && m.Outcome == OutcomeQueued { // what is frozen or on hold does not bounce by itself
		have.deadline, have.source = l.deadline(m)
	}
	if m.ClientIP != "" && len(s.clients) < maxMails {
		s.clients[m.ClientIP] = true
	}
	for _, r := range m.Recipients {
		if len(s.recipients) < maxMails {
			s.recipients[strings.ToLower(r.Address)] = true
		}
	}
}

// deadline is when m bounces if nothing changes, and how that is known.
func (l *Ledger) deadline(m *Message) (time.Time, string) {
	var d time.Duration
	var source string
	if l.Lifetime != nil {
		d, source = l.Lifetime(m.MTA)
	}
	if seen := l.lifetime[m.Host+" "+m.MTA]; seen > 0 && source != "configured" {
		d, source = seen, "observed"
	}
	if d <= 0 {
		return time.Time{}, ""
	}
	return m.FirstSeen.Add(d), source
}

// Expired tells the ledger that a message's time ran out at this age: others on
// the same host will share its fate.
func (l *Ledger) Expired(m *Message) {
	if !m.Accepted || !m.GivenUp {
		return
	}
	if l.lifetime == nil {
		l.lifetime = map[string]time.Duration{}
	}
	at := m.Host + " " + m.MTA
	if age := m.LastSeen.Sub(m.FirstSeen); l.lifetime[at] == 0 || age < l.lifetime[at] {
		l.lifetime[at] = age
	}
}

// Recheck notes what DNS said of a key, in all directions.
func (l *Ledger) Recheck(v dkim.Verdict) {
	for _, d := range []Direction{Inbound, Outbound} {
		if h := l.find(d, []byte(v.Key.Domain), []byte(v.Key.Selector), false); h != nil {
			if s := h.current(); s != nil {
				s.verdict = v
			}
		}
	}
}

// Incidents returns every incident as it stands at asOf, the worst first: open
// before over, then by severity and the number of messages.
func (l *Ledger) Incidents(asOf time.Time) []Incident {
	var all []Incident
	for _, h := range l.keys {
		for _, s := range h.spells {
			all = append(all, s.incident(h, asOf))
		}
	}
	slices.SortFunc(all, func(a, b Incident) int {
		return cmp.Or(
			cmp.Compare(rank(a.State), rank(b.State)),
			cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(b.Stuck+b.Tempfailed, a.Stuck+a.Tempfailed),
			cmp.Compare(b.Messages, a.Messages),
			a.Opened.Compare(b.Opened),
			cmp.Compare(a.Key.Domain, b.Key.Domain),
			cmp.Compare(a.Key.Selector, b.Key.Selector),
			cmp.Compare(a.Direction, b.Direction),
		)
	})
	return all
}

// rank orders states for reading: what is open first.
func rank(s State) int {
	return [stateEnd]int{StateOpen: 0, StateRecovering: 1, StateSuspected: 2, StateResolved: 3}[s]
}

func (s *spell) incident(h *history, asOf time.Time) Incident {
	in := Incident{
		ID: incidentID(h, s), Direction: h.direction, Key: h.key, Cause: s.cause, About: s.about,
		Opened: s.opened, LastSeen: s.lastBad, ResolvedAt: s.resolved,
		Messages: len(s.mails), Recipients: len(s.recipients), Clients: len(s.clients),
		Explicit: s.explicit, Findings: s.findings, Reopened: s.reopened,
		WorkedUntil: s.workedUntil, Verdict: s.verdict,
	}
	for _, m := range s.mails {
		switch m.harm {
		case HarmHeldHere:
			in.Stuck++
			if in.Oldest.IsZero() || m.since.Before(in.Oldest) {
				in.Oldest = m.since
			}
			if !m.deadline.IsZero() && (in.Deadline.IsZero() || m.deadline.Before(in.Deadline)) {
				in.Deadline, in.DeadlineSource = m.deadline, m.source
			}
		case HarmTempfailed:
			in.Tempfailed++
		case HarmRejected:
			in.Rejected++
		case HarmBounced:
			in.Bounced++
		default:
			in.Delivered++
		}
	}
	in.State = s.state(&in)
	in.Severity = severity(&in, asOf)
	return in
}

// state applies the noise rule: spam invents selectors, so trouble is only
// suspected until it does harm or the key has a history.
func (s *spell) state(in *Incident) State {
	switch {
	case !s.resolved.IsZero():
		return StateResolved
	case s.passes > 0, s.verdict.Status == dkim.KeyValid:
		return StateRecovering
	case in.Direction == Own:
		return StateOpen
	}
	harm := in.Stuck+in.Tempfailed+in.Rejected+in.Bounced > 0
	history := !s.workedUntil.IsZero() || in.Clients > 1
	if harm || history {
		return StateOpen
	}
	return StateSuspected
}

func severity(in *Incident, asOf time.Time) Severity {
	near := !in.Deadline.IsZero() && in.Deadline.Sub(asOf) < deadlineNear
	switch {
	case in.Rejected+in.Bounced > 0, in.Stuck > 0 && near:
		return SeverityCritical
	case in.Stuck+in.Tempfailed > 0, in.Direction == Own:
		return SeverityWarning
	}
	return SeverityInfo
}

// incidentID is short enough to type and the same whenever the same log is read.
func incidentID(h *history, s *spell) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %s %d", h.direction, h.key.Domain, h.key.Selector, s.about, s.opened.UnixMicro()))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
}
