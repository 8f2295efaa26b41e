package dnstest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dkimwatch/dkimwatch/internal/dnstest"
)

// reply is what the tests compare of an answer.
type reply struct {
	Rcode     int
	Truncated bool
	Records   []string // type and data, in order
}

func ask(t *testing.T, network, addr, name string, qtype uint16) (reply, error) {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(name, qtype)
	m.SetEdns0(1232, false)
	c := dns.Client{Net: network, Timeout: 10 * time.Second}
	if name == "silent.example." {
		c.Timeout = 100 * time.Millisecond
	}
	r, _, err := c.Exchange(m, addr)
	if err != nil {
		return reply{}, err
	}
	got := reply{Rcode: r.Rcode, Truncated: r.Truncated}
	for _, rr := range append(r.Answer, r.Ns...) {
		data := strings.TrimPrefix(rr.String(), rr.Header().String())
		got.Records = append(got.Records, dns.TypeToString[rr.Header().Rrtype]+" "+data)
	}
	return got, nil
}

func TestZone(t *testing.T) {
	t.Parallel()
	z := dnstest.NewZone()
	z.SetTXT("one.example", "v=DKIM1; p=")
	z.SetTXT("two.example", "first", "second")
	z.SetTXT("long.example", strings.Repeat("a", 255)+"b")
	z.SetStrings("split.example", "v=DK", "IM1", `back\slash`)
	z.SetTXT("below.empty.example", "x")
	z.SetNoData("nodata.example")
	z.SetRcode("servfail.example", dns.RcodeServerFailure)
	z.SetRcode("refused.example", dns.RcodeRefused)
	z.SetSilent("silent.example")
	z.SetTXT("truncated.example", "whole")
	z.Truncate("truncated.example")
	z.SetTXT("big.example", strings.Repeat("c", 2000))
	z.SetCNAME("alias.example", "one.example")
	z.SetCNAME("circle.example", "other.example")
	z.SetCNAME("other.example", "circle.example")
	z.SetCNAME("dangling.example", "nowhere.example")
	addr := dnstest.Serve(t, z)

	soa := "SOA ns.example. hostmaster.example. 1 3600 600 86400 300"
	deny := func(name string) string {
		return strings.ReplaceAll(soa, ".example.", "."+name)
	}
	tests := map[string]struct {
		network, name string
		qtype         uint16
		want          reply
	}{
		"one record":       {"udp", "one.example.", dns.TypeTXT, reply{Records: []string{`TXT "v=DKIM1; p="`}}},
		"any case":         {"udp", "ONE.example.", dns.TypeTXT, reply{Records: []string{`TXT "v=DKIM1; p="`}}},
		"over TCP":         {"tcp", "one.example.", dns.TypeTXT, reply{Records: []string{`TXT "v=DKIM1; p="`}}},
		"two records":      {"udp", "two.example.", dns.TypeTXT, reply{Records: []string{`TXT "first"`, `TXT "second"`}}},
		"split at 255":     {"udp", "long.example.", dns.TypeTXT, reply{Records: []string{`TXT "` + strings.Repeat("a", 255) + `" "b"`}}},
		"given strings":    {"udp", "split.example.", dns.TypeTXT, reply{Records: []string{`TXT "v=DK" "IM1" "back\\slash"`}}},
		"unknown":          {"udp", "no.example.", dns.TypeTXT, reply{Rcode: dns.RcodeNameError, Records: []string{deny("no.example.")}}},
		"no data":          {"udp", "nodata.example.", dns.TypeTXT, reply{Records: []string{deny("nodata.example.")}}},
		"other type":       {"udp", "one.example.", dns.TypeMX, reply{Records: []string{deny("one.example.")}}},
		"above a name":     {"udp", "empty.example.", dns.TypeTXT, reply{Records: []string{deny("empty.example.")}}},
		"servfail":         {"udp", "servfail.example.", dns.TypeTXT, reply{Rcode: dns.RcodeServerFailure}},
		"refused":          {"udp", "refused.example.", dns.TypeTXT, reply{Rcode: dns.RcodeRefused}},
		"truncated":        {"udp", "truncated.example.", dns.TypeTXT, reply{Truncated: true}},
		"whole over TCP":   {"tcp", "truncated.example.", dns.TypeTXT, reply{Records: []string{`TXT "whole"`}}},
		"too big for UDP":  {"udp", "big.example.", dns.TypeTXT, reply{Truncated: true}},
		"alias":            {"udp", "alias.example.", dns.TypeTXT, reply{Records: []string{"CNAME one.example.", `TXT "v=DKIM1; p="`}}},
		"alias itself":     {"udp", "alias.example.", dns.TypeCNAME, reply{Records: []string{"CNAME one.example."}}},
		"dangling":         {"udp", "dangling.example.", dns.TypeTXT, reply{Rcode: dns.RcodeNameError, Records: []string{"CNAME nowhere.example.", deny("nowhere.example.")}}},
		"root's servers":   {"udp", ".", dns.TypeNS, reply{Records: []string{"NS a.root-servers.example."}}},
		"root has no text": {"udp", ".", dns.TypeTXT, reply{Records: []string{"SOA ns. hostmaster. 1 3600 600 86400 300"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ask(t, tt.network, addr, tt.name, tt.qtype)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answer for %s (-want +got):\n%s", tt.name, diff)
			}
		})
	}

	t.Run("a circle ends", func(t *testing.T) {
		t.Parallel()
		got, err := ask(t, "udp", addr, "circle.example.", dns.TypeTXT)
		if err != nil || len(got.Records) == 0 {
			t.Errorf("answer for circle.example. = %v, %v, want some CNAMEs", got, err)
		}
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		if got, err := ask(t, "udp", addr, "silent.example.", dns.TypeTXT); err == nil {
			t.Errorf("answer for silent.example. = %v, want none", got)
		}
	})
}

func TestZoneChangesWhileItServes(t *testing.T) {
	t.Parallel()
	z := dnstest.NewZone()
	s, err := dnstest.Start(z)
	if err != nil {
		t.Fatal(err)
	}
	rcode := func() int {
		t.Helper()
		got, err := ask(t, "udp", s.Addr, "key.example.", dns.TypeTXT)
		if err != nil {
			t.Fatal(err)
		}
		return got.Rcode
	}
	if got := rcode(); got != dns.RcodeNameError {
		t.Errorf("rcode before = %d, want NXDOMAIN", got)
	}
	z.SetTXT("key.example", "v=DKIM1; p=")
	if got := rcode(); got != dns.RcodeSuccess {
		t.Errorf("rcode with the key = %d, want NOERROR", got)
	}
	z.Remove("KEY.example.")
	if got := rcode(); got != dns.RcodeNameError {
		t.Errorf("rcode after = %d, want NXDOMAIN", got)
	}
	if got := z.Queries("key.example"); got != 3 {
		t.Errorf("Queries = %d, want 3", got)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	if _, err := ask(t, "tcp", s.Addr, "key.example.", dns.TypeTXT); err == nil {
		t.Error("a closed server answers")
	}
}
