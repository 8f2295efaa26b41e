package reports

import (
	"slices"
	"strings"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// hint is one piece of advice and the keys that it is about.
type hint struct {
	says, blame, next string // with NAME, DOMAIN and SELECTOR for the keys' own
	incidents         []*correlate.Incident
	messages          int
}

// hints says once for each kind of trouble what holds the messages of the list,
// what to do, and for which keys.
func (p *page) hints(x *index, asked bool, list []*correlate.Message) {
	held := map[*correlate.Incident]int{}
	for _, m := range list {
		if in := x.incident(heldBy(m)); in != nil {
			held[in]++
		}
	}
	if len(held) == 0 {
		return
	}
	p.heading("What to do")
	all := hintsFor(x.incidents, held, asked)
	for _, h := range all[:min(len(all), maxRows)] {
		p.hint(h, held, asked)
	}
	if more := len(all) - maxRows; more > 0 {
		p.prose(cardIndent, dim, "… and "+number(more, "more kind")+" of trouble")
	}
}

// hintsFor groups the incidents that hold something by what is to be said of
// them. The order is that of the incidents.
func hintsFor(incidents []*correlate.Incident, held map[*correlate.Incident]int, asked bool) []*hint {
	var all []*hint
	for _, in := range incidents {
		if held[in] == 0 {
			continue
		}
		e := explainAs(in, asked, strings.NewReplacer(
			"{name}", "NAME", "{domain}", "DOMAIN", "{selector}", "SELECTOR", "{alias}", aliasOf(in)).Replace)
		var mine *hint
		for _, h := range all {
			if h.says == e.says && h.blame == e.blame() && h.next == e.next {
				mine = h
				break
			}
		}
		if mine == nil {
			mine = &hint{says: e.says, blame: e.blame(), next: e.next}
			all = append(all, mine)
		}
		mine.incidents = append(mine.incidents, in)
		mine.messages += held[in]
	}
	return all
}

// hint writes one piece of advice, as old as DNS's oldest answer; with the key's
// own name if it is for one.
func (p *page) hint(h *hint, held map[*correlate.Incident]int, asked bool) {
	oldest := slices.MinFunc(h.incidents, func(a, b *correlate.Incident) int { return a.Verdict.At.Compare(b.Verdict.At) })
	e := explain(oldest, asked)
	says, blame, next := h.says, h.blame, h.next
	title := number(len(h.incidents), "key") + ", " + number(h.messages, "message")
	if len(h.incidents) == 1 {
		says, blame, next = e.says, e.blame(), e.next
		title = e.name + ": " + number(h.messages, "message")
	}
	p.prose(cardIndent, bold, title)
	e.says = says
	p.prose(2*cardIndent, plainStyle, p.says(oldest, &e))
	if blame != "" {
		p.prose(2*cardIndent, plainStyle, "Fault: "+blame+".")
	}
	p.prose(2*cardIndent, plainStyle, next)
	if len(h.incidents) == 1 {
		return
	}
	for _, in := range h.incidents[:min(len(h.incidents), maxRows)] {
		p.field(2*cardIndent, numberLabel, padLeft(count(held[in]), numberLabel-2), plainStyle, subject(in))
	}
	if more := len(h.incidents) - maxRows; more > 0 {
		p.field(2*cardIndent, numberLabel, "", dim, "… and "+number(more, "more key"))
	}
}

// numberLabel is the room for a number before a name.
const numberLabel = 7
