package reports

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// The same advice is given once, whatever number of keys it is for.
func TestHints(t *testing.T) {
	r := &Report{AsOf: now, DNSAsked: true}
	for i := range 30 {
		key := dkim.KeyName{Selector: "s1", Domain: fmt.Sprintf("d%02d.example", i)}
		m := held(fmt.Sprintf("1uF%03d-000000-2x", i), time.Hour, key, correlate.Explicit, "451")
		v := dkim.Verdict{Status: dkim.KeyNotFound, Fault: dkim.FaultSenderZone, Confidence: "high", At: ago(time.Duration(30-i) * time.Minute)}
		if i == 7 {
			v.Status = dkim.KeyRevoked
		}
		r.Messages = append(r.Messages, m)
		r.Incidents = append(r.Incidents, correlate.Incident{
			ID: fmt.Sprintf("id%02d", i), Key: key, State: correlate.StateOpen, Opened: m.Findings[0].At, Stuck: 1, Findings: 1, Explicit: 1, Verdict: v,
		})
	}
	var b strings.Builder
	if err := WriteStuck(&b, r, TextOptions{MaxMessages: -1}); err != nil {
		t.Fatal(err)
	}
	for want, n := range map[string]int{
		"29 keys, 29 messages\n    The key record does not exist (NXDOMAIN). [DNS at 02:42]\n":                1,
		"    Fault: the sender's: the DNS records of DOMAIN (sure).\n    Write to postmaster@DOMAIN: publish": 1,
		"        1  s1._domainkey.d00.example\n":                                                              1,
		"           … and 9 more keys\n":                                                                      1,
		"s1._domainkey.d07.example: 1 message\n    The key is revoked":                                        1,
		"Write to": 2,
	} {
		if have := strings.Count(b.String(), want); have != n {
			t.Errorf("%q is there %d times, want %d:\n%s", want, have, n, b.String())
		}
	}
}

// Where a key's name does not fit, the end of its domain stays.
func TestShortKey(t *testing.T) {
	tests := map[string]struct {
		in   correlate.Incident
		n    int
		want string
	}{
		"fits":             {correlate.Incident{Key: zendesk}, 30, "zendesk1 / example.com"},
		"ours":             {correlate.Incident{Key: ours, Direction: correlate.Outbound}, 40, "2024 / our.example.org (ours)"},
		"no selector":      {correlate.Incident{Key: unnamed}, 30, "? / shop.example.net"},
		"long selector":    {correlate.Incident{Key: dkim.KeyName{Selector: "averylongselector", Domain: "example.com"}}, 24, "averylong… / example.com"},
		"long domain":      {correlate.Incident{Key: dkim.KeyName{Selector: "k1", Domain: "news.mail.shop.example.com"}}, 20, "k1 / …op.example.com"},
		"both":             {correlate.Incident{Key: dkim.KeyName{Selector: "averylongselector", Domain: "news.mail.example.com"}}, 21, "avery… / …example.com"},
		"our own verifier": {correlate.Incident{Direction: correlate.Own, About: "mx1: refused"}, 24, "our DKIM verifier: mx1:…"},
		"nothing known":    {correlate.Incident{}, 40, "a key that the logs do not name"},
	}
	for name, tt := range tests {
		got := shortKey([]*correlate.Incident{&tt.in})(0, tt.n)
		if got != tt.want || columns(got) > tt.n {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// A key's name is shown however long it is.
func TestCompactLongKey(t *testing.T) {
	r := &Report{AsOf: now, DNSAsked: true, Incidents: []correlate.Incident{{
		ID: "long", Key: dkim.KeyName{Selector: strings.Repeat("s", 63), Domain: strings.Repeat("d", 60) + ".example.com"},
		State: correlate.StateOpen, Opened: ago(time.Hour), Messages: 2, Delivered: 2, Findings: 2,
	}}}
	var b strings.Builder
	if err := WriteText(&b, r, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "ddd.example.com  02:12") || !strings.Contains(b.String(), "1 key in trouble that held or refused no mail\n") {
		t.Errorf("lacks the key:\n%s", b.String())
	}
}
