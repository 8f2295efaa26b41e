// Package storetest is the contract of package store: what every dialect must do.
package storetest

import (
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/store"
)

// Run holds the stores that open gives against the contract. Each call of open
// gives a new, empty store, and closes it when its test ends.
func Run(t *testing.T, open func(t *testing.T) *store.DB) {
	for name, test := range map[string]func(*testing.T, *store.DB){
		"every field comes back":                everyField,
		"batch is kept whole or not at all":     cancelled,
		"commits twice":                         twice,
		"writers and readers at once":           concurrent,
		"stuck, then delivered":                 stuckThenDelivered,
		"older view":                            olderView,
		"view from the middle":                  fromTheMiddle,
		"queue id used again":                   usedAgain,
		"message across a rotation":             acrossRotation,
		"message without a queue id":            noQueueID,
		"key named later":                       namedLater,
		"attempts are one message":              attempts,
		"filter":                                filter,
		"stop early":                            stopEarly,
		"incident grows":                        incidentGrows,
		"incident from two logs":                incidentFromTwoLogs,
		"incident stays resolved":               staysResolved,
		"incident reopened":                     reopened,
		"own incidents are told apart":          ownIncidents,
		"incident filter":                       incidentFilter,
		"verdicts":                              verdicts,
		"hostile text is never part of a query": hostile,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// t0 is when the tests' logs begin.
var t0 = time.Date(2026, 3, 1, 10, 0, 0, 123456000, time.UTC)

func at(minutes int) time.Time { return t0.Add(time.Duration(minutes) * time.Minute) }

var key = dkim.KeyName{Selector: "zendesk1", Domain: "example.com"}

// stuck is a message that a bad key holds.
func stuck(id string, first, last int) correlate.Message {
	return correlate.Message{
		Host: "mx1", QueueID: id, MTA: "exim", MessageID: id + "@example.com", Sender: "ann@Example.com", SenderKnown: true,
		ClientIP: "192.0.2.7", Helo: "out.example.com", Size: 1234, FirstSeen: at(first), LastSeen: at(last),
		Accepted: true, Outcome: correlate.OutcomeQueued, Stuck: true, Attempts: 1,
		Recipients: []correlate.Recipient{{Address: "bob@example.org", Outcome: correlate.OutcomeQueued, Deferrals: 1, LastReply: "DKIM: no key", At: at(last)}},
		Signatures: []correlate.Signature{{Key: key, Algorithm: "rsa-sha256", Result: dkim.ResultTemperror, Cause: dkim.CauseKeyUnavailable, Reason: "public key record (currently?) unavailable"}},
		Findings: []correlate.Finding{{
			Key: key, Cause: dkim.CauseKeyUnavailable, Harm: correlate.HarmHeldHere, Attribution: correlate.Explicit,
			Evidence: []string{"DKIM: d=example.com s=zendesk1 [invalid]"}, At: at(first),
		}},
		Sources: []correlate.Span{{File: "mainlog", FirstLine: 10, LastLine: 20}},
	}
}

// delivered is m after its recipients got it.
func delivered(m correlate.Message, last int) correlate.Message {
	m.LastSeen, m.Ended, m.Stuck, m.Outcome = at(last), true, false, correlate.OutcomeDelivered
	m.Recipients = append([]correlate.Recipient(nil), m.Recipients...)
	for i := range m.Recipients {
		m.Recipients[i].Outcome, m.Recipients[i].At, m.Recipients[i].LastReply = correlate.OutcomeDelivered, at(last), "OK"
	}
	return m
}

// trouble is an incident that is not over.
func trouble(id string, opened, last, messages int) correlate.Incident {
	return correlate.Incident{
		ID: id, Key: key, Cause: dkim.CauseKeyNotFound, State: correlate.StateOpen, Severity: correlate.SeverityWarning,
		Opened: at(opened), LastSeen: at(last), Messages: messages, Stuck: messages, Recipients: messages, Clients: 1,
		Oldest: at(opened), Deadline: at(opened + 6*60), DeadlineSource: "configured", WorkedUntil: at(opened - 60),
	}
}

// resolved is i with a proof of its end.
func resolved(i correlate.Incident, when int) correlate.Incident {
	i.State, i.ResolvedAt, i.Stuck, i.Oldest, i.Deadline, i.DeadlineSource = correlate.StateResolved, at(when), 0, time.Time{}, time.Time{}, ""
	i.Delivered = i.Messages
	return i
}
