package reports

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zone files

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// now is when the fixtures are judged.
var now = time.Date(2026, 5, 11, 3, 12, 33, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func warsaw(t testing.TB) *time.Location {
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

var (
	zendesk = dkim.KeyName{Selector: "zendesk1", Domain: "example.com"}
	office  = dkim.KeyName{Selector: "selector1", Domain: "kunde.example"}
	ours    = dkim.KeyName{Selector: "2024", Domain: "our.example.org"}
	unnamed = dkim.KeyName{Domain: "shop.example.net"}
	dead    = dkim.KeyName{Selector: "s1", Domain: "slow.example"}
	back    = dkim.KeyName{Selector: "k2", Domain: "news.example"}
	spam    = dkim.KeyName{Selector: "qwxyz", Domain: "spam.test"}
	past    = dkim.KeyName{Selector: "old", Domain: "past.example"}
)

// held is a message that waits here for its key.
func held(id string, waits time.Duration, key dkim.KeyName, how correlate.Attribution, reply string) *correlate.Message {
	return &correlate.Message{
		Host: "mx1.our.example.org", MTA: "exim", QueueID: id, MessageID: id + "@" + key.Domain,
		Sender: "support@" + key.Domain, SenderKnown: true, ClientIP: "192.0.2.7", Helo: "out." + key.Domain,
		Size: 48213, FirstSeen: ago(waits), LastSeen: ago(10 * time.Minute), Accepted: true,
		Outcome: correlate.OutcomeQueued, Stuck: true, Attempts: 1,
		Recipients: []correlate.Recipient{{
			Address: "anna@our.example.org", Outcome: correlate.OutcomeQueued, Deferrals: 11, LastReply: reply, At: ago(10 * time.Minute),
		}},
		Signatures: []correlate.Signature{{
			Key: key, Algorithm: "rsa-sha256", Result: dkim.ResultPermerror, Cause: dkim.CauseKeyUnavailable,
			Reason: "public key record (currently?) unavailable",
		}},
		Findings: []correlate.Finding{{
			Key: key, Cause: dkim.CauseKeyUnavailable, Harm: correlate.HarmHeldHere, Attribution: how,
			Evidence: []string{"public key record (currently?) unavailable"}, At: ago(waits),
		}},
		Sources: []correlate.Span{{File: "/var/log/exim4/mainlog", FirstLine: 1200, LastLine: 98012}},
	}
}

// refused is a message that we did not take, or that came back.
func refused(id string, before time.Duration, key dkim.KeyName, o correlate.Outcome, h correlate.Harm) *correlate.Message {
	m := held(id, before, key, correlate.Explicit, "550 5.7.20 DKIM Invalid")
	m.Outcome, m.Stuck, m.Ended = o, false, true
	m.Recipients[0].Outcome = o
	m.Findings[0].Harm = h
	return m
}

// rich is a night with a bit of everything.
func rich() *Report {
	const dkimDefer = "451 4.7.5 DKIM: public key record unavailable, please try later (d=example.com s=zendesk1)"
	r := &Report{
		Title: "dkimwatch scan", First: ago(51 * time.Hour), Last: ago(20 * time.Second), AsOf: now, DNSAsked: true,
		Lifetime: func(mta string) (time.Duration, string) {
			if mta == "exim" {
				return 6 * time.Hour, "configured"
			}
			return 5 * 24 * time.Hour, "postfix-default"
		},
	}
	for i := range 17 {
		m := held(fmt.Sprintf("1uE%03d-000%03d-2x", i, i*7), 5*time.Hour+58*time.Minute-time.Duration(i*19)*time.Minute, zendesk, correlate.Explicit, dkimDefer)
		if i%4 == 3 {
			m.Findings[0].Attribution = correlate.Inferred
			m.Recipients[0].LastReply = "SMTP error from remote mail server after RCPT TO: 450 4.2.0 Greylisted"
		}
		r.Messages = append(r.Messages, m)
	}
	r.Messages[0].Recipients = append(r.Messages[0].Recipients,
		correlate.Recipient{Address: "bob@our.example.org", Outcome: correlate.OutcomeQueued, Deferrals: 11, At: ago(time.Hour)},
		correlate.Recipient{Address: "done@our.example.org", Outcome: correlate.OutcomeDelivered, At: ago(5 * time.Hour)})
	frozen := held("1uEFRZ-000F00-1A", 26*time.Hour, office, correlate.Inferred, "")
	frozen.Outcome, frozen.Recipients[0].Outcome = correlate.OutcomeFrozen, correlate.OutcomeFrozen
	onHold := held("4Fq0Kb3Zz6z9vNx", 3*time.Hour, office, correlate.Explicit, "milter: DKIM verification temporarily failed")
	onHold.Host, onHold.MTA, onHold.Instance, onHold.SenderKnown, onHold.Sender = "mx2.our.example.org", "postfix", "postfix-in", true, ""
	onHold.Outcome, onHold.Recipients[0].Outcome = correlate.OutcomeHeld, correlate.OutcomeHeld
	fresh := held("1uEYNG-000777-0Q", 4*time.Minute, office, correlate.Explicit, dkimDefer)
	fresh.Stuck = false
	nameless := held("1uENON-000888-0Q", 95*time.Minute, unnamed, correlate.Explicit, "451 4.7.5 DKIM key retrieval failed")
	nameless.Signatures = nil
	outbound := held("1uEOUT-000999-0Q", 40*time.Minute, ours, correlate.Explicit, "host mx.remote.example [198.51.100.3]: 451 4.7.5 no key for our.example.org")
	outbound.Local, outbound.Findings[0].Direction, outbound.Findings[0].Cause = true, correlate.Outbound, dkim.CauseRemoteRefused
	milter := held("9A1B2C3D4E", 12*time.Minute, dkim.KeyName{}, correlate.Inferred, "")
	milter.MTA, milter.Host = "postfix", "mx2.our.example.org"
	milter.Findings[0].Direction, milter.Findings[0].Cause = correlate.Own, dkim.CauseVerifierUnavailable
	milter.Outcome, milter.Accepted, milter.Stuck, milter.Ended = correlate.OutcomeTempfailed, false, false, true
	milter.Recipients[0].Outcome, milter.Findings[0].Harm = correlate.OutcomeTempfailed, correlate.HarmTempfailed
	waiting := held("1uEBCK-000AAA-0Q", 3*time.Hour, back, correlate.Explicit, dkimDefer)
	delivered := refused("1uEDLV-000BBB-0Q", 2*time.Hour, spam, correlate.OutcomeDelivered, correlate.HarmNone)
	delivered.Findings[0].Attribution = correlate.Informational
	r.Messages = append(r.Messages, frozen, onHold, fresh, nameless, outbound, milter, waiting, delivered,
		refused("1uETMP-000CCC-0Q", 100*time.Minute, dead, correlate.OutcomeTempfailed, correlate.HarmTempfailed),
		refused("1uEREJ-000DDD-0Q", 30*time.Hour, zendesk, correlate.OutcomeRejected, correlate.HarmRejected),
		refused("1uEBNC-000EEE-0Q", 29*time.Hour, past, correlate.OutcomeBounced, correlate.HarmBounced),
	)
	r.Incidents = incidents()
	r.Other = []correlate.Other{
		{Cause: dkim.CauseBodyHashMismatch, Domain: "lists.example", Messages: 1204, Refused: 3},
		{Cause: dkim.CauseBodyHashMismatch, Domain: "forwarder.example", Messages: 311},
		{Cause: dkim.CauseSignatureExpired, Domain: "late.example", Messages: 2},
		{Cause: dkim.CauseNoSignature, Messages: 88_120},
		{Cause: dkim.CausePolicyAlignment, Domain: "bank.example", Messages: 7, Refused: 7},
	}
	r.Sources = []Source{
		{Name: "/var/log/exim4/mainlog", Format: "exim", Lines: 1_234_567, Events: 345_678, Ignored: 888_889, First: ago(27 * time.Hour), Last: ago(20 * time.Second)},
		{Name: "/var/log/exim4/mainlog.1", Format: "exim", Lines: 901_234, Events: 300_000, Ignored: 601_234, First: ago(51 * time.Hour), Last: ago(27 * time.Hour)},
		{Name: "/var/log/exim4/mainlog.2.gz", Format: "exim", Lines: 12_345, Events: 100, Ignored: 12_245, First: ago(75 * time.Hour), Last: ago(60 * time.Hour), Error: "read /var/log/exim4/mainlog.2.gz: unexpected EOF"},
		{Name: "/var/log/exim4/paniclog", Error: "open /var/log/exim4/paniclog: permission denied"},
		{Name: "/var/log/mail.log", Format: "syslog", Lines: 44_000, Events: 9_000, Ignored: 34_988, Malformed: 12, Cut: 1, First: ago(27 * time.Hour), Last: ago(time.Minute),
			Samples: []Sample{{Line: 345, Text: "-- MARK --"}}},
		{Name: "/backup/mainlog.1", Format: "exim", Duplicate: "/var/log/exim4/mainlog.1"},
		{Name: "notes.txt", Lines: 12},
		{Name: "/var/log/exim4/rejectlog"},
	}
	r.Counters = Counters{Begun: 412_000, Evicted: 3, Late: 12, Unattached: 4, Lost: 120}
	return r
}

func incidents() []correlate.Incident {
	return []correlate.Incident{
		{
			ID: "k3xq7a2b", Key: zendesk, Cause: dkim.CauseKeyUnavailable, State: correlate.StateOpen, Severity: correlate.SeverityCritical,
			Opened: ago(30 * time.Hour), LastSeen: ago(10 * time.Minute), WorkedUntil: ago(31 * time.Hour),
			Messages: 18, Stuck: 17, Rejected: 1, Recipients: 14, Clients: 2, Explicit: 14, Findings: 18,
			Oldest: ago(5*time.Hour + 58*time.Minute), Deadline: now.Add(2 * time.Minute), DeadlineSource: "configured",
			Verdict: dkim.Verdict{
				Key: zendesk, Status: dkim.KeyNotFound, Fault: dkim.FaultSenderZone, Confidence: "high", At: ago(20 * time.Second),
				TTL: 30 * time.Minute, Detail: "No key is published: the name zendesk1._domainkey.example.com does not exist (NXDOMAIN).",
				Observations: []dkim.Observation{
					{Server: "127.0.0.53:53", Transport: "udp", Name: zendesk.String(), Rcode: "NXDOMAIN", RTT: 3 * time.Millisecond, TTL: 30 * time.Minute, At: ago(20 * time.Second)},
					{Server: "9.9.9.9:53", Transport: "udp", Name: zendesk.String(), Err: "timeout", RTT: 2 * time.Second, At: ago(18 * time.Second)},
				},
			},
		},
		{
			ID: "m7office", Key: office, Cause: dkim.CauseKeyNotFound, State: correlate.StateOpen, Severity: correlate.SeverityWarning,
			Opened: ago(26 * time.Hour), LastSeen: ago(4 * time.Minute), Messages: 3, Stuck: 3, Recipients: 1, Clients: 1, Explicit: 2, Findings: 3, Reopened: 1,
			Oldest: ago(26 * time.Hour), Deadline: now.Add(-20 * time.Hour), DeadlineSource: "configured",
			Verdict: dkim.Verdict{
				Key: office, Status: dkim.KeyDangling, Fault: dkim.FaultProvider, Confidence: "high", At: ago(19 * time.Second),
				Chain:  []string{"selector1-kunde-example._domainkey.kunde.onmicrosoft.example."},
				Detail: "selector1._domainkey.kunde.example is an alias of selector1-kunde-example._domainkey.kunde.onmicrosoft.example, which does not exist.",
			},
		},
		{
			ID: "nonamed1", Key: unnamed, Cause: dkim.CauseKeyUnavailable, State: correlate.StateOpen, Severity: correlate.SeverityWarning,
			Opened: ago(95 * time.Minute), LastSeen: ago(95 * time.Minute), Messages: 1, Stuck: 1, Recipients: 1, Clients: 1, Explicit: 1, Findings: 1,
			Oldest: ago(95 * time.Minute), Deadline: now.Add(265 * time.Minute), DeadlineSource: "observed",
		},
		{
			ID: "outbound", Direction: correlate.Outbound, Key: ours, Cause: dkim.CauseRemoteRefused, State: correlate.StateOpen, Severity: correlate.SeverityWarning,
			Opened: ago(40 * time.Minute), LastSeen: ago(10 * time.Minute), Messages: 1, Stuck: 1, Recipients: 1, Explicit: 1, Findings: 1,
			Oldest: ago(40 * time.Minute), Deadline: now.Add(320 * time.Minute), DeadlineSource: "exim-default",
			Verdict: dkim.Verdict{Key: ours, Status: dkim.KeyRevoked, Fault: dkim.FaultSenderZone, Confidence: "high", At: ago(15 * time.Second), Record: "v=DKIM1; p=", Detail: "The key at 2024._domainkey.our.example.org is revoked: its p= is empty."},
		},
		{
			ID: "timedout", Key: dead, Cause: dkim.CauseKeyLookupTempfail, State: correlate.StateOpen, Severity: correlate.SeverityWarning,
			Opened: ago(100 * time.Minute), LastSeen: ago(50 * time.Minute), Messages: 1, Tempfailed: 1, Recipients: 1, Explicit: 1, Findings: 1,
			Verdict: dkim.Verdict{Key: dead, Status: dkim.KeyTimeout, Fault: dkim.FaultSenderDNS, Confidence: "medium", At: ago(10 * time.Second), Detail: "The resolver 127.0.0.53:53 gives no answer for s1._domainkey.slow.example (timeout)."},
		},
		{
			ID: "backagin", Key: back, Cause: dkim.CauseKeyNotFound, State: correlate.StateRecovering, Severity: correlate.SeverityWarning,
			Opened: ago(3 * time.Hour), LastSeen: ago(70 * time.Minute), WorkedUntil: ago(4 * time.Hour), Messages: 1, Stuck: 1, Recipients: 1, Explicit: 1, Findings: 1,
			Oldest: ago(3 * time.Hour), Deadline: now.Add(3 * time.Hour), DeadlineSource: "configured",
			Verdict: dkim.Verdict{Key: back, Status: dkim.KeyValid, Fault: dkim.FaultNobody, Confidence: "high", At: ago(9 * time.Second), Record: "v=DKIM1; k=rsa; p=MIIB", TTL: time.Hour, Detail: "The key is published and usable (rsa, 2048 bits)."},
		},
		{
			ID: "verifier", Direction: correlate.Own, Cause: dkim.CauseVerifierUnavailable, About: "connect to Milter service inet:localhost:8891: Connection refused",
			State: correlate.StateOpen, Severity: correlate.SeverityWarning, Opened: ago(12 * time.Minute), LastSeen: ago(12 * time.Minute), Messages: 1, Tempfailed: 1, Recipients: 1, Findings: 1,
		},
		{
			ID: "suspect1", Key: spam, Cause: dkim.CauseKeyNotFound, State: correlate.StateSuspected, Severity: correlate.SeverityInfo,
			Opened: ago(2 * time.Hour), LastSeen: ago(2 * time.Hour), Messages: 1, Delivered: 1, Recipients: 1, Findings: 1,
			Verdict: dkim.Verdict{Key: spam, Status: dkim.KeyNotFound, Fault: dkim.FaultSenderZone, Confidence: "medium", At: ago(8 * time.Second)},
		},
		{
			ID: "resolved", Key: past, Cause: dkim.CauseKeyRevoked, State: correlate.StateResolved, Severity: correlate.SeverityCritical,
			Opened: ago(29 * time.Hour), LastSeen: ago(28 * time.Hour), ResolvedAt: ago(20 * time.Hour), Messages: 1, Bounced: 1, Recipients: 1, Explicit: 1, Findings: 1,
			Verdict: dkim.Verdict{Key: past, Status: dkim.KeyValid, Fault: dkim.FaultNobody, Confidence: "high", At: ago(7 * time.Second)},
		},
	}
}
