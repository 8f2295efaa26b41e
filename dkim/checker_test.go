package dkim_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/internal/dnstest"
)

const (
	goodRecord = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAkmDRauZ/IwcD3IHJ7Bq76AYn7nJG0oye6lTi3x/3MOryfHi5pALdIdXwEoDRUHz26lkHV6NIuUkbz144xVXwATyAY8x0ylNKD8wEWrNaGW02z/fxIBNdM/WInEsiXffgSAqAelIXxU+WVgLRwxxzuGnJtSDme3kr1mAU4D1mfF3yVzfmcUe0QVvWWUMs6kOFmbIpBZ+tB5fVmW87ElIOs4OPS3UG12u+HlsMuUWK5o6FC4wQTCz5c/iUIbTDMN8+Lmk2Zr2/+v13L/vKmgwvdJQd/95ASQegzez9WfXn/jXLrdqsKKARYjDK5yDpbL38KBMFnkDnVKPQL3tdAKJvIwIDAQAB"
	weakRecord = "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAPSOhPinisU/fl5Xj1LEzLFfLy6HUqfWOAWbrY3jwEe/a8CoC8IZn+HRATkMXmm+0Q89nNrYXVeowGf58kGXiKkCAwEAAQ=="
	bareRecord = "v=DKIM1; p=MIGJAoGBALLftyYCs+B6rAR3GboFeoDWBLY7qECMSTa6hHDF7FbbZb6Ben5EqvAazlwJS+3qRyp9EYYs7UoLgV1s6+Q4S6syAdnT++FMF3tTJpDyZqFrsQwoX8JPRvDjipuFHjzgNKpe+pLK3e3Kx1WFqjM7BEKbufy1LQuACzVqYYEUoJxBAgMBAAE="
	leaked     = "v=DKIM1; p=MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSi"
	owner      = "s1._domainkey.example.com."
)

var key = dkim.KeyName{Selector: "s1", Domain: "example.com"}

// newYear is the time of the tests' clocks.
var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newChecker(system, public []string) *dkim.Checker {
	return &dkim.Checker{
		Resolver: patient,
		System:   system,
		Public:   public,
		Now:      func() time.Time { return newYear },
	}
}

// impatient is a Resolver that waits briefly where it knows that no answer will
// come, and long elsewhere, so that a slow machine changes no outcome.
type impatient struct {
	deadServers, deadKey map[string]bool // by server: silent to all, or about the key
}

func (r impatient) Query(ctx context.Context, server string, q dkim.Question) dkim.Answer {
	if r.deadServers[server] || r.deadKey[server] && q.Name == owner {
		return (&dkim.Client{Timeout: 50 * time.Millisecond}).Query(ctx, server, q)
	}
	return patient.Query(ctx, server, q)
}

// zoneWith returns a zone that f has filled.
func zoneWith(f func(z *dnstest.Zone)) *dnstest.Zone {
	z := dnstest.NewZone()
	z.SetTTL(300*time.Second, 60*time.Second)
	f(z)
	return z
}

