package correlate

import (
	"fmt"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// diary feeds a ledger with signs of one key.
type diary struct {
	Ledger
	t  *testing.T
	at time.Time
}

func newDiary(t *testing.T) *diary { return &diary{t: t, at: begin} }

func (d *diary) after(pause time.Duration) *diary { d.at = d.at.Add(pause); return d }

func (d *diary) bad() *diary {
	d.trouble([]byte("A.example"), []byte("S1"), dkim.CauseKeyUnavailable, d.at)
	return d
}

func (d *diary) good() *diary {
	d.pass([]byte("a.example"), []byte("s1"), d.at)
	return d
}

// mail observes a message with the harm given.
func (d *diary) mail(id string, o Outcome, client string) *diary {
	m := &Message{
		MTA: "exim", QueueID: id, ClientIP: client, FirstSeen: d.at, LastSeen: d.at, Outcome: o,
		Accepted: o.InQueue(), Stuck: o.InQueue(),
		Recipients: []Recipient{{Address: "u@here.example", Outcome: o}},
		Findings:   []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable, Harm: harmOf(o), At: d.at}},
	}
	d.Observe(m)
	return d
}

func (d *diary) only() Incident {
	d.t.Helper()
	all := d.Incidents(d.at)
	if len(all) != 1 {
		d.t.Fatalf("%d incidents, want 1: %+v", len(all), all)
	}
	return all[0]
}

func TestState(t *testing.T) {
	tests := map[string]struct {
		tell     func(d *diary)
		state    State
		severity Severity
	}{
		"one sign, no harm":        {func(d *diary) { d.bad() }, StateSuspected, SeverityInfo},
		"a message got through":    {func(d *diary) { d.bad().mail("m1", OutcomeDelivered, "192.0.2.1") }, StateSuspected, SeverityInfo},
		"from two clients":         {func(d *diary) { d.mail("m1", OutcomeDelivered, "192.0.2.1").mail("m2", OutcomeDelivered, "192.0.2.2") }, StateOpen, SeverityInfo},
		"it worked before":         {func(d *diary) { d.good().after(time.Hour).bad() }, StateOpen, SeverityInfo},
		"mail is held":             {func(d *diary) { d.mail("m1", OutcomeQueued, "192.0.2.1") }, StateOpen, SeverityWarning},
		"mail waits at the sender": {func(d *diary) { d.mail("m1", OutcomeTempfailed, "192.0.2.1") }, StateOpen, SeverityWarning},
		"mail was refused":         {func(d *diary) { d.mail("m1", OutcomeRejected, "192.0.2.1") }, StateOpen, SeverityCritical},
		"mail came back":           {func(d *diary) { d.mail("m1", OutcomeBounced, "192.0.2.1") }, StateOpen, SeverityCritical},
		"verified once since":      {func(d *diary) { d.mail("m1", OutcomeQueued, "192.0.2.1").after(time.Hour).good() }, StateRecovering, SeverityWarning},
		"verified twice since":     {func(d *diary) { d.bad().after(time.Hour).good().after(time.Minute).good() }, StateResolved, SeverityInfo},
		"verified twice and bad again": {func(d *diary) {
			d.good().after(time.Minute).bad().after(time.Hour).good().good().after(time.Hour).bad()
		}, StateOpen, SeverityInfo},
		"the key is there now": {func(d *diary) {
			d.mail("m1", OutcomeQueued, "192.0.2.1").Recheck(dkim.Verdict{Key: key("s1", "a.example"), Status: dkim.KeyValid})
		}, StateRecovering, SeverityWarning},
		"it bounces within the hour": {func(d *diary) {
			d.Lifetime = func(string) (time.Duration, string) { return 2 * time.Hour, "configured" }
			d.mail("m1", OutcomeQueued, "192.0.2.1").after(90 * time.Minute)
		}, StateOpen, SeverityCritical},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDiary(t)
			tc.tell(d)
			if got := d.only(); got.State != tc.state || got.Severity != tc.severity {
				t.Errorf("%v, %v; want %v, %v", got.State, got.Severity, tc.state, tc.severity)
			}
		})
	}
}

