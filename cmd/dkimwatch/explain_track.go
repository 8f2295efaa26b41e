package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/reports"
)

// follower makes messages and incidents of the lines that are explained, as scan
// does, without asking DNS.
type follower struct {
	host       []byte // of lines that name none
	stuckAfter time.Duration
	tracker    *correlate.Tracker
	ledger     *correlate.Ledger

	wanted      map[string]bool // queue ids whose messages are told of even without a finding
	first, last time.Time
	messages    []*correlate.Message
	incidents   []correlate.Incident
}

// newFollower returns one that keeps the messages with a finding, and with all
// also the wanted ones.
func newFollower(cfg *configs.Config, source string, all bool) *follower {
	f := &follower{
		host: []byte(host(cfg.Host)), stuckAfter: cfg.StuckAfter, wanted: map[string]bool{},
		ledger: &correlate.Ledger{},
	}
	f.tracker = &correlate.Tracker{
		All: all, Max: cfg.MaxOpenMessages, Keys: f.ledger, Files: []string{source},
		Done: func(m *correlate.Message) {
			if len(m.Findings) > 0 || f.wanted[m.QueueID] {
				f.messages = append(f.messages, m)
			}
		},
	}
	return f
}

// add takes what one line says.
func (f *follower) add(ev *parsers.Event) {
	if !ev.Time.IsZero() {
		if f.first.IsZero() || ev.Time.Before(f.first) {
			f.first = ev.Time
		}
		if ev.Time.After(f.last) {
			f.last = ev.Time
		}
	}
	if len(ev.Host) == 0 {
		ev.Host = f.host
	}
	f.tracker.Add(ev, 0)
}

// finish judges how things stand at the last line.
func (f *follower) finish() {
	f.tracker.Flush()
	correlate.Join(f.messages)
	slices.SortStableFunc(f.messages, correlate.ByTime)
	for _, m := range f.messages {
		m.Judge(f.last, f.stuckAfter)
		f.ledger.Expired(m)
	}
	for _, m := range f.messages {
		f.ledger.Observe(m)
	}
	f.incidents = f.ledger.Incidents(f.last)
}

// incident is the spell that a finding belongs to, or nil.
func (f *follower) incident(of *correlate.Finding) *correlate.Incident {
	var best *correlate.Incident
	for i := range f.incidents {
		in := &f.incidents[i]
		if in.Direction == of.Direction && in.Key == of.Key &&
			(best == nil || in.Opened.After(best.Opened) && !in.Opened.After(of.At)) {
			best = in
		}
	}
	return best
}

// report is what scan would print of these lines, but for deadlines: how long
// mail is kept is not asked.
func (f *follower) report() *reports.Report {
	return &reports.Report{
		First: f.first, Last: f.last, AsOf: f.last,
		Messages: f.messages, Incidents: f.incidents, Other: f.tracker.Other(),
	}
}

// printMessages tells of the messages that are wanted, and of what they make.
func (f *follower) printMessages(p *prose) {
	told := map[*correlate.Incident]bool{}
	for _, m := range f.messages {
		if !f.wanted[m.QueueID] {
			continue
		}
		p.line("")
		f.printMessage(p, m)
		for i := range m.Findings {
			if in := f.incident(&m.Findings[i]); in != nil && !told[in] {
				told[in] = true
				f.printIncident(p, in)
			}
		}
	}
	for i := range f.incidents {
		if in := &f.incidents[i]; in.Direction == correlate.Own && !told[in] {
			p.line("")
			f.printIncident(p, in)
		}
	}
}

func (f *follower) printMessage(p *prose, m *correlate.Message) {
	p.text(0, "Message "+reports.Clean(m.QueueID, maxShown)+" on "+reports.Clean(m.Host, maxShown)+", as these lines tell it")
	outcome := m.Outcome.String()
	if m.Stuck {
		outcome += ", stuck"
	}
	p.field("Outcome", outcome)
	for _, s := range m.Sources {
		p.field("Lines", fmt.Sprintf("%d to %d, from %s to %s", s.FirstLine, s.LastLine, stamp(m.FirstSeen), stamp(m.LastSeen)))
	}
	for _, r := range m.Related {
		p.field("Related", joined(reports.Clean(r.QueueID, maxShown), r.Kind))
	}
	for i := range m.Findings {
		fd := &m.Findings[i]
		p.field("Finding", fmt.Sprintf("%s: %s; harm %s, %s, %s", keyWords(fd.Key, fd.Direction), fd.Cause, fd.Harm, fd.Direction, fd.Attribution))
		for _, words := range fd.Evidence {
			p.field("", "“"+reports.Clean(words, 300)+"”")
		}
		if fd.Key.Selector == "" && fd.Direction == correlate.Inbound {
			p.field("", "These lines do not name the key. The log of the host that verified the message may: let dkimwatch scan read both.")
		}
	}
	if len(m.Findings) == 0 {
		p.field("Finding", "none: "+whyNoFinding(m))
	}
}

// whyNoFinding says why a message has no finding.
func whyNoFinding(m *correlate.Message) string {
	passed, key := 0, false
	var other dkim.Cause
	for _, s := range m.Signatures {
		switch {
		case s.Ours:
		case s.Result == dkim.ResultPass:
			passed++
		case s.Cause.Key():
			key = true
		case s.Cause != dkim.CauseNone:
			other = s.Cause
		}
	}
	switch {
	case key:
		return "a key is bad, but these lines do not say of which domain"
	case other == dkim.CauseUnknown, other == dkim.CauseACLCustom:
		return "DKIM is in trouble, but no line says that it is the key (" + other.String() + ": " + causeWords[other] + ")"
	case other != dkim.CauseNone:
		return "the trouble is not the key's (" + other.String() + ": " + causeWords[other] + ")"
	case passed > 0:
		return "every signature in these lines verified"
	}
	return "no line of this message says that a DKIM key is in trouble"
}

func (f *follower) printIncident(p *prose, in *correlate.Incident) {
	text := fmt.Sprintf("%s, %s: %s, %s", in.ID, keyWords(in.Key, in.Direction), in.State, in.Severity)
	if in.About != "" {
		text += ", “" + reports.Clean(in.About, 200) + "”"
	}
	p.field("Incident", fmt.Sprintf("%s; messages in it: %d, since %s", text, in.Messages, stamp(in.Opened)))
}

// keyWords names a key as far as it is known.
func keyWords(key dkim.KeyName, direction correlate.Direction) string {
	switch {
	case direction == correlate.Own:
		return "our own verifier"
	case key.Domain == "" && key.Selector == "":
		return "a key that is not named"
	case key.Selector == "":
		return reports.Clean(key.Domain, maxShown) + " (selector not logged)"
	}
	return reports.Clean(key.Selector+"._domainkey."+key.Domain, maxShown)
}

// stamp is a moment in UTC.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }
