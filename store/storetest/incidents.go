package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/store"
)

func incidentGrows(t *testing.T, db *store.DB) {
	small, big := trouble("i", 0, 10, 3), trouble("i", 0, 60, 7)
	big.Rejected, big.Severity = 2, correlate.SeverityCritical
	commitIncidents(t, db, small)
	commitIncidents(t, db, big)
	wantIncidents(t, db, store.IncidentFilter{}, big)
	commitIncidents(t, db, small)
	wantIncidents(t, db, store.IncidentFilter{}, big)
	over := resolved(big, 120)
	commitIncidents(t, db, over)
	wantIncidents(t, db, store.IncidentFilter{}, over)
}

func incidentFromTwoLogs(t *testing.T, db *store.DB) {
	first, second := trouble("one", 0, 30, 3), trouble("two", 60, 90, 4)
	first.Rejected, second.Rejected = 2, 5
	want := second
	want.ID, want.Opened, want.WorkedUntil = "one", first.Opened, first.WorkedUntil
	want.Messages, want.Rejected = 7, 7
	for range 2 {
		commitIncidents(t, db, first)
		commitIncidents(t, db, second)
		wantIncidents(t, db, store.IncidentFilter{}, want)
	}
	whole := trouble("three", 0, 90, 6)
	commitIncidents(t, db, whole)
	whole.ID = "one"
	wantIncidents(t, db, store.IncidentFilter{}, whole)
}

func staysResolved(t *testing.T, db *store.DB) {
	seen := trouble("i", 0, 30, 3)
	over := resolved(seen, 60)
	next := trouble("next", 60*48, 60*49, 1)
	commitIncidents(t, db, over, next)
	commitIncidents(t, db, seen) // the old log, which does not know how it ended
	wantIncidents(t, db, store.IncidentFilter{}, over, next)
	part := trouble("part", 10, 20, 1)
	commitIncidents(t, db, part)
	wantIncidents(t, db, store.IncidentFilter{}, over, next)
}

func reopened(t *testing.T, db *store.DB) {
	over := resolved(trouble("i", 0, 30, 3), 60)
	commitIncidents(t, db, over)
	soon := trouble("soon", 60*12, 60*13, 2)
	commitIncidents(t, db, soon)
	want := soon
	want.ID, want.Opened, want.WorkedUntil, want.Messages, want.Delivered = "i", over.Opened, over.WorkedUntil, 5, 3
	want.Recipients, want.Reopened = 3, 1
	wantIncidents(t, db, store.IncidentFilter{}, want)

	other := key
	other.Selector = "other"
	over.Key, soon.Key = other, other
	late := trouble("late", 60*26, 60*27, 1)
	late.Key = other
	commitIncidents(t, db, over)
	commitIncidents(t, db, late)
	wantIncidents(t, db, store.IncidentFilter{Open: true}, want, late)
}

func ownIncidents(t *testing.T, db *store.DB) {
	one := trouble("one", 0, 10, 0)
	one.Key, one.Direction, one.About = dkim.KeyName{}, correlate.Own, "inet:localhost:8891"
	two := one
	two.ID, two.About = "two", "inet:localhost:11332"
	outbound := trouble("out", 0, 10, 1)
	outbound.Direction = correlate.Outbound
	inbound := trouble("in", 0, 10, 1)
	for range 2 {
		commitIncidents(t, db, one, two, outbound, inbound)
		wantIncidents(t, db, store.IncidentFilter{}, one, two, outbound, inbound)
	}
}

func incidentFilter(t *testing.T, db *store.DB) {
	a := resolved(trouble("a", 0, 10, 1), 20)
	b := trouble("b", 60*30, 60*31, 1)
	c := trouble("c", 60*30+1, 60*31, 1)
	c.Key.Domain = "example.net"
	commitIncidents(t, db, c, b, a)
	for name, test := range map[string]struct {
		f    store.IncidentFilter
		want []correlate.Incident
	}{
		"all":                     {store.IncidentFilter{}, []correlate.Incident{a, b, c}},
		"open":                    {store.IncidentFilter{Open: true}, []correlate.Incident{b, c}},
		"id":                      {store.IncidentFilter{ID: "b"}, []correlate.Incident{b}},
		"domain":                  {store.IncidentFilter{Domain: "Example.NET"}, []correlate.Incident{c}},
		"until":                   {store.IncidentFilter{Until: at(60 * 30)}, []correlate.Incident{a}},
		"since before its end":    {store.IncidentFilter{Since: at(20)}, []correlate.Incident{a, b, c}},
		"since: what is not over": {store.IncidentFilter{Since: at(60 * 500)}, []correlate.Incident{b, c}},
		"limit":                   {store.IncidentFilter{Limit: 1}, []correlate.Incident{a}},
		"nothing":                 {store.IncidentFilter{ID: "nowhere"}, nil},
	} {
		t.Run(name, func(t *testing.T) { wantIncidents(t, db, test.f, test.want...) })
	}
}

func verdicts(t *testing.T, db *store.DB) {
	early := dkim.Verdict{Key: key, Status: dkim.KeyNotFound, At: at(0), Detail: "no such name"}
	late := dkim.Verdict{Key: key, Status: dkim.KeyValid, Fault: dkim.FaultNobody, At: at(5), Record: "v=DKIM1; p=AAAA", TTL: time.Hour, Chain: []string{"a.example."}}
	other := dkim.Verdict{Key: dkim.KeyName{Selector: "s", Domain: "other.example"}, Status: dkim.KeyTimeout, At: at(1)}
	inc := trouble("i", 0, 10, 1)
	inc.Verdict = early
	commit(t, db, store.Batch{Verdicts: []dkim.Verdict{late, other}, Incidents: []correlate.Incident{inc}})
	shout := dkim.KeyName{Selector: "ZENDESK1", Domain: "Example.COM."}
	got, err := db.LatestVerdicts(t.Context(), []dkim.KeyName{shout, other.Key, {Selector: "never", Domain: "asked.example"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[dkim.KeyName]dkim.Verdict{key: late, other.Key: other}, got); diff != "" {
		t.Errorf("LatestVerdicts differ (-want +got):\n%s", diff)
	}
	wantIncidents(t, db, store.IncidentFilter{}, inc)

	later := inc
	later.Verdict = late
	commitIncidents(t, db, later)
	commitIncidents(t, db, inc) // an older verdict
	wantIncidents(t, db, store.IncidentFilter{}, later)
	unasked := inc
	unasked.Verdict = dkim.Verdict{}
	commitIncidents(t, db, unasked)
	wantIncidents(t, db, store.IncidentFilter{}, later)
}
