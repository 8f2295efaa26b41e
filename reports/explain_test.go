package reports

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// Every status, fault, cause and direction has its words, and they are whole.
func TestEverythingHasWords(t *testing.T) {
	for c := range names(dkim.CauseNone) {
		if _, ok := causeTexts[dkim.Cause(c)]; !ok {
			t.Errorf("no text for the cause %v", dkim.Cause(c))
		}
	}
	for f := range names(dkim.FaultUnknown) {
		if _, ok := faultTexts[dkim.Fault(f)]; !ok {
			t.Errorf("no text for the fault %v", dkim.Fault(f))
		}
	}
	for h := range names(correlate.HarmNone) {
		found := false
		for _, text := range harmTexts {
			found = found || text.harm == correlate.Harm(h)
		}
		if !found {
			t.Errorf("no text for the harm %v", correlate.Harm(h))
		}
	}
	for d := range names(correlate.Inbound) {
		for s := range names(dkim.KeyUnknown) {
			for f := range names(dkim.FaultUnknown) {
				for _, stuck := range []int{0, 1} {
					for _, chain := range [][]string{nil, {"target.example."}} {
						in := &correlate.Incident{
							Direction: correlate.Direction(d), Key: zendesk, Stuck: stuck, Cause: dkim.CauseKeyUnavailable, Findings: 1,
							Verdict: dkim.Verdict{Status: dkim.KeyStatus(s), Fault: dkim.Fault(f), Confidence: "high", At: now, Chain: chain},
						}
						checkWords(t, in)
					}
				}
			}
		}
	}
}

func checkWords(t *testing.T, in *correlate.Incident) {
	t.Helper()
	at := fmt.Sprint(in.Direction, " ", in.Verdict.Status, " ", in.Verdict.Fault)
	e := explain(in, true)
	for _, s := range []string{e.says, e.next} {
		if s == "" || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q is no sentence", at, s)
		}
	}
	for _, s := range []string{e.says, e.next, e.fault} {
		if strings.ContainsAny(s, "{}") {
			t.Errorf("%s: %q is not filled in", at, s)
		}
	}
	if in.Direction != correlate.Own && in.Verdict.Status != dkim.KeyUnknown && in.Verdict.Status != dkim.KeyValid &&
		e.says == notLooked.says {
		t.Errorf("%s: has no row in the table", at)
	}
	if in.Verdict.Status == dkim.KeyValid && in.Direction == correlate.Inbound && strings.Contains(e.next, "Write to") {
		t.Errorf("%s: %q, though the key is there", at, e.next)
	}
	if in.Verdict.Status == dkim.KeyUnreachable && e.blame() != "" && in.Direction != correlate.Own {
		t.Errorf("%s: blames %q, though DNS is out of reach", at, e.blame())
	}
}

func TestExplain(t *testing.T) {
	tests := map[string]struct {
		in    correlate.Incident
		asked bool
		says  string
		blame string
		next  string // a part
	}{
		"missing": {
			correlate.Incident{Key: zendesk, Verdict: dkim.Verdict{Status: dkim.KeyNotFound, Fault: dkim.FaultSenderZone, Confidence: "high"}}, true,
			"The key record does not exist (NXDOMAIN).", "the sender's: the DNS records of example.com (sure)",
			"Write to postmaster@example.com: publish the TXT record zendesk1._domainkey.example.com (their mail provider shows its value).",
		},
		"back, and mail waits": {
			correlate.Incident{Key: zendesk, Stuck: 2, Verdict: dkim.Verdict{Status: dkim.KeyValid, Fault: dkim.FaultNobody, Confidence: "high"}}, true,
			"The key is there now.", "nobody's any more (sure)", "Retry the mail now.",
		},
		"back, and none waits": {
			correlate.Incident{Key: zendesk, Verdict: dkim.Verdict{Status: dkim.KeyValid, Fault: dkim.FaultNobody, Confidence: "high"}}, true,
			"The key is there now.", "nobody's any more (sure)", "Nothing to do",
		},
		"verified here again": {
			correlate.Incident{Key: zendesk, Stuck: 1, State: correlate.StateRecovering}, false,
			"Signatures with this key have verified here again.", "", "Retry the mail now.",
		},
		"not asked": {
			correlate.Incident{Key: zendesk, State: correlate.StateOpen}, false,
			"DNS was not asked for the key.", "", "without --no-dns",
		},
		"limit reached": {
			correlate.Incident{Key: zendesk, State: correlate.StateOpen}, true,
			"The key was not looked up, so whose fault it is stays open.", "", "command below",
		},
		"no selector": {
			correlate.Incident{Key: unnamed, State: correlate.StateOpen}, true,
			"The logs do not tell the selector, so the key cannot be looked up.", "", "No such mail is in the queue",
		},
		"no selector, and mail waits": {
			correlate.Incident{Key: unnamed, Stuck: 1, State: correlate.StateOpen}, true,
			"The logs do not tell the selector, so the key cannot be looked up.", "", "DKIM-Signature",
		},
		"our resolver": {
			correlate.Incident{Key: zendesk, Verdict: dkim.Verdict{Status: dkim.KeyServFail, Fault: dkim.FaultOurResolver, Confidence: "medium"}}, true,
			"This host's own DNS resolver stands in the way.", "ours: the DNS resolver of this host (likely)", "nothing to write to the sender",
		},
		"impossible name": {
			correlate.Incident{Key: dkim.KeyName{Selector: "a b", Domain: "x; reboot"}, Verdict: dkim.Verdict{Status: dkim.KeyNotFound, Fault: dkim.FaultSenderZone}}, true,
			"The signature names a key that cannot exist in DNS.", "the sender's: their signing software (sure)", "Nobody can publish that name",
		},
		"our own key": {
			correlate.Incident{Direction: correlate.Outbound, Key: ours, Verdict: dkim.Verdict{Status: dkim.KeyNotFound, Fault: dkim.FaultSenderZone, Confidence: "high"}}, true,
			"Our own key record is missing.", "ours: the DNS records of our.example.org (sure)", "Publish the TXT record 2024._domainkey.our.example.org",
		},
		"our verifier": {
			correlate.Incident{Direction: correlate.Own, Cause: dkim.CauseVerifierUnavailable}, true,
			"Our DKIM verifier cannot be reached. No sender is at fault.", "ours: the verifier of this host", "Start or mend",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := explain(&tt.in, tt.asked)
			if e.says != tt.says {
				t.Errorf("says %q, want %q", e.says, tt.says)
			}
			if e.blame() != tt.blame {
				t.Errorf("blames %q, want %q", e.blame(), tt.blame)
			}
			if !strings.Contains(e.next, tt.next) {
				t.Errorf("next is %q, want %q in it", e.next, tt.next)
			}
		})
	}
}