func TestCheckByStatus(t *testing.T) {
	t.Parallel()
	type want struct {
		status     dkim.KeyStatus
		fault      dkim.Fault
		confidence string
		ttl        time.Duration
		detail     string // part of it
	}
	pos, neg := 5*time.Minute, time.Minute
	tests := map[string]struct {
		zone func(z *dnstest.Zone)
		want want
	}{
		"valid": {
			func(z *dnstest.Zone) { z.SetTXT(owner, goodRecord) },
			want{dkim.KeyValid, dkim.FaultNobody, "high", pos, "rsa, 2048 bits"},
		},
		"valid, strings split oddly": {
			func(z *dnstest.Zone) { z.SetStrings(owner, goodRecord[:40], goodRecord[40:200], goodRecord[200:]) },
			want{dkim.KeyValid, dkim.FaultNobody, "high", pos, "rsa, 2048 bits"},
		},
		"valid, only over TCP": {
			func(z *dnstest.Zone) { z.SetTXT(owner, goodRecord); z.Truncate(owner) },
			want{dkim.KeyValid, dkim.FaultNobody, "high", pos, "rsa, 2048 bits"},
		},
		"valid, other text beside": {
			func(z *dnstest.Zone) { z.SetTXT(owner, "v=spf1 -all", goodRecord) },
			want{dkim.KeyValid, dkim.FaultNobody, "high", pos, `another TXT record stands beside it, "v=spf1 -all"`},
		},
		"a form that few read": {
			func(z *dnstest.Zone) { z.SetTXT(owner, bareRecord) },
			want{dkim.KeyMalformed, dkim.FaultSenderZone, "high", pos, "PKCS#1"},
		},
		"valid behind aliases": {
			func(z *dnstest.Zone) {
				z.SetCNAME(owner, "s1.provider.example")
				z.SetCNAME("s1.provider.example", "s2.provider.example")
				z.SetTXT("s2.provider.example", goodRecord)
			},
			want{dkim.KeyValid, dkim.FaultNobody, "high", pos, "usable"},
		},
		"nxdomain": {
			func(*dnstest.Zone) {},
			want{dkim.KeyNotFound, dkim.FaultSenderZone, "medium", neg, "does not exist (NXDOMAIN)"},
		},
		"nodata": {
			func(z *dnstest.Zone) { z.SetNoData(owner) },
			want{dkim.KeyNoData, dkim.FaultSenderZone, "medium", neg, "has no TXT record"},
		},
		"revoked": {
			func(z *dnstest.Zone) { z.SetTXT(owner, "v=DKIM1; p=") },
			want{dkim.KeyRevoked, dkim.FaultSenderZone, "high", pos, "revoked"},
		},
		"malformed": {
			func(z *dnstest.Zone) { z.SetTXT(owner, goodRecord[:255]) },
			want{dkim.KeyMalformed, dkim.FaultSenderZone, "high", pos, "bytes are missing"},
		},
		"no key record": {
			func(z *dnstest.Zone) { z.SetTXT(owner, "v=spf1 -all") },
			want{dkim.KeyMalformed, dkim.FaultSenderZone, "high", pos, `not a DKIM key record: "v=spf1 -all"`},
		},
		"malformed at the provider": {
			func(z *dnstest.Zone) {
				z.SetCNAME(owner, "s1.provider.example")
				z.SetTXT("s1.provider.example", "v=DKIM1; k=rsa")
			},
			want{dkim.KeyMalformed, dkim.FaultProvider, "high", pos, "no p= tag"},
		},
		"private key": {
			func(z *dnstest.Zone) { z.SetTXT(owner, leaked) },
			want{dkim.KeyMalformed, dkim.FaultSenderZone, "high", pos, "private key is published"},
		},
		"weak": {
			func(z *dnstest.Zone) { z.SetTXT(owner, weakRecord) },
			want{dkim.KeyWeak, dkim.FaultSenderZone, "high", pos, "512 bits"},
		},
		"ambiguous": {
			func(z *dnstest.Zone) { z.SetTXT(owner, goodRecord, weakRecord) },
			want{dkim.KeyAmbiguous, dkim.FaultSenderZone, "high", pos, "2 key records"},
		},
		"servfail": {
			func(z *dnstest.Zone) {
				z.SetRcode(owner, dns.RcodeServerFailure)
				z.SetEDE(owner, dns.ExtendedErrorCodeDNSBogus, "")
			},
			want{dkim.KeyServFail, dkim.FaultSenderDNS, "medium", 0, "SERVFAIL, EDE 6 DNSSEC Bogus"},
		},
		"servfail at the provider": {
			func(z *dnstest.Zone) {
				z.SetCNAME(owner, "s1.provider.example")
				z.SetRcode("s1.provider.example", dns.RcodeServerFailure)
			},
			want{dkim.KeyServFail, dkim.FaultProvider, "medium", pos, "s1.provider.example (SERVFAIL)"},
		},
		"refused": {
			func(z *dnstest.Zone) { z.SetRcode(owner, dns.RcodeRefused) },
			want{dkim.KeyRefused, dkim.FaultOurResolver, "medium", 0, "REFUSED"},
		},
		"other code": {
			func(z *dnstest.Zone) { z.SetRcode(owner, dns.RcodeNotAuth) },
			want{dkim.KeyRefused, dkim.FaultOurResolver, "medium", 0, "NOTAUTH"},
		},
		"filtered": {
			func(z *dnstest.Zone) {
				z.SetNoData(owner)
				z.SetEDE(owner, dns.ExtendedErrorCodeBlocked, "")
			},
			want{dkim.KeyRefused, dkim.FaultOurResolver, "medium", neg, "withholds"},
		},
		"dangling at a provider": {
			func(z *dnstest.Zone) { z.SetCNAME(owner, "s1.provider.example") },
			want{dkim.KeyDangling, dkim.FaultProvider, "medium", neg, "alias of s1.provider.example, which does not exist"},
		},
		"dangling without data": {
			func(z *dnstest.Zone) {
				z.SetCNAME(owner, "s1.provider.example")
				z.SetNoData("s1.provider.example")
			},
			want{dkim.KeyDangling, dkim.FaultProvider, "medium", neg, "which has no TXT record"},
		},
		"dangling at home": {
			func(z *dnstest.Zone) { z.SetCNAME(owner, "s1.keys.example.com") },
			want{dkim.KeyDangling, dkim.FaultSenderZone, "medium", neg, "alias of s1.keys.example.com"},
		},
		"circle": {
			func(z *dnstest.Zone) {
				z.SetCNAME(owner, "other.example.com")
				z.SetCNAME("other.example.com", owner)
			},
			want{dkim.KeyDangling, dkim.FaultSenderZone, "medium", pos, "in a circle"},
		},
		"alias of itself": {
			func(z *dnstest.Zone) { z.SetCNAME(owner, owner) },
			want{dkim.KeyDangling, dkim.FaultSenderZone, "medium", pos, "in a circle"},
		},
		"too many aliases": {
			func(z *dnstest.Zone) {
				chain(z, 9)
			},
			want{dkim.KeyDangling, dkim.FaultSenderZone, "medium", pos, "more than 8 aliases"},
		},
		"as many aliases as may be": {
			func(z *dnstest.Zone) {
				chain(z, 8)
			},
			want{dkim.KeyValid, dkim.FaultNobody, "high", pos, "usable"},
		},
	}
	for name, tt := range tests {
		for _, oneHop := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/one hop %v", name, oneHop), func(t *testing.T) {
				t.Parallel()
				z := zoneWith(tt.zone)
				z.SetOneHop(oneHop)
				v := newChecker([]string{dnstest.Serve(t, z)}, nil).Check(t.Context(), key)
				if !oneHop || len(v.Chain) == 0 { // the last hop has its own TTL
					if v.TTL != tt.want.ttl {
						t.Errorf("TTL = %v, want %v", v.TTL, tt.want.ttl)
					}
				}
				got := want{v.Status, v.Fault, v.Confidence, tt.want.ttl, tt.want.detail}
				if got != tt.want || !strings.Contains(v.Detail, tt.want.detail) {
					t.Errorf("Check = %v, %v, %v, %q; want %v, %v, %v, %q", v.Status, v.Fault, v.Confidence, v.Detail,
						tt.want.status, tt.want.fault, tt.want.confidence, tt.want.detail)
				}
				if v.Key != key || !v.At.Equal(newYear) || len(v.Observations) == 0 {
					t.Errorf("Check = %v at %v with %d observations", v.Key, v.At, len(v.Observations))
				}
				if strings.Contains(v.Record, leaked) {
					t.Errorf("Record = %q, a private key", v.Record)
				}
				wellFormed(t, v)
			})
		}
	}
}

