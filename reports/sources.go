package reports

import "strings"

// maxGoodSources is how many sources without any trouble are listed.
const maxGoodSources = 20

// sources tells what was read, and first what was not.
func (p *page) sources(r *Report, o TextOptions) {
	counters := tellingCounters(&r.Counters, o)
	if len(r.Sources) == 0 && len(counters) == 0 {
		return
	}
	p.heading("What was read")
	good := 0
	for i := range r.Sources {
		s := &r.Sources[i]
		word, text := sourceTrouble(s)
		if word == "" {
			good++
			continue
		}
		p.field(cardIndent, cardLabel, word, yellow, withName(s.Name, text))
		for _, sample := range s.Samples[:min(len(s.Samples), samplesShown(o))] {
			p.field(cardIndent+cardLabel, 0, "", dim, "line "+count(sample.Line)+": "+Clean(sample.Text, 120))
		}
	}
	shown := good
	if !o.Verbose {
		shown = min(good, maxGoodSources)
	}
	listed := 0
	for i := range r.Sources {
		s := &r.Sources[i]
		if word, _ := sourceTrouble(s); word != "" || listed == shown {
			continue
		}
		listed++
		p.field(cardIndent, cardLabel, "ok", plainStyle, Clean(s.Name, maxName)+": "+p.sourceNumbers(s))
	}
	if more := good - listed; more > 0 {
		p.prose(cardIndent, dim, "… and "+number(more, "more source")+" without trouble")
	}
	for _, c := range counters {
		p.field(cardIndent, cardLabel, c.word, c.style, c.text)
	}
}

// withName puts a source's name before what is said of it, unless the text, as
// errors about files do, has it already.
func withName(name, text string) string {
	name = Clean(name, maxName)
	if strings.Contains(text, name) {
		return text
	}
	return name + ": " + text
}

func samplesShown(o TextOptions) int {
	if o.Verbose {
		return 3
	}
	return 1
}

// sourceTrouble says in a word and a sentence what is wrong with a source, two
// empty ones if nothing is.
func sourceTrouble(s *Source) (word, text string) {
	var parts []string
	switch {
	case s.Error != "" && s.Lines == 0:
		return "NOT READ", Clean(s.Error, 300)
	case s.Duplicate != "":
		return "same", "holds the same lines as " + Clean(s.Duplicate, maxName) + ", which was read instead"
	case s.Error != "":
		word = "PARTLY"
		parts = append(parts, Clean(s.Error, 300)+"; read as far as line "+count(s.Lines))
	case s.Lines == 0:
		return "empty", "there is not a line in it"
	case s.Format == "":
		return "skipped", "no log of a kind that is known here"
	}
	if s.Malformed > 0 {
		word = first(word, "check")
		parts = append(parts, count(s.Malformed)+" of "+number(s.Lines, "line")+" "+isAre(int(s.Malformed))+" not of the format "+Clean(s.Format, 20))
	}
	if s.Cut > 0 {
		word = first(word, "check")
		parts = append(parts, number(s.Cut, "line")+" cut, too long")
	}
	return word, strings.Join(parts, "; ")
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (p *page) sourceNumbers(s *Source) string {
	text := Clean(s.Format, 20) + ", " + number(s.Lines, "line")
	if !s.First.IsZero() {
		text += ", " + p.clock.span(s.First, s.Last)
	}
	return text
}

// telling is a counter that deserves a line.
type telling struct {
	word  string
	style style
	text  string
}

// tellingCounters are those that tell what may have been missed.
func tellingCounters(c *Counters, o TextOptions) []telling {
	var list []telling
	for _, n := range []struct {
		n    int64
		text string
		warn bool
	}{
		{c.Lost, "lines that the logging system says it lost", true},
		{c.Evicted, "messages given up because too many were open at once (max_open_messages)", true},
		{c.KeysLeft, "sightings of keys that were not followed, because there are too many", true},
		{c.Unattached, "signature lines that belong to no message in these logs", false},
		{c.Late, "lines that came after their message was over", false},
		{c.Repeated, "lines that the logging system folded into \"last message repeated\"", false},
	} {
		if n.n == 0 || !n.warn && !o.Verbose {
			continue
		}
		word, st := "note", plainStyle
		if n.warn {
			word, st = "MISSED", yellow
		}
		list = append(list, telling{word, st, count(n.n) + " " + n.text})
	}
	return list
}
