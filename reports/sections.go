package reports

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// numbers writes when messages came, from which domains, with what trouble and
// what became of them.
func (p *page) numbers(r *Report) {
	list := distinct(r.Messages)
	if len(list) == 0 {
		return
	}
	title := "Numbers: " + number(len(list), "message") + " with key trouble"
	if ids := Summarize(r, false).Messages.Total; ids > len(list) {
		title += ", under " + number(ids, "queue id")
	}
	p.heading(title)
	s := Summarize(&Report{Messages: list}, false)
	p.field(cardIndent, cardLabel, "Outcome", plainStyle, ranking(s.Messages.ByOutcome))
	p.field(cardIndent, cardLabel, "Cause", plainStyle, ranking(s.Findings.ByCause))
	top := topDomains(list)
	var names []string
	for _, d := range top[:min(maxTop, len(top))] {
		names = append(names, Clean(d.Domain, maxName)+" "+count(d.Messages))
	}
	if len(names) > 0 {
		text := strings.Join(names, ", ")
		if more := len(top) - len(names); more > 0 {
			text += ", and " + number(more, "more domain")
		}
		p.field(cardIndent, cardLabel, "Domains", plainStyle, text)
	}
	p.timeline(list)
}

// ranking writes names with their numbers, the greatest first.
func ranking(numbers map[string]int) string {
	var parts []string
	for _, name := range slices.SortedFunc(maps.Keys(numbers), func(a, b string) int {
		return cmp.Or(cmp.Compare(numbers[b], numbers[a]), cmp.Compare(a, b))
	}) {
		parts = append(parts, name+" "+count(numbers[name]))
	}
	return strings.Join(parts, ", ")
}

// steps are the lengths of time that one mark of the timeline may stand for.
var steps = []struct {
	length time.Duration
	name   string
}{
	{time.Hour, "hour"}, {2 * time.Hour, "2 hours"}, {3 * time.Hour, "3 hours"}, {6 * time.Hour, "6 hours"},
	{12 * time.Hour, "12 hours"}, {24 * time.Hour, "day"}, {7 * 24 * time.Hour, "week"},
	{28 * 24 * time.Hour, "4 weeks"}, {364 * 24 * time.Hour, "52 weeks"},
}

var marks = []rune("▁▂▃▄▅▆▇█")

// timeline draws how many messages with key trouble came when, in as many marks
// as fit on a line. A step without any is a dot.
func (p *page) timeline(messages []*correlate.Message) {
	room := min(p.width, maxProse) - cardIndent - cardLabel
	for i, step := range steps {
		line := timeline(messages, step.length, p.clock.zone)
		if len(line) == 0 {
			return
		}
		first, last := line[0].Start, line[len(line)-1].Start
		n := stepsBetween(first, last, step.length) + 1
		if n > room && i < len(steps)-1 {
			continue
		}
		if n < 2 {
			return
		}
		peak := slices.MaxFunc(line, func(a, b Hour) int { return cmp.Compare(a.Messages, b.Messages) })
		drawn := slices.Repeat([]rune{'·'}, min(n, room))
		for _, h := range line {
			if at := stepsBetween(first, h.Start, step.length); at < len(drawn) {
				drawn[at] = marks[(h.Messages*len(marks)-1)/peak.Messages]
			}
		}
		p.field(cardIndent, cardLabel, "Arrived", plainStyle, "per "+step.name+", from "+p.clock.at(first)+" to "+p.clock.at(last.Add(step.length))+
			"; most: "+count(peak.Messages)+" from "+p.clock.at(peak.Start))
		p.line(blanks(cardIndent+cardLabel), string(drawn))
		return
	}
}

// stepsBetween counts steps, some of which are an hour longer or shorter where
// the clock is changed.
func stepsBetween(from, to time.Time, step time.Duration) int {
	return int((to.Sub(from) + step/2) / step)
}

// other writes the DKIM trouble that no key is to blame for.
func (p *page) other(all []correlate.Other, o TextOptions) {
	totals := otherTotals(all)
	if len(totals) == 0 {
		return
	}
	p.heading("Other DKIM trouble")
	p.prose(cardIndent, dim, "Not the keys' fault: no key needs to be published or mended for it.")
	for i, t := range totals {
		if i == maxTop && !o.Verbose {
			p.prose(cardIndent, dim, "… and "+number(len(totals)-i, "more kind"))
			return
		}
		text := causeTextOf(t.Cause)
		s := number(t.Messages, "message")
		if t.Refused > 0 {
			s += ", " + count(t.Refused) + " of them held, put off or refused"
		}
		p.prose(cardIndent, plainStyle, t.Cause+": "+s+"; "+text.short+". "+text.more)
		if names := otherDomains(all, t.Cause); names != "" {
			p.prose(2*cardIndent, dim, names)
		}
	}
}

func causeTextOf(name string) causeText {
	for c, text := range causeTexts {
		if c.String() == name {
			return text
		}
	}
	return causeText{short: name}
}

// otherDomains names the signing domains with most trouble of one cause.
func otherDomains(all []correlate.Other, cause string) string {
	var mine []correlate.Other
	for _, o := range all {
		if o.Cause.String() == cause && o.Domain != "" {
			mine = append(mine, o)
		}
	}
	slices.SortStableFunc(mine, func(a, b correlate.Other) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Domain, b.Domain))
	})
	var names []string
	for _, o := range mine[:min(3, len(mine))] {
		names = append(names, Clean(o.Domain, maxName)+" "+count(o.Messages))
	}
	if more := len(mine) - len(names); more > 0 {
		names = append(names, number(more, "more domain"))
	}
	return strings.Join(names, ", ")
}