// What is true of many incidents is said once, and only where it is of use: what
// was refused is in no queue to be read.
func TestOpenQuestions(t *testing.T) {
	nameless := func(m *correlate.Message, stuck int) *Report {
		m.Findings[0].Key = unnamed
		return &Report{
			AsOf: now, DNSAsked: true, Messages: []*correlate.Message{m}, Incidents: []correlate.Incident{{
				Key: unnamed, State: correlate.StateOpen, Severity: correlate.SeverityCritical, Opened: m.Findings[0].At, Stuck: stuck, Findings: 1,
			}},
		}
	}
	postfix := held("4F00000001", time.Hour, unnamed, correlate.Explicit, "451")
	postfix.MTA = "postfix"
	rejected := refused("1uEREJ-000DDD-0Q", time.Hour, unnamed, correlate.OutcomeRejected, correlate.HarmRejected)
	tests := map[string]struct {
		r        *Report
		want     []string
		unwanted []string
	}{
		"held by Exim":     {nameless(held("1uA", time.Hour, unnamed, correlate.Explicit, ""), 1), []string{"beside Read", "Read      exim -Mvh 1uA\n", "dkim_verbose"}, []string{"milter"}},
		"held by Postfix":  {nameless(postfix, 1), []string{"Read      postcat -qh 4F00000001\n", "may name it"}, []string{"dkim_verbose"}},
		"rejected by Exim": {nameless(rejected, 0), []string{"rejectlog"}, []string{"Read", "-Mvh", "postcat"}},
		"not asked":        {noDNS(), []string{"DNS was not asked (--no-dns)"}, []string{"Next"}},
		"out of reach":     {noRoute(), []string{"(connection refused). Whose fault"}, []string{"Next"}},
	}
	for name, tt := range tests {
		var b strings.Builder
		if err := WriteText(&b, tt.r, TextOptions{Width: 160}); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(b.String(), "refused).\nWhose", "refused). Whose")
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: lacks %q:\n%s", name, want, text)
			}
		}
		for _, unwanted := range tt.unwanted {
			if strings.Contains(text, unwanted) {
				t.Errorf("%s: has %q:\n%s", name, unwanted, text)
			}
		}
	}
}

// The verdict's own sentence is shown where it tells more than ours.
func TestDetail(t *testing.T) {
	nxdomain := dkim.Observation{Server: "192.0.2.53:53", Rcode: "NXDOMAIN"}
	for name, tt := range map[string]struct {
		confidence string
		seen       []dkim.Observation
		want       string
	}{
		"sure":               {"high", []dkim.Observation{nxdomain}, ""},
		"likely, one voice":  {"medium", []dkim.Observation{nxdomain, {Server: "9.9.9.9:53", Rcode: "NXDOMAIN"}}, ""},
		"likely, two voices": {"medium", []dkim.Observation{nxdomain, {Server: "9.9.9.9:53", Err: "timeout"}}, "detail"},
		"nothing is left":    {"low", nil, "detail"},
	} {
		in := correlate.Incident{Key: zendesk, Verdict: dkim.Verdict{
			Status: dkim.KeyNotFound, Fault: dkim.FaultSenderZone, Confidence: tt.confidence, Detail: "detail", Observations: tt.seen,
		}}
		if got := explain(&in, true).detail; got != tt.want {
			t.Errorf("%s: detail = %q, want %q", name, got, tt.want)
		}
	}
}
