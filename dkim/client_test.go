package dkim_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/internal/dnstest"
)

// patient is a client that waits longer than any machine is slow.
var patient = &dkim.Client{Timeout: 20 * time.Second}

func TestClientQuery(t *testing.T) {
	t.Parallel()
	z := dnstest.NewZone()
	z.SetTTL(300*time.Second, 60*time.Second)
	z.SetStrings("split.example", "v=DKIM1; ", "p=AA", `AA\; "q" `+"\xff\x00")
	z.SetTXT("two.example", "one", "two")
	z.SetTXT("big.example", strings.Repeat("k", 3000))
	z.SetNoData("nodata.example")
	z.SetRcode("servfail.example", dns.RcodeServerFailure)
	z.SetEDE("servfail.example", dns.ExtendedErrorCodeDNSBogus, "bad\nsignature")
	z.SetNoData("blocked.example")
	z.SetEDE("blocked.example", dns.ExtendedErrorCodeBlocked, "")
	z.SetRcode("refused.example", dns.RcodeRefused)
	z.SetCNAME("alias.example", "Second.Example")
	z.SetCNAME("second.example", "two.example")
	z.SetCNAME("circle.example", "circle.example")
	z.SetCNAME("dangling.example", "nowhere.example.net")
	addr := dnstest.Serve(t, z)

	type answer = dkim.Answer
	type seen = dkim.Observation
	tests := map[string]answer{
		"split.example.": {
			Observation: seen{Transport: "udp", Rcode: "NOERROR", Answers: 1, TTL: 5 * time.Minute},
			Texts:       []string{`v=DKIM1; p=AAAA\; "q" ` + "\xff\x00"},
		},
		"two.example.": {
			Observation: seen{Transport: "udp", Rcode: "NOERROR", Answers: 2, TTL: 5 * time.Minute},
			Texts:       []string{"one", "two"},
		},
		"big.example.": {
			Observation: seen{Transport: "tcp", Rcode: "NOERROR", Answers: 1, TTL: 5 * time.Minute, Truncated: true},
			Texts:       []string{strings.Repeat("k", 3000)},
		},
		"nodata.example.": {
			Observation: seen{Transport: "udp", Rcode: "NOERROR", TTL: time.Minute},
			Zone:        "nodata.example.",
		},
		"no.example.": {
			Observation: seen{Transport: "udp", Rcode: "NXDOMAIN", TTL: time.Minute},
			Zone:        "no.example.",
		},
		"servfail.example.": {
			Observation: seen{Transport: "udp", Rcode: "SERVFAIL", EDE: "6 DNSSEC Bogus: bad?signature"},
		},
		"blocked.example.": {
			Observation: seen{Transport: "udp", Rcode: "NOERROR", TTL: time.Minute, EDE: "15 Blocked"},
			Zone:        "blocked.example.",
			Filtered:    true,
		},
		"refused.example.": {
			Observation: seen{Transport: "udp", Rcode: "REFUSED"},
		},
		"alias.example.": {
			Observation: seen{Transport: "udp", Rcode: "NOERROR", Answers: 2, TTL: 5 * time.Minute},
			Texts:       []string{"one", "two"},
			Chain:       []string{"second.example.", "two.example."},
		},
		"circle.example.": {
			Observation: seen{Transport: "udp", Rcode: "NOERROR", TTL: 5 * time.Minute},
			Chain:       []string{"circle.example."},
		},
		"dangling.example.": {
			Observation: seen{Transport: "udp", Rcode: "NXDOMAIN", TTL: time.Minute},
			Chain:       []string{"nowhere.example.net."},
			Zone:        "example.net.",
		},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want.Server, want.Name = addr, name
			got := patient.Query(t.Context(), addr, dkim.Question{Name: name, Type: dns.TypeTXT})
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(dkim.Observation{}, "RTT")); diff != "" {
				t.Errorf("Query(%s) (-want +got):\n%s", name, diff)
			}
			if got.RTT <= 0 {
				t.Errorf("Query(%s) RTT = %v", name, got.RTT)
			}
		})
	}
}

// serveFunc serves handler functions, for answers that no honest server gives.
func serveFunc(t *testing.T, f func(w dns.ResponseWriter, r *dns.Msg)) string {
	t.Helper()
	return dnstest.Serve(t, dns.HandlerFunc(f))
}

