package reports

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// Summary is the numbers of a report.
type Summary struct {
	Type      string         `json:"type"` // "summary"
	AsOf      time.Time      `json:"as_of"`
	Since     time.Time      `json:"since,omitzero"`
	Until     time.Time      `json:"until,omitzero"`
	LogFirst  time.Time      `json:"log_first,omitzero"`
	LogLast   time.Time      `json:"log_last,omitzero"`
	DNSAsked  bool           `json:"dns_asked"`
	Sources   SourceNumbers  `json:"sources"`
	Messages  MessageNumbers `json:"messages"`
	Findings  FindingNumbers `json:"findings"`
	Incidents SpellNumbers   `json:"incidents"`
	Other     []OtherTotal   `json:"other"`
	Counters  Counters       `json:"counters"`
}

// SourceNumbers adds up what was read.
type SourceNumbers struct {
	Total      int   `json:"total"`
	Failed     int   `json:"failed"`     // not read, or not to their end
	Duplicates int   `json:"duplicates"` // left out, because another one holds the same lines
	Lines      int64 `json:"lines"`
	Events     int64 `json:"events"`
	Ignored    int64 `json:"ignored"`
	Malformed  int64 `json:"malformed"`
	Cut        int64 `json:"cut"`
}

// MessageNumbers counts the messages of the output that it stands in.
type MessageNumbers struct {
	Total        int            `json:"total"`
	WithFindings int            `json:"with_findings"`
	Stuck        int            `json:"stuck"`
	ByOutcome    map[string]int `json:"by_outcome"` // without zeros
}

// FindingNumbers counts findings: messages times keys.
type FindingNumbers struct {
	Total   int            `json:"total"`
	ByCause map[string]int `json:"by_cause"` // without zeros
}

// SpellNumbers counts incidents.
type SpellNumbers struct {
	Total      int            `json:"total"`
	ByState    map[string]int `json:"by_state"`    // without zeros
	BySeverity map[string]int `json:"by_severity"` // without zeros
}

// OtherTotal is DKIM trouble of one cause that is not the keys'.
type OtherTotal struct {
	Cause    string `json:"cause"`
	Messages int    `json:"messages"`
	Refused  int    `json:"refused"` // of them
	Domains  int    `json:"domains"` // signing domains
}

// OtherDomain is DKIM trouble of one cause and one signing domain that is not
// the key's.
type OtherDomain struct {
	Cause    string `json:"cause"`
	Domain   string `json:"domain"` // empty: not logged
	Messages int    `json:"messages"`
	Refused  int    `json:"refused"`
}

// DomainNumbers is what happened to the mail of one signing domain.
type DomainNumbers struct {
	Domain     string `json:"domain"`
	Messages   int    `json:"messages"` // with a finding of the domain
	Held       int    `json:"held"`
	Tempfailed int    `json:"tempfailed"`
	Rejected   int    `json:"rejected"`
	Bounced    int    `json:"bounced"`
	Selectors  int    `json:"selectors"`
}

// Hour is what arrived in one hour of UTC and had trouble with a key.
type Hour struct {
	Start    time.Time `json:"start"`
	Messages int       `json:"messages"`
	Harmed   int       `json:"harmed"` // of them: held, put off, rejected or bounced
}

// Summarize counts what r holds: all its messages, or those with a finding.
func Summarize(r *Report, all bool) Summary {
	s := Summary{
		Type: "summary", AsOf: r.AsOf.UTC(), Since: utc(r.Since), Until: utc(r.Until),
		LogFirst: utc(r.First), LogLast: utc(r.Last), DNSAsked: r.DNSAsked, Counters: r.Counters,
		Messages:  MessageNumbers{ByOutcome: map[string]int{}},
		Findings:  FindingNumbers{ByCause: map[string]int{}},
		Incidents: SpellNumbers{Total: len(r.Incidents), ByState: map[string]int{}, BySeverity: map[string]int{}},
		Other:     otherTotals(r.Other),
	}
	for i := range r.Sources {
		s.Sources.add(&r.Sources[i])
	}
	for _, m := range r.Messages {
		if !all && len(m.Findings) == 0 {
			continue
		}
		s.Messages.Total++
		s.Messages.ByOutcome[m.Outcome.String()]++
		if m.Stuck {
			s.Messages.Stuck++
		}
		if len(m.Findings) > 0 {
			s.Messages.WithFindings++
		}
		for i := range m.Findings {
			s.Findings.Total++
			s.Findings.ByCause[m.Findings[i].Cause.String()]++
		}
	}
	for i := range r.Incidents {
		s.Incidents.ByState[r.Incidents[i].State.String()]++
		s.Incidents.BySeverity[r.Incidents[i].Severity.String()]++
	}
	return s
}

