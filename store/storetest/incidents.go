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

func rollups(t *testing.T, db *store.DB) {
	hour := t0.Truncate(time.Hour)
	r := store.Rollup{Hour: hour.Add(17 * time.Minute), Host: "mx1", Domain: "Example.com", Selector: "S1", Result: dkim.ResultPass, Source: "file 1", Count: 10}
	more := r
	more.Count = 25
	second := r
	second.Source, second.Count = "file 2", 5
	next := r
	next.Hour, next.Result, next.Domain, next.Host = hour.Add(time.Hour), dkim.ResultTemperror, "other.example", "mx2"
	for range 2 {
		commit(t, db, store.Batch{Rollups: []store.Rollup{r}})
		commit(t, db, store.Batch{Rollups: []store.Rollup{more, r, second, next}})
	}
	one := store.Rollup{Hour: hour, Host: "mx1", Domain: "example.com", Selector: "s1", Result: dkim.ResultPass, Count: 30}
	two := store.Rollup{Hour: hour.Add(time.Hour), Host: "mx2", Domain: "other.example", Selector: "s1", Result: dkim.ResultTemperror, Count: 10}
	for name, test := range map[string]struct {
		f    store.RollupFilter
		want []store.Rollup
	}{
		"all":    {store.RollupFilter{}, []store.Rollup{one, two}},
		"since":  {store.RollupFilter{Since: hour.Add(time.Hour)}, []store.Rollup{two}},
		"until":  {store.RollupFilter{Until: hour.Add(time.Hour)}, []store.Rollup{one}},
		"host":   {store.RollupFilter{Host: "mx2"}, []store.Rollup{two}},
		"domain": {store.RollupFilter{Domain: "EXAMPLE.com"}, []store.Rollup{one}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := db.Rollups(t.Context(), test.f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Rollups differ (-want +got):\n%s", diff)
			}
		})
	}
}

func summary(t *testing.T, db *store.DB) {
	a := stuck("a", 0, 70)
	b := delivered(stuck("b", 10, 20), 20)
	c := stuck("c", 65, 66)
	c.Ended, c.Stuck, c.Outcome = true, false, correlate.OutcomeRejected
	c.Recipients = []correlate.Recipient{{Address: "bob@example.org"}, {Address: "carol@example.org"}}
	other := c.Findings[0]
	other.Key.Domain, other.Cause = "other.example", dkim.CauseKeyRevoked
	c.Findings = append(c.Findings, other, other)
	fine := delivered(stuck("fine", 0, 1), 1)
	fine.Findings = nil
	before := delivered(stuck("before", -100, -90), -90)
	commitMessages(t, db, a, b, c, fine, before)
	f := store.Filter{Since: at(-5), Until: at(1000)}
	got, err := db.Summary(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	hour := t0.Truncate(time.Hour)
	want := store.Summary{
		Since: f.Since, Until: f.Until, Messages: 3, Stuck: 1, Recipients: 2,
		Outcomes: []store.OutcomeCount{{Outcome: correlate.OutcomeDelivered, Messages: 1}, {Outcome: correlate.OutcomeQueued, Messages: 1}, {Outcome: correlate.OutcomeRejected, Messages: 1}},
		Causes:   []store.CauseCount{{Cause: dkim.CauseKeyUnavailable, Messages: 3}, {Cause: dkim.CauseKeyRevoked, Messages: 1}},
		Domains:  []store.DomainCount{{Domain: "example.com", Messages: 3, Stuck: 1, Rejected: 1}, {Domain: "other.example", Messages: 1, Rejected: 1}},
		Timeline: []store.HourCount{{Hour: hour, Messages: 2}, {Hour: hour.Add(time.Hour), Messages: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Summary differs (-want +got):\n%s", diff)
	}
	if got, err := db.Summary(t.Context(), store.Filter{Since: at(5000)}); err != nil || got.Messages != 0 || got.Timeline != nil {
		t.Errorf("Summary of a period without mail = %+v, %v", got, err)
	}
}