// chain makes the key an alias with n targets.
func chain(z *dnstest.Zone, n int) {
	name := owner
	for i := range n {
		target := fmt.Sprintf("hop%d.example.com", i)
		z.SetCNAME(name, target)
		name = target
	}
	z.SetTXT(name, goodRecord)
}

// wellFormed checks what holds for every verdict.
func wellFormed(t *testing.T, v dkim.Verdict) {
	t.Helper()
	if (v.Status == dkim.KeyUnknown) != (v.Confidence == "") {
		t.Errorf("Confidence = %q of %v", v.Confidence, v.Status)
	}
	if !strings.HasSuffix(v.Detail, ".") || strings.ContainsAny(v.Detail, "\n\r\t\x1b") {
		t.Errorf("Detail = %q is no sentence", v.Detail)
	}
	for _, o := range v.Observations {
		if (o.Rcode == "") == (o.Err == "") || o.Server == "" || o.Name == "" || !o.At.Equal(newYear) {
			t.Errorf("observation %+v", o)
		}
	}
}

func TestCheckByServers(t *testing.T) {
	t.Parallel()
	good := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetTXT(owner, goodRecord) }))
	other := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetTXT(owner, goodRecord) }))
	missing := dnstest.Serve(t, zoneWith(func(*dnstest.Zone) {}))
	missing2 := dnstest.Serve(t, zoneWith(func(*dnstest.Zone) {}))
	servfail := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetRcode(owner, dns.RcodeServerFailure) }))
	servfail2 := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetRcode(owner, dns.RcodeServerFailure) }))
	refused := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetRcode(owner, dns.RcodeRefused) }))
	refused2 := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetRcode(owner, dns.RcodeRefused) }))
	silentKey := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetSilent(owner) }))
	dead := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetSilent(owner); z.SetSilent(".") }))
	broken := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) {
		z.SetRcode(owner, dns.RcodeServerFailure)
		z.SetRcode(".", dns.RcodeServerFailure)
	}))
	closed := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) {
		z.SetRcode(owner, dns.RcodeRefused)
		z.SetRcode(".", dns.RcodeRefused)
	}))
	denies := serveFunc(t, func(w dns.ResponseWriter, r *dns.Msg) { _ = w.WriteMsg(new(dns.Msg).SetRcode(r, dns.RcodeNameError)) })
	bare := serveFunc(t, func(w dns.ResponseWriter, r *dns.Msg) {
		m := new(dns.Msg).SetRcode(r, dns.RcodeNameError)
		if r.Question[0].Name == "." {
			m.Rcode = dns.RcodeSuccess
		}
		_ = w.WriteMsg(m)
	})
	noTCP := serveFunc(t, func(w dns.ResponseWriter, r *dns.Msg) {
		if w.RemoteAddr().Network() != "udp" {
			_ = w.Close()
			return
		}
		m := new(dns.Msg)
		m.SetReply(r)
		m.Truncated = r.Question[0].Name == owner
		_ = w.WriteMsg(m)
	})

	type list = []string
	type want struct {
		status     dkim.KeyStatus
		fault      dkim.Fault
		confidence string
	}
	tests := map[string]struct {
		system, public list
		want           want
		detail         string
	}{
		"both good":     {list{good}, list{other}, want{dkim.KeyValid, dkim.FaultNobody, "high"}, "usable"},
		"public alone":  {nil, list{good}, want{dkim.KeyValid, dkim.FaultNobody, "high"}, "usable"},
		"both miss it":  {list{missing}, list{missing2}, want{dkim.KeyNotFound, dkim.FaultSenderZone, "high"}, "NXDOMAIN"},
		"both fail":     {list{servfail}, list{servfail2}, want{dkim.KeyServFail, dkim.FaultSenderDNS, "high"}, "SERVFAIL"},
		"both refuse":   {list{refused}, list{refused2}, want{dkim.KeyRefused, dkim.FaultSenderDNS, "high"}, "REFUSED"},
		"both time out": {list{silentKey}, list{silentKey}, want{dkim.KeyTimeout, dkim.FaultSenderDNS, "high"}, "timeout"},
		"times out, the root does not": {
			list{silentKey}, nil, want{dkim.KeyTimeout, dkim.FaultSenderDNS, "medium"}, "timeout"},

		"denied without proof": {
			list{bare}, nil, want{dkim.KeyNotFound, dkim.FaultSenderZone, "low"}, "NXDOMAIN"},
		"denied, and the root too, as closed networks do": {
			list{denies}, list{denies}, want{dkim.KeyUnreachable, dkim.FaultOurResolver, "high"}, "DNS cannot be reached from here"},
		"denied by ours with the root, good elsewhere": {
			list{denies}, list{good}, want{dkim.KeyTimeout, dkim.FaultOurResolver, "high"}, "at fault"},

		"next after silence":   {list{dead, good}, nil, want{dkim.KeyValid, dkim.FaultNobody, "high"}, "usable"},
		"next after a refusal": {list{closedPort, closed, good}, nil, want{dkim.KeyValid, dkim.FaultNobody, "high"}, "usable"},
		"next after SERVFAIL":  {list{servfail, missing}, nil, want{dkim.KeyNotFound, dkim.FaultSenderZone, "medium"}, "NXDOMAIN"},
		"SERVFAIL tells more than silence": {
			list{servfail, dead}, nil, want{dkim.KeyServFail, dkim.FaultSenderDNS, "medium"}, "SERVFAIL"},

		"ours fails":    {list{servfail}, list{good}, want{dkim.KeyServFail, dkim.FaultOurResolver, "high"}, "the resolver of this host is at fault"},
		"ours refuses":  {list{closed}, list{good}, want{dkim.KeyTimeout, dkim.FaultOurResolver, "high"}, "the resolver of this host is at fault"},
		"ours is dead":  {list{dead}, list{good}, want{dkim.KeyTimeout, dkim.FaultOurResolver, "high"}, "the resolver of this host is at fault"},
		"ours is down":  {list{closedPort}, list{good}, want{dkim.KeyTimeout, dkim.FaultOurResolver, "high"}, "connection refused"},
		"ours is stale": {list{missing}, list{good}, want{dkim.KeyNotFound, dkim.FaultOurResolver, "medium"}, "remember the old answer for up to 1m0s"},
		"ours has no TCP": {
			list{noTCP}, nil, want{dkim.KeyTimeout, dkim.FaultOurResolver, "medium"}, "too long for UDP"},

		"ours is dead, the key is missing": {
			list{dead}, list{missing}, want{dkim.KeyNotFound, dkim.FaultSenderZone, "medium"}, "resolvers of this host do not answer"},
		"ours fails, the key is missing": {
			list{servfail}, list{missing}, want{dkim.KeyNotFound, dkim.FaultSenderZone, "medium"}, "SERVFAIL"},
		"missing, the public fail": {
			list{missing}, list{servfail}, want{dkim.KeyNotFound, dkim.FaultSenderZone, "medium"}, "elsewhere"},
		"missing, the public are out of reach": {
			list{missing}, list{dead}, want{dkim.KeyNotFound, dkim.FaultSenderZone, "medium"}, "public resolvers cannot be reached"},
		"good, the public are out of reach": {
			list{good}, list{dead}, want{dkim.KeyValid, dkim.FaultNobody, "high"}, "public resolvers cannot be reached"},
		"good, the public miss it": {
			list{good}, list{missing}, want{dkim.KeyValid, dkim.FaultNobody, "low"}, "but no key is published"},
		"good, the public fail": {
			list{good}, list{servfail}, want{dkim.KeyValid, dkim.FaultNobody, "medium"}, "but the resolver"},

		"nothing answers": {list{dead, closedPort}, list{closedPort, dead}, want{dkim.KeyUnreachable, dkim.FaultOurResolver, "high"}, "DNS cannot be reached from here"},
		"nothing listens": {list{closedPort}, nil, want{dkim.KeyUnreachable, dkim.FaultOurResolver, "high"}, "connection refused"},
		"SERVFAIL for everything": {
			list{broken}, nil, want{dkim.KeyUnreachable, dkim.FaultOurResolver, "high"}, "DNS cannot be reached from here"},
		"REFUSED for everything": {
			list{closed}, nil, want{dkim.KeyUnreachable, dkim.FaultOurResolver, "high"}, "DNS cannot be reached from here"},
		"public nothing": {nil, list{closedPort}, want{dkim.KeyUnreachable, dkim.FaultOurResolver, "high"}, "DNS cannot be reached from here"},
		"no resolver":    {nil, nil, want{dkim.KeyUnreachable, dkim.FaultOurResolver, "high"}, "no resolver is configured"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChecker(tt.system, tt.public)
			c.Resolver = impatient{deadServers: map[string]bool{dead: true}, deadKey: map[string]bool{silentKey: true}}
			c.Timeout = time.Minute
			v := c.Check(t.Context(), key)
			got := want{v.Status, v.Fault, v.Confidence}
			if got != tt.want || !strings.Contains(v.Detail, tt.detail) {
				t.Errorf("Check = %v %q, want %v %q\n%+v", got, v.Detail, tt.want, tt.detail, v.Observations)
			}
			wellFormed(t, v)
		})
	}
}

