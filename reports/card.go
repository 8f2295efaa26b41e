package reports

import (
	"strings"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// Where a card's labels and texts stand.
const (
	cardIndent = 2
	cardLabel  = 10
)

// card writes one incident as an administrator wants to read it: what broke,
// since when, the harm, until when, whose fault it is, and the one next step. What
// the headline says of all incidents is not repeated.
func (p *page) card(in *correlate.Incident, x *index, asked bool, o TextOptions) {
	e := explain(in, asked)
	field := func(name string, st style, text string) { p.field(cardIndent, cardLabel, name, st, text) }
	told := e.told || x.deaf && in.Verdict.Status == dkim.KeyUnreachable

	p.line()
	p.cardTitle(in, e.name)
	said := plainStyle
	if told {
		said = bold
	} else {
		p.prose(cardIndent, bold, p.says(in, &e))
		p.prose(cardIndent, plainStyle, e.detail)
	}
	if in.Direction != correlate.Own {
		field("Log said", said, e.logWords(in))
	}
	field("Since", plainStyle, p.history(in))
	field("Harm", plainStyle, p.harm(in))
	field("Bounces", plainStyle, p.bounces(in, x))
	field("Fault", plainStyle, e.blame())
	if !told {
		field("Next", bold, e.next)
	}
	p.cardCommands(in, x.messages[in], o.Verbose)
	if o.Verbose {
		p.observations(in)
		field("Incident", plainStyle, cardFooter(in))
	}
}

// says is what is so now. What DNS says has its time: the log spoke earlier.
func (p *page) says(in *correlate.Incident, e *explanation) string {
	if !e.dns {
		return e.says
	}
	return e.says + " [DNS at " + p.clock.at(in.Verdict.At) + "]"
}

// cardTitle is the severity and the name, the severity in words and in colour,
// and at the end of the line the id.
func (p *page) cardTitle(in *correlate.Incident, name string) {
	word, st := strings.ToUpper(in.Severity.String()), plainStyle
	switch {
	case in.State == correlate.StateRecovering:
		word, st = "RECOVERING", green
	case in.State == correlate.StateResolved:
		word, st = "OVER", green
	case in.Severity == correlate.SeverityCritical:
		st = red
	case in.Severity == correlate.SeverityWarning:
		st = yellow
	}
	indent := columns(word) + 2
	id := Clean(in.ID, 20)
	lines := wrap(name, p.width-indent)
	for i, l := range lines {
		left := blanks(indent)
		if i == 0 {
			left = p.paint(st, word) + "  "
		}
		gap := p.width - indent - columns(l) - columns(id)
		if i < len(lines)-1 || gap < 2 {
			p.line(left, p.paint(bold, l))
			continue
		}
		p.line(left, p.paint(bold, l), blanks(gap), p.paint(dim, id))
		return
	}
	p.line(blanks(p.width-columns(id)), p.paint(dim, id))
}

// history is since when it lasts and whether it ever worked.
func (p *page) history(in *correlate.Incident) string {
	s := p.clock.since(in.Opened)
	switch {
	case in.Direction == correlate.Own:
	case in.WorkedUntil.IsZero():
		s += "; not seen working before"
	default:
		s += "; worked until " + p.clock.at(in.WorkedUntil)
	}
	if in.LastSeen.After(in.Opened) {
		s += "; last trouble " + p.clock.at(in.LastSeen)
	}
	switch {
	case in.Reopened == 1:
		s += "; came back once"
	case in.Reopened > 1:
		s += "; came back " + count(in.Reopened) + " times"
	}
	if in.State == correlate.StateResolved && !in.ResolvedAt.IsZero() {
		s += "; over since " + p.clock.at(in.ResolvedAt)
	}
	return s
}

// harm says what happened to how much mail.
func (p *page) harm(in *correlate.Incident) string {
	numbers := map[correlate.Harm]int{
		correlate.HarmHeldHere: in.Stuck, correlate.HarmTempfailed: in.Tempfailed, correlate.HarmRejected: in.Rejected,
		correlate.HarmBounced: in.Bounced, correlate.HarmNone: in.Delivered,
	}
	var parts []string
	for _, h := range harmTexts {
		if n := numbers[h.harm]; n > 0 {
			parts = append(parts, count(n)+" "+h.text)
		}
	}
	if len(parts) == 0 {
		return "no message known to be affected"
	}
	s := strings.Join(parts, ", ")
	if in.Recipients > 0 {
		s += "; " + number(in.Recipients, "recipient")
	}
	if !in.Oldest.IsZero() && in.Stuck > 0 {
		s += "; oldest " + age(p.clock.asOf.Sub(in.Oldest))
	}
	return s
}

// bounces is when the first message that is held returns to its sender; empty if
// none is held.
func (p *page) bounces(in *correlate.Incident, x *index) string {
	if in.Stuck == 0 {
		return ""
	}
	at, source, tried := x.firstDeadline(in)
	switch {
	case !tried:
		return "none by itself: what is held is not tried"
	case at.IsZero():
		return "not known when"
	}
	s := "first at "
	if at.Before(p.clock.asOf) {
		s = "first was due at "
	}
	s += p.clock.until(at)
	if how := deadlineWords(source); how != "" {
		s += ", " + how
	}
	return s
}

func deadlineWords(source string) string {
	if text, ok := deadlineTexts[source]; ok {
		return text
	}
	return Clean(source, 40)
}

// cardCommands are the lines to copy: ask DNS, read which key it is, retry what
// waits, the first few messages of it or all.
func (p *page) cardCommands(in *correlate.Incident, messages []*correlate.Message, all bool) {
	if dig := digLine(in.Key); dig != "" && in.Direction != correlate.Own {
		p.command(cardIndent, cardLabel, "Check", dig)
	}
	if in.Stuck == 0 {
		return
	}
	groups := retryGroups(messages)
	if in.Key.Selector == "" && in.Direction == correlate.Inbound && len(groups) > 0 {
		p.command(cardIndent, cardLabel, "Read", groups[0].read())
	}
	name, left := "Then", 0
	if in.Verdict.Status == dkim.KeyValid {
		name = "Retry"
	}
	for i := range groups {
		g := &groups[i]
		if i >= maxRetryHosts && !all {
			left += len(g.ids)
			continue
		}
		line, n := g.command(maxRetryIDs, p.width-cardIndent-cardLabel)
		lines := []string{line}
		if all {
			lines, n = g.all(), min(len(g.ids), maxRetryAll)
		}
		left += len(g.ids) - n
		if len(groups) > 1 {
			p.field(cardIndent, cardLabel, name, dim, "on "+Clean(g.host, maxName)+":")
			name = ""
		}
		for _, line := range lines {
			p.command(cardIndent, cardLabel, name, line)
			name = ""
		}
	}
	switch {
	case left > 0 && !all:
		p.field(cardIndent, cardLabel, "", dim, "and "+count(left)+" more: --verbose names them all")
	case left > 0:
		p.field(cardIndent, cardLabel, "", dim, "and "+count(left)+" more")
	}
}

// maxRetryHosts is for how many hosts or instances a card has a command.
const maxRetryHosts = 3

// observations lists what each server answered.
func (p *page) observations(in *correlate.Incident) {
	name := "Answers"
	for _, obs := range in.Verdict.Observations {
		text := Clean(obs.Server, 60) + " " + Clean(obs.Transport, 8) + ": "
		if obs.Rcode == "" {
			text += Clean(obs.Err, 100)
		} else {
			text += Clean(obs.Rcode, 20) + ", " + number(obs.Answers, "TXT record")
		}
		if obs.EDE != "" {
			text += ", EDE " + Clean(obs.EDE, 100)
		}
		p.field(cardIndent, cardLabel, name, plainStyle, text)
		name = ""
	}
}

func cardFooter(in *correlate.Incident) string {
	s := Clean(in.ID, 20) + ", " + in.Direction.String() + ", " + in.State.String()
	if in.State == correlate.StateRecovering || in.State == correlate.StateResolved {
		s += ", " + in.Severity.String()
	}
	return s
}
