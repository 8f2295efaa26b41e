package dkim

import (
	"context"
	"time"

	"github.com/miekg/dns"
)

// Resolver asks one server one question, once. It always returns: no answer is
// an Answer whose Err says why. It must be safe for concurrent use, and return
// soon after ctx ends.
type Resolver interface {
	Query(ctx context.Context, server string, q Question) Answer
}

// Question is what to ask: an absolute name and a type, such as dns.TypeTXT.
type Question struct {
	Name string
	Type uint16
}

// Answer is what one server said. Its texts and names are strangers' bytes.
type Answer struct {
	Observation // all but At

	Texts    []string // TXT records at the end of the chain, strings joined (RFC 6376 §3.6.2.2)
	Chain    []string // CNAME targets in the order met, lower case, absolute
	Zone     string   // the zone that denies the name: the owner of the SOA (RFC 2308 §2); empty without one
	Filtered bool     // the server says that it withholds the truth (RFC 8914: forged, blocked, censored, …)
}

// answered reports whether the server answered at all.
func (a *Answer) answered() bool { return a.Rcode != "" }

// definitive reports whether the server answered the question, with data or
// with their absence.
func (a *Answer) definitive() bool {
	return !a.Filtered && (a.Rcode == "NOERROR" || a.Rcode == "NXDOMAIN")
}

// read takes from m what answers q.
func (a *Answer) read(m *dns.Msg, q Question) {
	a.Rcode = rcodeName(rcode(m))
	a.EDE, a.Filtered = readEDE(m)

	end, chainTTL := a.follow(m.Answer, q.Name)
	ttl, known := chainTTL, len(a.Chain) > 0
	for _, rr := range m.Answer {
		txt, ok := rr.(*dns.TXT)
		if !ok || dns.CanonicalName(txt.Hdr.Name) != end {
			continue
		}
		a.Texts = append(a.Texts, joinTXT(txt.Txt))
		ttl, known = least(ttl, known, txt.Hdr.Ttl), true
	}
	a.Answers = len(a.Texts)
	if len(a.Texts) == 0 {
		for _, rr := range m.Ns {
			if soa, ok := rr.(*dns.SOA); ok {
				a.Zone = dns.CanonicalName(soa.Hdr.Name)
				ttl = least(ttl, known, min(soa.Hdr.Ttl, soa.Minttl)) // RFC 2308 §5
				break
			}
		}
	}
	a.TTL = time.Duration(ttl) * time.Second
}

// follow walks the CNAME records from name as far as they lead, and returns
// where they end and the least of their TTLs. A circle ends where it closes:
// the name met twice stands twice in the chain, or is name itself.
func (a *Answer) follow(rrs []dns.RR, name string) (end string, ttl uint32) {
	alias := make(map[string]*dns.CNAME)
	for _, rr := range rrs {
		if c, ok := rr.(*dns.CNAME); ok {
			alias[dns.CanonicalName(c.Hdr.Name)] = c
		}
	}
	end = dns.CanonicalName(name)
	for c := alias[end]; c != nil; c = alias[end] {
		delete(alias, end)
		ttl = least(ttl, len(a.Chain) > 0, c.Hdr.Ttl)
		end = dns.CanonicalName(c.Target)
		a.Chain = append(a.Chain, end)
	}
	return end, ttl
}

// least is the smaller of two TTLs, of which the first may be unknown.
func least(ttl uint32, known bool, other uint32) uint32 {
	if known {
		return min(ttl, other)
	}
	return other
}

// joinTXT turns the strings of a TXT record, as miekg/dns presents them, into
// the bytes on the wire: it undoes "\DDD" and "\X" (RFC 1035 §5.1).
func joinTXT(parts []string) string {
	var b []byte
	for _, s := range parts {
		for i := 0; i < len(s); i++ {
			if s[i] != '\\' || i+1 == len(s) {
				b = append(b, s[i])
				continue
			}
			i++
			if i+2 < len(s) && isDigit(s[i]) && isDigit(s[i+1]) && isDigit(s[i+2]) {
				b = append(b, (s[i]-'0')*100+(s[i+1]-'0')*10+(s[i+2]-'0'))
				i += 2
				continue
			}
			b = append(b, s[i])
		}
	}
	return string(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