func TestCheckKeepsTheEvidence(t *testing.T) {
	t.Parallel()
	failing := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) { z.SetRcode(owner, dns.RcodeServerFailure) }))
	good := dnstest.Serve(t, zoneWith(func(z *dnstest.Zone) {
		z.SetCNAME(owner, "s1.provider.example")
		z.SetTXT("s1.provider.example", goodRecord)
		z.Truncate(owner)
	}))
	v := newChecker([]string{failing, good}, nil).Check(t.Context(), key)
	for i := range v.Observations {
		v.Observations[i].RTT = 0
	}
	want := dkim.Verdict{
		Key: key, Status: dkim.KeyValid, Fault: dkim.FaultNobody, Confidence: "high", At: newYear,
		Record: goodRecord, Chain: []string{"s1.provider.example."}, TTL: 5 * time.Minute,
		Detail: "The key is published and usable (rsa, 2048 bits).",
		Observations: []dkim.Observation{
			{Server: failing, Transport: "udp", Name: owner, Rcode: "SERVFAIL", At: newYear},
			{Server: good, Transport: "tcp", Name: owner, Rcode: "NOERROR", Answers: 1, TTL: 5 * time.Minute, Truncated: true, At: newYear},
		},
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("Check (-want +got):\n%s", diff)
	}
}

