package dnstest

import (
	"strings"
	"time"

	"github.com/miekg/dns"
)

// ServeDNS answers one query, or does not, if the name is silent.
func (z *Zone) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	m, udp := z.reply(r), w.RemoteAddr().Network() == "udp"
	if m == nil {
		return
	}
	if udp && z.truncates(r.Question[0].Name) {
		m.Answer, m.Ns, m.Truncated = nil, nil, true
	}
	if udp {
		size := dns.MinMsgSize
		if opt := r.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		m.Truncate(size)
	}
	_ = w.WriteMsg(m) // whoever asked may have gone
}

func (z *Zone) truncates(name string) bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.names[canonical(name)].truncated
}

func (z *Zone) reply(r *dns.Msg) *dns.Msg {
	z.mu.Lock()
	defer z.mu.Unlock()

	q := r.Question[0]
	z.queries[canonical(q.Name)]++
	m := new(dns.Msg)
	m.SetReply(r)
	m.RecursionAvailable = true
	if r.IsEdns0() != nil {
		m.SetEdns0(1232, false)
	}

	name := q.Name
	for range 20 { // a circle must end
		e, known := z.names[canonical(name)]
		if e.silent {
			return nil
		}
		if e.ede != nil && m.IsEdns0() != nil {
			m.IsEdns0().Option = append(m.IsEdns0().Option, e.ede)
		}
		switch {
		case e.rcode != dns.RcodeSuccess:
			m.Rcode = e.rcode
			return m
		case e.cname != "":
			m.Answer = append(m.Answer, &dns.CNAME{Hdr: header(name, dns.TypeCNAME, z.ttl), Target: e.cname})
			if q.Qtype == dns.TypeCNAME || z.oneHop {
				return m
			}
			name = e.cname
		case q.Qtype == dns.TypeTXT && len(e.records) > 0:
			for _, parts := range e.records {
				m.Answer = append(m.Answer, &dns.TXT{Hdr: header(name, dns.TypeTXT, z.ttl), Txt: present(parts)})
			}
			return m
		case q.Qtype == dns.TypeNS && name == ".":
			m.Answer = append(m.Answer, &dns.NS{Hdr: header(name, dns.TypeNS, z.ttl), Ns: "a.root-servers.example."})
			return m
		default:
			if !known && !z.above(name) {
				m.Rcode = dns.RcodeNameError
			}
			m.Ns = append(m.Ns, z.soa(name))
			return m
		}
	}
	return m
}

// above reports whether a given name lies below name, which therefore exists
// (RFC 8020 §2).
func (z *Zone) above(name string) bool {
	if name == "." {
		return true
	}
	suffix := "." + canonical(name)
	for n := range z.names {
		if strings.HasSuffix(n, suffix) {
			return true
		}
	}
	return false
}

// soa makes the SOA of the zone that denies name: its last two labels.
func (z *Zone) soa(name string) *dns.SOA {
	apex := "."
	if labels := dns.SplitDomainName(name); len(labels) > 0 {
		apex = dns.Fqdn(strings.Join(labels[max(0, len(labels)-2):], "."))
	}
	seconds := uint32(z.negTTL / time.Second)
	return &dns.SOA{
		Hdr: header(apex, dns.TypeSOA, z.negTTL), Ns: "ns." + strings.TrimPrefix(apex, "."), Mbox: "hostmaster." + strings.TrimPrefix(apex, "."),
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: seconds,
	}
}

func header(name string, rrtype uint16, ttl time.Duration) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: rrtype, Class: dns.ClassINET, Ttl: uint32(ttl / time.Second)}
}

// present escapes bytes as dns.TXT wants them: it keeps the presentation form,
// in which a backslash begins an escape (RFC 1035 §5.1).
func present(parts []string) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = strings.ReplaceAll(p, `\`, `\\`)
	}
	return out
}
