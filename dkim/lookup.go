package dkim

import (
	"context"
	"slices"

	"github.com/miekg/dns"
)

// maxHops is how many CNAMEs are followed; some verifiers give up earlier.
const maxHops = 8

// trail is what one group of resolvers said on the way to a key.
type trail struct {
	domain  string   // on whose account the queries go
	last    Answer   // the answer the outcome depends on
	chain   []string // all CNAME targets in the order met
	circle  bool     // the chain leads back to itself
	tooLong bool     // the chain has more than maxHops targets
	heard   bool     // some server answered a question with data or their absence
	all     []Observation
}

// lookup follows the name of key to its TXT records at one group of resolvers. Usually the
// resolver follows CNAMEs; where it hands out only the first of them, lookup
// asks for its target. It asks none but the servers given: no address that comes
// out of a zone.
func (c *Checker) lookup(ctx context.Context, servers []string, key KeyName) trail {
	t, name := trail{domain: registered(key.Domain)}, key.String()
	met := []string{dns.CanonicalName(name)}
	for {
		t.last = c.ask(ctx, servers, Question{Name: name, Type: dns.TypeTXT}, &t)
		for _, target := range t.last.Chain {
			t.chain = append(t.chain, target)
			if slices.Contains(met, target) {
				t.circle = true
				return t
			}
			met = append(met, target)
		}
		if len(t.chain) > maxHops {
			t.tooLong = true
			return t
		}
		if t.last.Rcode != "NOERROR" || len(t.last.Texts) > 0 || len(t.last.Chain) == 0 {
			return t
		}
		name = t.chain[len(t.chain)-1]
	}
}

// ask puts q to the servers in turn, as the resolver of libc does, until one
// answers it; SERVFAIL and the like move on to the next. Servers that let the
// time pass are asked once more if no other answered. It returns the best of
// what it heard.
func (c *Checker) ask(ctx context.Context, servers []string, q Question, t *trail) Answer {
	var best Answer
	for range 2 {
		var slow []string
		for _, server := range servers {
			a := c.query(ctx, server, q, t)
			switch {
			case a.definitive():
				t.heard = true
				return a
			case a.answered() || !best.answered():
				best = a
			}
			if a.Err == errTimeout {
				slow = append(slow, server)
			}
			if ctx.Err() != nil {
				return best
			}
		}
		if best.answered() {
			break
		}
		servers = slow
	}
	return best
}

// query asks one server, counts the query and keeps what was observed.
func (c *Checker) query(ctx context.Context, server string, q Question, t *trail) Answer {
	c.limits.spend(c.Now(), t.domain)
	a := c.Resolver.Query(ctx, server, q)
	a.At = c.Now().UTC()
	t.all = append(t.all, a.Observation)
	return a
}

// reachable asks for the name servers of the root, which every resolver knows
// that can reach any DNS at all.
func (c *Checker) reachable(ctx context.Context, servers []string, t *trail) bool {
	probe := trail{domain: t.domain}
	a := c.ask(ctx, servers, Question{Name: ".", Type: dns.TypeNS}, &probe)
	t.all = append(t.all, probe.all...)
	return a.definitive() && a.Rcode == "NOERROR"
}