func TestCheckNames(t *testing.T) {
	t.Parallel()
	z := zoneWith(func(z *dnstest.Zone) {
		z.SetTXT(owner, goodRecord)
		z.SetTXT("s1._domainkey.xn--bcher-kva.example", goodRecord)
		z.SetTXT("jun.s1._domainkey.example.com", goodRecord)
	})
	c := newChecker([]string{dnstest.Serve(t, z)}, nil)
	tests := map[string]struct {
		key  dkim.KeyName
		want dkim.KeyStatus
	}{
		"usual":              {key, dkim.KeyValid},
		"capitals, dot":      {dkim.KeyName{Selector: "S1", Domain: "EXAMPLE.com."}, dkim.KeyValid},
		"dotted selector":    {dkim.KeyName{Selector: "jun.s1", Domain: "example.com"}, dkim.KeyValid},
		"international":      {dkim.KeyName{Selector: "s1", Domain: "Bücher.example"}, dkim.KeyValid},
		"empty":              {dkim.KeyName{}, dkim.KeyNameInvalid},
		"no selector":        {dkim.KeyName{Domain: "example.com"}, dkim.KeyNameInvalid},
		"empty label":        {dkim.KeyName{Selector: "s1", Domain: "example..com"}, dkim.KeyNameInvalid},
		"long label":         {dkim.KeyName{Selector: strings.Repeat("s", 64), Domain: "example.com"}, dkim.KeyNameInvalid},
		"long name":          {dkim.KeyName{Selector: "s1", Domain: strings.Repeat("a.", 130) + "com"}, dkim.KeyNameInvalid},
		"control byte":       {dkim.KeyName{Selector: "s1\x1b[2J", Domain: "example.com"}, dkim.KeyNameInvalid},
		"shell word":         {dkim.KeyName{Selector: "$(id)", Domain: "example.com"}, dkim.KeyNameInvalid},
		"not international":  {dkim.KeyName{Selector: "s1", Domain: "\xff\xfe.example"}, dkim.KeyNameInvalid},
		"escape in the name": {dkim.KeyName{Selector: `s\046`, Domain: "example.com"}, dkim.KeyNameInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := c.Check(t.Context(), tt.key)
			if v.Status != tt.want {
				t.Errorf("Check(%+v) = %v %q, want %v", tt.key, v.Status, v.Detail, tt.want)
			}
			if v.Status == dkim.KeyNameInvalid && (v.Fault != dkim.FaultSenderMailer || len(v.Observations) > 0) {
				t.Errorf("Check(%+v) fault %v, %d queries", tt.key, v.Fault, len(v.Observations))
			}
			wellFormed(t, v)
		})
	}
}
