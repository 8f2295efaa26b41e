package reports

import (
	"slices"
	"strings"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// explanation is what people are told of an incident.
type explanation struct {
	name       string // what is in trouble
	says       string // what DNS says now, or why it is not known
	dns        bool   // DNS says it
	detail     string // the verdict's own sentence where it tells more; a stranger's text is in it
	log        string // what the log said then
	fault      string // whose it is; empty if there is no saying
	confidence string // "sure", "likely", "uncertain" or empty
	next       string
	told       bool // the headline says it, once for all incidents
}

// maxDetail is how much of a verdict's sentence people are shown.
const maxDetail = 400

// explain puts an incident into words. Asked tells whether keys were looked up
// at all.
func explain(in *correlate.Incident, asked bool) explanation {
	return explainAs(in, asked, filler(in))
}

// explainAs is explain with other words for the key's names.
func explainAs(in *correlate.Incident, asked bool, fill func(string) string) explanation {
	in = withValidName(in)
	d := diagnose(in, asked)
	v := &in.Verdict
	e := explanation{name: subject(in), says: fill(d.says), next: fill(d.next), log: causeWords(in.Cause), told: d.told}
	if d.idle != "" && in.Stuck == 0 {
		e.next = fill(d.idle)
	}
	e.dns = in.Direction != correlate.Own && v.Status != dkim.KeyUnknown && v.Status != dkim.KeyNameInvalid
	if d.detail || v.Confidence != "high" && v.Status != dkim.KeyUnknown && !agreed(v) {
		e.detail = Clean(v.Detail, maxDetail)
	}
	if in.Direction == correlate.Own {
		e.fault = faultWords(dkim.FaultOurVerifier, in, fill)
	} else if v.Status != dkim.KeyUnknown && v.Status != dkim.KeyUnreachable {
		e.fault, e.confidence = faultWords(v.Fault, in, fill), confidenceTexts[v.Confidence]
	}
	return e
}

// agreed reports whether all servers that were asked say the same: then the
// verdict's own sentence says no more than ours.
func agreed(v *dkim.Verdict) bool {
	return len(v.Observations) > 0 && !slices.ContainsFunc(v.Observations, func(o dkim.Observation) bool {
		return o.Rcode != v.Observations[0].Rcode || o.Answers != v.Observations[0].Answers
	})
}

// withValidName returns in, or a copy with the verdict that a name deserves which
// cannot be a key's. Such a name must not get into an address or an instruction.
func withValidName(in *correlate.Incident) *correlate.Incident {
	if in.Direction == correlate.Own || in.Key.Selector == "" || in.Key.Check() == nil {
		return in
	}
	bad := *in
	bad.Verdict = dkim.Verdict{
		Key: in.Key, Status: dkim.KeyNameInvalid, Fault: dkim.FaultSenderMailer, Confidence: "high", At: in.Verdict.At,
	}
	return &bad
}

// diagnose picks the row of the table that applies.
func diagnose(in *correlate.Incident, asked bool) diagnosis {
	if in.Direction != correlate.Own && in.Verdict.Status == dkim.KeyUnknown {
		switch {
		case in.State == correlate.StateRecovering, in.State == correlate.StateResolved:
			return verifiedAgain
		case in.Key.Selector == "" && in.Direction == correlate.Outbound:
			return remoteOnly
		case in.Key.Selector == "":
			return noName
		case !asked:
			return notAsked
		}
		return notLooked
	}
	for _, d := range diagnoses {
		if applies(d.direction, in.Direction) && applies(d.cause, in.Cause) &&
			applies(d.status, in.Verdict.Status) && applies(d.fault, in.Verdict.Fault) {
			return d
		}
	}
	return notLooked
}

func applies[T comparable](wanted []T, have T) bool {
	return wanted == nil || slices.Contains(wanted, have)
}

func faultWords(f dkim.Fault, in *correlate.Incident, fill func(string) string) string {
	text := faultTexts[f].inbound
	if in.Direction == correlate.Outbound {
		text = faultTexts[f].outbound
	}
	return fill(text)
}

// blame is whose fault it is and how sure that is, in words; empty if there is no
// saying.
func (e *explanation) blame() string {
	if e.fault == "" || e.confidence == "" {
		return e.fault
	}
	return e.fault + " (" + e.confidence + ")"
}

func causeWords(c dkim.Cause) string {
	if text, ok := causeTexts[c]; ok {
		return text.short
	}
	return c.String()
}

// aliasOf is where an alias at the key's name ends.
func aliasOf(in *correlate.Incident) string {
	if chain := in.Verdict.Chain; len(chain) > 0 {
		return Clean(strings.TrimSuffix(chain[len(chain)-1], "."), maxName)
	}
	return "the alias's target"
}

// filler returns a function that puts in's names into a sentence.
func filler(in *correlate.Incident) func(string) string {
	return strings.NewReplacer(
		"{name}", keyName(in.Key), "{alias}", aliasOf(in),
		"{domain}", Clean(in.Key.Domain, maxName), "{selector}", Clean(in.Key.Selector, maxName),
	).Replace
}

// maxName is how long a name may be: as long as DNS allows.
const maxName = 253

// keyName is how a key is called: by its name in DNS, as far as that is known.
func keyName(key dkim.KeyName) string {
	switch {
	case key.Domain == "" && key.Selector == "":
		return "a key that the logs do not name"
	case key.Selector == "":
		return Clean(key.Domain, maxName) + " (selector not logged)"
	}
	return Clean(strings.TrimSuffix(key.String(), "."), maxName)
}

// subject is what an incident is about.
func subject(in *correlate.Incident) string {
	switch {
	case in.Direction == correlate.Outbound:
		return keyName(in.Key) + " (our key)"
	case in.Direction == correlate.Inbound:
		return keyName(in.Key)
	case in.About != "":
		return "our DKIM verifier: " + Clean(in.About, 200)
	}
	return "our DKIM verifier"
}

// attribution says how sure it is that the key did the harm.
func attribution(in *correlate.Incident) string {
	switch {
	case in.Direction == correlate.Own:
		return ""
	case in.Stuck+in.Tempfailed+in.Rejected+in.Bounced == 0:
		return "informational: no mail was held or refused for it"
	case in.Explicit >= in.Findings:
		return "explicit: what held or refused the mail names DKIM"
	case in.Explicit > 0:
		return "explicit in " + count(in.Explicit) + " of " + number(in.Findings, "finding")
	}
	return "inferred: what held or refused the mail does not name DKIM"
}

// logWords is what the log said then and how sure the rest is, on one line if it
// is as sure as can be.
func (e *explanation) logWords(in *correlate.Incident) string {
	how := attribution(in)
	if word, _, ok := strings.Cut(how, ": "); ok && word != correlate.Inferred.String() {
		return e.log + " (" + in.Cause.String() + ", " + word + ")"
	}
	return e.log + " (" + in.Cause.String() + "); " + how
}
