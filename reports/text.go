package reports

import (
	"io"
	"strings"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// TextOptions is how people want to read.
type TextOptions struct {
	Width int  // of the terminal; 0 is 80, less than 60 counts as 60
	Color bool // never the only bearer of a meaning

	MaxIncidents int // shown in full; 0 is 10, less than 0 none
	MaxMessages  int // of those that are held; 0 is 10, or all if Verbose; less than 0 none

	Stored  bool // it comes out of the history, or went into it: stuck knows it too
	Verbose bool // more of everything: all servers' answers, all that waits, all sources
}

// Defaults of TextOptions.
const (
	defaultIncidents = 10
	defaultMessages  = 10
	maxRows          = 20 // of the compact tables
	maxTop           = 5
)

func limit(asked, otherwise int) int {
	if asked == 0 {
		return otherwise
	}
	return max(0, asked)
}

// WriteText writes the report for a person at a terminal: one headline, the
// incidents that are not over with what to do about each, the mail that is held,
// and then the rest in numbers.
func WriteText(w io.Writer, r *Report, o TextOptions) error {
	p := newPage(w, r, o.Width, o.Color)
	x := newIndex(r)
	p.header(r)
	p.headline(r, x)
	p.incidents(r, x, o)
	p.heldMessages(r, x, o)
	p.numbers(r)
	p.other(r.Other, o)
	p.sources(r, o)
	return p.w.Flush()
}

// header says what this is, and when and where "now" is.
func (p *page) header(r *Report) {
	left := Clean(r.title(), 40)
	right := "as of " + p.clock.exact(r.AsOf)
	if gap := p.width - columns(left) - columns(right); gap >= 2 {
		p.line(p.paint(bold, left), blanks(gap), right)
	} else {
		p.prose(0, bold, left)
		p.line(right)
	}
	var lines int64
	for i := range r.Sources {
		lines += r.Sources[i].Lines
	}
	var about []string
	if !r.First.IsZero() {
		about = append(about, "logs "+p.clock.span(r.First, r.Last))
	}
	if len(r.Sources) > 0 {
		about = append(about, number(lines, "line")+" from "+number(len(r.Sources), "source"))
	}
	if len(about) > 0 {
		p.prose(0, dim, strings.Join(about, ", "))
	}
	p.line()
}

// headline is the one sentence for those who read no further, and what belongs
// to it.
func (p *page) headline(r *Report, x *index) {
	h := newHeadline(r, x, p.clock)
	p.prose(0, h.style, h.says)
	for _, note := range h.notes {
		p.prose(0, plainStyle, note)
	}
}

// incidents writes what is not over as cards, and the rest as lines.
func (p *page) incidents(r *Report, x *index, o TextOptions) {
	var open, harmless, suspected, over []*correlate.Incident
	for _, in := range x.incidents {
		switch {
		case needsCard(in):
			open = append(open, in)
		case in.State == correlate.StateResolved:
			over = append(over, in)
		case isOpen(in):
			harmless = append(harmless, in)
		default:
			suspected = append(suspected, in)
		}
	}
	cards := min(limit(o.MaxIncidents, defaultIncidents), len(open))
	for _, in := range open[:cards] {
		p.card(in, x, r.DNSAsked, o)
	}
	p.compact(open[cards:], func(n int) string {
		if cards == 0 {
			return number(n, "incident") + " not over"
		}
		return number(n, "more incident") + " not over"
	})
	p.compact(harmless, func(n int) string {
		return number(n, "key") + " in trouble that held or refused no mail"
	})
	p.compact(suspected, func(n int) string {
		return number(n, "suspected key") + ": no harm, no history (spam invents selectors)"
	})
	p.compact(over, func(n int) string { return number(n, "incident") + " " + isAre(n) + " over" })
}
