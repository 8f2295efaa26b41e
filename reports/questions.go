package reports

import (
	"slices"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// openQuestions says once, for all incidents that it is true of, why it is not
// known whose fault they are, and what to do about that.
func (x *index) openQuestions(r *Report) []string {
	var notes []string
	unasked, nameless := 0, 0
	var mtas []string
	held := false
	for _, in := range x.incidents {
		e := explain(in, r.DNSAsked)
		switch {
		case !e.told:
		case in.Key.Selector != "":
			unasked++
		default:
			nameless++
			held = held || in.Stuck > 0
			for _, m := range x.messages[in] {
				mtas = append(mtas, m.MTA)
			}
		}
	}
	switch {
	case x.deaf:
		notes = append(notes, unreachableWords(r)+" Whose fault it is stays open: mend this host's DNS (/etc/resolv.conf, the network), then look again.")
	case unasked > 0:
		notes = append(notes, "DNS was not asked (--no-dns): whose fault it is stays open. Scan again without --no-dns, or ask with the dig commands.")
	}
	if nameless > 0 {
		notes = append(notes, namelessWords(nameless, held, mtas))
	}
	return notes
}

// namelessWords is about keys that the logs do not name in full.
func namelessWords(n int, held bool, mtas []string) string {
	s := "The logs do not tell the selector of " + number(n, "key") + ", so nobody can look " + itThem(n) + " up."
	if held {
		s += " A held message's DKIM-Signature field does: use the commands beside Read."
	}
	if slices.Contains(mtas, "exim") {
		s += " Exim logs it with log_selector = +dkim_verbose; its rejectlog has the header of what was refused."
	}
	if slices.Contains(mtas, "postfix") {
		s += " The log of the milter or filter behind Postfix may name it: read that too."
	}
	return s
}

func itThem(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// unreachableWords is how it shows that DNS is out of reach, where it is.
func unreachableWords(r *Report) string {
	for i := range r.Incidents {
		if v := &r.Incidents[i].Verdict; v.Status == dkim.KeyUnreachable && v.Detail != "" {
			return Clean(v.Detail, maxDetail)
		}
	}
	return "DNS cannot be reached from here."
}

// unreachable reports whether no key could be asked for because DNS is out of
// reach. Keys that were left out, for there were too many, say nothing of that.
func unreachable(r *Report) bool {
	return slices.ContainsFunc(r.Incidents, func(in correlate.Incident) bool {
		return !in.Verdict.At.IsZero() && in.Verdict.Status == dkim.KeyUnreachable
	}) && !slices.ContainsFunc(r.Incidents, func(in correlate.Incident) bool {
		v := &in.Verdict
		return !v.At.IsZero() && v.Status != dkim.KeyUnknown && v.Status != dkim.KeyUnreachable
	})
}