func (n *SourceNumbers) add(s *Source) {
	n.Total++
	if s.Error != "" {
		n.Failed++
	}
	if s.Duplicate != "" {
		n.Duplicates++
	}
	n.Lines += s.Lines
	n.Events += s.Events
	n.Ignored += s.Ignored
	n.Malformed += s.Malformed
	n.Cut += s.Cut
}

// utc is t in UTC; the zero time stays zero.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

func otherTotals(all []correlate.Other) []OtherTotal {
	byCause := map[string]*OtherTotal{}
	for _, o := range all {
		t := byCause[o.Cause.String()]
		if t == nil {
			t = &OtherTotal{Cause: o.Cause.String()}
			byCause[t.Cause] = t
		}
		t.Messages += o.Messages
		t.Refused += o.Refused
		if o.Domain != "" {
			t.Domains++
		}
	}
	totals := []OtherTotal{}
	for _, t := range byCause {
		totals = append(totals, *t)
	}
	slices.SortFunc(totals, func(a, b OtherTotal) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Cause, b.Cause))
	})
	return totals
}

// topDomains adds the findings up by signing domain, the most messages first.
func topDomains(messages []*correlate.Message) []DomainNumbers {
	type tally struct {
		DomainNumbers
		selectors map[string]bool
	}
	byDomain := map[string]*tally{}
	for _, m := range messages {
		counted := map[string]bool{}
		for i := range m.Findings {
			f := &m.Findings[i]
			if f.Key.Domain == "" {
				continue
			}
			t := byDomain[f.Key.Domain]
			if t == nil {
				t = &tally{DomainNumbers{Domain: f.Key.Domain}, map[string]bool{}}
				byDomain[f.Key.Domain] = t
			}
			if f.Key.Selector != "" {
				t.selectors[f.Key.Selector] = true
			}
			if !counted[f.Key.Domain] {
				counted[f.Key.Domain] = true
				t.count(f.Harm)
			}
		}
	}
	var top []DomainNumbers
	for _, t := range byDomain {
		t.Selectors = len(t.selectors)
		top = append(top, t.DomainNumbers)
	}
	slices.SortFunc(top, func(a, b DomainNumbers) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Domain, b.Domain))
	})
	return top
}

func (n *DomainNumbers) count(h correlate.Harm) {
	n.Messages++
	switch h {
	case correlate.HarmHeldHere:
		n.Held++
	case correlate.HarmTempfailed:
		n.Tempfailed++
	case correlate.HarmRejected:
		n.Rejected++
	case correlate.HarmBounced:
		n.Bounced++
	}
}

// timeline counts the messages with findings by the time of their first line, in
// steps that begin at whole ones in zone. Steps without any are left out.
func timeline(messages []*correlate.Message, step time.Duration, zone *time.Location) []Hour {
	bySpan := map[int64]*Hour{}
	for _, m := range messages {
		if len(m.Findings) == 0 {
			continue
		}
		_, offset := m.FirstSeen.In(zone).Zone()
		shift := time.Duration(offset) * time.Second
		start := m.FirstSeen.UTC().Add(shift).Truncate(step).Add(-shift)
		h := bySpan[start.Unix()]
		if h == nil {
			h = &Hour{Start: start}
			bySpan[start.Unix()] = h
		}
		h.Messages++
		for i := range m.Findings {
			if m.Findings[i].Harm != correlate.HarmNone {
				h.Harmed++
				break
			}
		}
	}
	var line []Hour
	for _, at := range slices.Sorted(maps.Keys(bySpan)) {
		line = append(line, *bySpan[at])
	}
	return line
}