func TestClientAgainstOddServers(t *testing.T) {
	t.Parallel()
	record := &dns.TXT{
		Hdr: dns.RR_Header{Name: "s._domainkey.example.com.", Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60},
		Txt: []string{"v=DKIM1; p="},
	}
	good := func(r *dns.Msg) *dns.Msg {
		m := new(dns.Msg)
		m.SetReply(r)
		m.Answer = []dns.RR{record}
		return m
	}
	isUDP := func(w dns.ResponseWriter) bool { return w.RemoteAddr().Network() == "udp" }
	tests := map[string]struct {
		handler func(w dns.ResponseWriter, r *dns.Msg)
		rcode   string
		texts   int
		err     string
	}{
		"cannot do EDNS": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				m := good(r)
				if r.IsEdns0() != nil {
					m.SetRcodeFormatError(r)
				}
				_ = w.WriteMsg(m)
			},
			rcode: "NOERROR", texts: 1,
		},
		"cannot do EDNS and is short": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				m := good(r)
				if r.IsEdns0() != nil {
					m = &dns.Msg{MsgHdr: dns.MsgHdr{Id: r.Id, Response: true, Rcode: dns.RcodeFormatError}}
				}
				_ = w.WriteMsg(m)
			},
			rcode: "NOERROR", texts: 1,
		},
		"knows no EDNS version": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				m := good(r)
				if r.IsEdns0() != nil {
					m.Answer = nil
					m.SetEdns0(1232, false)
					m.Rcode = dns.RcodeBadVers
				}
				_ = w.WriteMsg(m)
			},
			rcode: "NOERROR", texts: 1,
		},
		"answers another question": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				m := good(r)
				m.Question[0].Name = "other.example."
				_ = w.WriteMsg(m)
			},
			err: "answer to another question",
		},
		"answers no question": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				m := good(r)
				m.Question = nil
				_ = w.WriteMsg(m)
			},
			err: "answer to another question",
		},
		"sends garbage": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				_, _ = w.Write([]byte{byte(r.Id >> 8), byte(r.Id), 0x80, 0, 0, 1, 0, 9, 0, 0, 0, 0, 0xff})
			},
			err: "malformed answer",
		},
		"gives another name's record": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				m := good(r)
				other := *record
				other.Hdr.Name = "other.example."
				m.Answer = []dns.RR{&other}
				_ = w.WriteMsg(m)
			},
			rcode: "NOERROR",
		},
		"truncates and has no TCP": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				if !isUDP(w) {
					_ = w.Close()
					return
				}
				m := good(r)
				m.Truncated = true
				_ = w.WriteMsg(m)
			},
			err: "connection closed",
		},
		"code without a name": {
			handler: func(w dns.ResponseWriter, r *dns.Msg) {
				m := good(r)
				m.Answer = nil
				m.Rcode = 13
				_ = w.WriteMsg(m)
			},
			rcode: "RCODE13",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := serveFunc(t, tt.handler)
			got := patient.Query(t.Context(), addr, dkim.Question{Name: "s._domainkey.example.com.", Type: dns.TypeTXT})
			if got.Rcode != tt.rcode || len(got.Texts) != tt.texts || got.Err != tt.err {
				t.Errorf("Query = %q with %d texts, error %q; want %q with %d, %q", got.Rcode, len(got.Texts), got.Err, tt.rcode, tt.texts, tt.err)
			}
		})
	}
}

func TestClientWithoutServer(t *testing.T) {
	t.Parallel()
	q := dkim.Question{Name: "s._domainkey.example.com.", Type: dns.TypeTXT}

	z := dnstest.NewZone()
	z.SetSilent(q.Name)
	if got := (&dkim.Client{Timeout: 50 * time.Millisecond}).Query(t.Context(), dnstest.Serve(t, z), q); got.Err != "timeout" || got.Rcode != "" {
		t.Errorf("Query of a silent server = %q, %q, want a timeout", got.Rcode, got.Err)
	}
	if got := patient.Query(t.Context(), closedPort, q); got.Err != "connection refused" || got.Rcode != "" {
		t.Errorf("Query of a closed port = %q, %q, want connection refused", got.Rcode, got.Err)
	}
	if got := patient.Query(t.Context(), "no port", q); !strings.HasPrefix(got.Err, "no answer: ") || got.Rcode != "" {
		t.Errorf("Query of nonsense = %q, %q", got.Rcode, got.Err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if got := patient.Query(ctx, dnstest.Serve(t, z), q); got.Err != "cancelled" {
		t.Errorf("Query cancelled = %q, want cancelled", got.Err)
	}
}

// closedPort is a loopback address where nothing listens, and no test can.
const closedPort = "127.0.0.1:1"
