package reports

import "strings"

// headline is what there is to say in a sentence or two.
type headline struct {
	style style
	says  string
	notes []string
}

func newHeadline(r *Report, x *index, c clock) headline {
	n := takeStock(r, x)
	h := headline{style: green, says: "No mail is held because of DKIM."}
	failed, lines := 0, int64(0)
	for i := range r.Sources {
		lines += r.Sources[i].Lines
		if r.Sources[i].Error != "" {
			failed++
		}
	}
	switch {
	case len(r.Sources) > 0 && lines == 0:
		h.style, h.says = yellow, "No log line was read, so nothing can be said."
	case n.held > 0:
		h.style, h.says = red, n.heldWords(c)
	case n.own > 0:
		h.style, h.says = yellow, "Our own DKIM verifier is in trouble. No mail is held because of it."
	}
	switch {
	case n.held == 0 || n.inferred == 0:
	case n.inferred == n.held:
		h.notes = append(h.notes, "That is inferred: what holds the mail does not name DKIM.")
	default:
		h.notes = append(h.notes, "For "+count(n.inferred)+" of them that is inferred: what holds them does not name DKIM.")
	}
	if n.held > 0 && n.own > 0 {
		h.notes = append(h.notes, "Our own DKIM verifier is in trouble: begin there.")
	}
	if besides := n.besides(); besides != "" {
		h.notes = append(h.notes, besides)
		if n.held == 0 {
			h.style = yellow
		}
	}
	h.notes = append(h.notes, x.openQuestions(r)...)
	if failed > 0 {
		h.notes = append(h.notes, number(failed, "source")+" of "+count(len(r.Sources))+" could not be read, or not to the end: see below.")
	}
	return h
}

// heldWords says how much mail is held, by how many keys and for how long.
func (n *stock) heldWords(c clock) string {
	s := number(n.held, "message") + " " + isAre(n.held) + " held because of " + n.reasons() + "." +
		" The oldest has waited for " + age(c.asOf.Sub(n.oldest)) + "."
	switch {
	case n.deadline.IsZero():
		return s
	case n.deadline.Before(c.asOf):
		return s + " The first was due to bounce " + age(c.asOf.Sub(n.deadline)) + " ago."
	}
	return s + " The first bounces at " + c.until(n.deadline) + "."
}

// besides says what became of the mail that is not held here.
func (n *stock) besides() string {
	var more []string
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{n.tempfailed, "was put off with 4xx (its sender tries again)", "were put off with 4xx (their senders try again)"},
		{n.rejected, "was rejected", "were rejected"},
		{n.bounced, "bounced", "bounced"},
	} {
		if part.n == 0 {
			continue
		}
		s := count(part.n)
		if len(more) == 0 {
			s = number(part.n, "message")
		}
		if part.n == 1 {
			more = append(more, s+" "+part.one)
		} else {
			more = append(more, s+" "+part.many)
		}
	}
	if len(more) == 0 {
		return ""
	}
	all := more[len(more)-1]
	if len(more) > 1 {
		all = strings.Join(more[:len(more)-1], ", ") + " and " + all
	}
	if n.held == 0 {
		return "But because of it " + all + "."
	}
	return "Besides, " + all + "."
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