func TestSpells(t *testing.T) {
	d := newDiary(t)
	d.good().after(time.Hour).bad().after(time.Hour).good().good()
	first := d.only()
	if first.WorkedUntil != begin || first.Opened != begin.Add(time.Hour) || first.ResolvedAt != begin.Add(2*time.Hour) {
		t.Errorf("worked until %v, opened %v, resolved %v", first.WorkedUntil, first.Opened, first.ResolvedAt)
	}
	d.after(23 * time.Hour).bad()
	if again := d.only(); again.Reopened != 1 || again.ID != first.ID || again.State != StateOpen {
		t.Errorf("within a day it is the same one, reopened; got %+v", again)
	}
	d.after(time.Hour).good().good().after(25 * time.Hour).bad()
	if n := len(d.Incidents(d.at)); n != 2 {
		t.Errorf("%d incidents, after more than a day it is another one", n)
	}
}

// A pass of the domain whose key the log does not name counts for the keys of
// the domain, unless the same message has a bad one.
func TestPassWithoutSelector(t *testing.T) {
	s := newStory(t, true)
	s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
	s.say(parsers.KindArrived, "m1", from("x@a.example"), signature("", "a.example", dkim.ResultPass, dkim.CauseNone))
	if in := s.ledger.Incidents(s.at); len(in) != 1 || in[0].State != StateSuspected {
		t.Errorf("the pass was another key's: %+v", in)
	}
	for _, id := range []string{"m2", "m3"} {
		s.say(parsers.KindArrived, id, from("x@a.example"), signature("", "a.example", dkim.ResultPass, dkim.CauseNone))
	}
	if in := s.ledger.Incidents(s.at); len(in) != 1 || in[0].State != StateResolved {
		t.Errorf("two later passes resolve it: %+v", in)
	}
}

// Where the log shows at which age messages are given up, deadlines follow it.
func TestLifetimeIsObserved(t *testing.T) {
	d := newDiary(t)
	d.Lifetime = func(string) (time.Duration, string) { return 96 * time.Hour, "exim-default" }
	d.Expired(&Message{MTA: "exim", Accepted: true, GivenUp: true, FirstSeen: begin, LastSeen: begin.Add(6 * time.Hour)})
	d.mail("m1", OutcomeQueued, "192.0.2.1")
	if got := d.only(); got.Deadline != begin.Add(6*time.Hour) || got.DeadlineSource != "observed" {
		t.Errorf("deadline %v (%s), want six hours, observed", got.Deadline, got.DeadlineSource)
	}
}

// Strangers invent domains and selectors. What is kept of them has an end.
func TestKeysAreBounded(t *testing.T) {
	var l Ledger
	for i := range maxKeys + 100 {
		l.pass(fmt.Appendf(nil, "d%d.example", i), []byte("s"), begin)
	}
	if len(l.keys) > maxKeys || l.Dropped != 100 {
		t.Errorf("%d keys, %d dropped", len(l.keys), l.Dropped)
	}
}

func TestVerifierDownIsOurs(t *testing.T) {
	s := newStory(t, true)
	for range 3 {
		s.say(parsers.KindVerifier, "", postfix, func(ev *parsers.Event) {
			ev.Cause, ev.Text = dkim.CauseVerifierUnavailable, []byte("connect to Milter service inet:127.0.0.1:8891: Connection refused")
		})
	}
	s.say(parsers.KindArrived, "m1", postfix, from("x@a.example"))
	s.say(parsers.KindRefused, "m1", postfix, func(ev *parsers.Event) { ev.Temporary = true })
	s.end()
	in := s.ledger.Incidents(s.at)
	if len(in) != 1 || in[0].Tempfailed != 1 || in[0].Direction != Own || in[0].State != StateOpen || in[0].Cause != dkim.CauseVerifierUnavailable {
		t.Errorf("%+v", in)
	}
	for _, id := range []string{"m2", "m3"} {
		s.say(parsers.KindSignature, id, signature("s1", "a.example", dkim.ResultPass, dkim.CauseNone),
			func(ev *parsers.Event) { ev.Program = parsers.ProgramOpenDKIM })
	}
	if in := s.ledger.Incidents(s.at); len(in) != 1 || in[0].State != StateResolved {
		t.Errorf("it has judged two messages since: %+v", in)
	}
}
