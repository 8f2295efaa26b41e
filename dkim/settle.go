package dkim

import (
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// settle makes a verdict of what the two groups of resolvers found; either may
// be nil, when it has no servers. Its status is what this host's own resolvers
// say, as the mail server sees it, unless they fail and the public ones know
// the key to be in trouble too.
func settle(key KeyName, system, public *finding) Verdict {
	switch {
	case deaf(system) && deaf(public):
		return unreachable(key, system, public)
	case deaf(public):
		return conclude(key, system, nil, witnessNote(public, "the public resolvers cannot be reached from here"))
	case deaf(system) && (system == nil || public.status != KeyValid):
		return conclude(key, public, nil, witnessNote(system, "the resolvers of this host do not answer"))
	case system.status == public.status:
		return conclude(key, system, public, "")
	case public.status == KeyValid:
		return blameResolver(key, system, public)
	case system.status == KeyValid:
		v := conclude(key, system, nil, "but "+public.detail)
		v.Confidence = "low"
		if public.status.Temporary() {
			v.Confidence = "medium"
		}
		return v
	case system.status.Temporary() && !public.status.Temporary():
		v := conclude(key, public, nil, "and "+system.detail)
		v.Confidence = "medium"
		return v
	}
	v := conclude(key, system, nil, "elsewhere "+public.detail)
	v.Confidence = "medium"
	return v
}

// deaf reports whether a group tells nothing of the key.
func deaf(f *finding) bool { return f == nil || f.status == KeyUnreachable }

func witnessNote(f *finding, note string) string {
	if f == nil {
		return ""
	}
	return note
}

// unreachable is the verdict when nobody answers. It says nothing of the key.
func unreachable(key KeyName, system, public *finding) Verdict {
	v := Verdict{Key: key, Status: KeyUnreachable, Fault: FaultOurResolver, Confidence: "high"}
	switch {
	case system != nil:
		v.Detail = sentence("DNS cannot be reached from here: " + system.detail)
	case public != nil:
		v.Detail = sentence("DNS cannot be reached from here: " + public.detail)
	default:
		v.Detail = "DNS cannot be reached from here: no resolver is configured."
	}
	return v
}

// blameResolver is the verdict when the world sees a good key and we do not.
func blameResolver(key KeyName, system, public *finding) Verdict {
	v := conclude(key, system, nil, "")
	v.Fault, v.Confidence = FaultOurResolver, "high"
	if v.Status == KeyUnreachable {
		v.Status = KeyTimeout
	}
	v.Detail = sentence(fmt.Sprintf("%s, while %s has a good key: the resolver of this host is at fault", system.detail, public.server))
	if !v.Status.Temporary() {
		v.Confidence = "medium" // the record may be new, or the zone split on purpose
		v.Detail = sentence(fmt.Sprintf("%s, while %s has a good key: the resolver of this host may remember the old answer for up to %s, or has its own version of the zone", system.detail, public.server, system.ttl))
	}
	return v
}

// conclude makes a verdict of f. A second group that found the same makes it
// certain.
func conclude(key KeyName, f, second *finding, note string) Verdict {
	notes := f.notes
	if note != "" {
		notes = append(notes[:len(notes):len(notes)], note)
	}
	v := Verdict{
		Key:    key,
		Status: f.status,
		Record: f.record,
		Chain:  f.chain,
		TTL:    f.ttl,
		Detail: sentence(strings.Join(append([]string{f.detail}, notes...), "; ")),
	}
	v.Fault = faultOf(key, f, second)
	v.Confidence = confidenceOf(f, second)
	return v
}

// confidenceOf grades f. A record in hand speaks for itself; its absence, or a
// failure, wants a second witness.
func confidenceOf(f, second *finding) string {
	doubts := 0
	if f.record == "" && second == nil {
		doubts++
	}
	if f.weak && (second == nil || second.weak) {
		doubts++
	}
	return [...]string{"high", "medium", "low"}[doubts]
}

// faultOf says who can mend what f found. A resolver that refuses a name has its
// own reasons, unless others refuse it too.
func faultOf(key KeyName, f, second *finding) Fault {
	elsewhere := len(f.chain) > 0 && registered(f.chain[len(f.chain)-1]) != registered(key.Domain)
	switch {
	case f.status == KeyValid:
		return FaultNobody
	case f.ours, f.status == KeyRefused && second == nil:
		return FaultOurResolver
	case f.circle:
		return FaultSenderZone
	case elsewhere:
		return FaultProvider
	case f.status == KeyServFail, f.status == KeyRefused, f.status == KeyTimeout:
		return FaultSenderDNS
	}
	return FaultSenderZone
}

// registered returns the domain under which name was registered, or name itself
// where that cannot be told.
func registered(name string) string {
	name = strings.TrimSuffix(name, ".")
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return domain
	}
	return name
}

// sentence begins s with a capital, unless it begins with a name, and ends it
// with a full stop.
func sentence(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if !strings.Contains(first, ".") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	return s + "."
}
