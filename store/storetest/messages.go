package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/store"
)

func everyField(t *testing.T, db *store.DB) {
	var m correlate.Message
	var i correlate.Incident
	Fill(&m)
	Fill(&i)
	empty := correlate.Message{QueueID: "empty", MTA: "exim", FirstSeen: t0, LastSeen: t0}
	null := correlate.Message{QueueID: "null", MTA: "exim", SenderKnown: true, FirstSeen: t0, LastSeen: t0}
	nothing := correlate.Incident{Opened: t0, LastSeen: t0}
	commit(t, db, store.Batch{Messages: []correlate.Message{m, empty, null}, Incidents: []correlate.Incident{i, nothing}})
	wantMessages(t, db, store.Filter{}, empty, null, m)
	wantIncidents(t, db, store.IncidentFilter{}, nothing, i)
	got, err := db.LatestVerdicts(t.Context(), []dkim.KeyName{i.Verdict.Key})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[dkim.KeyName]dkim.Verdict{i.Verdict.Key: i.Verdict}, got); diff != "" {
		t.Errorf("LatestVerdicts differ (-want +got):\n%s", diff)
	}

	zone := time.FixedZone("", 3600)
	m.QueueID, m.FirstSeen, m.LastSeen = "zone", m.FirstSeen.Add(time.Hour+999).In(zone), m.LastSeen.Add(time.Hour+999).In(zone)
	commitMessages(t, db, m)
	all, err := db.Messages(t.Context(), store.Filter{QueueID: "zone"})
	if err != nil || len(all) != 1 {
		t.Fatalf("Messages = %d, %v", len(all), err)
	}
	if got, want := all[0].FirstSeen, m.FirstSeen.UTC().Truncate(time.Microsecond); got != want {
		t.Errorf("FirstSeen = %v, want %v, in UTC and whole microseconds", got, want)
	}
}

func twice(t *testing.T, db *store.DB) {
	a, b := stuck("a", 0, 10), delivered(stuck("b", 5, 6), 20)
	short := stuck("3C3E7C0AB", 7, 9)
	short.MTA = "postfix"
	inc := trouble("i", 0, 10, 3)
	for range 3 {
		commit(t, db, store.Batch{Messages: []correlate.Message{a, b, short}, Incidents: []correlate.Incident{inc}})
		wantMessages(t, db, store.Filter{}, a, b, short)
		wantIncidents(t, db, store.IncidentFilter{}, inc)
	}
	commit(t, db, store.Batch{Messages: []correlate.Message{a, a, b, a}, Incidents: []correlate.Incident{inc, inc}})
	wantMessages(t, db, store.Filter{}, a, b, short)
	wantIncidents(t, db, store.IncidentFilter{}, inc)
}

func stuckThenDelivered(t *testing.T, db *store.DB) {
	early := stuck("a", 0, 10)
	late := delivered(early, 60)
	late.Recipients = append(late.Recipients, correlate.Recipient{Address: "carol@example.org", Outcome: correlate.OutcomeDelivered, At: at(60)})
	late.Findings = slices.Clone(late.Findings)
	late.Findings[0].Harm = correlate.HarmNone
	late.Findings[0].Cause = dkim.CauseKeyNotFound
	late.Sources = []correlate.Span{{File: "mainlog.1", FirstLine: 10, LastLine: 50}}
	commitMessages(t, db, early)
	commitMessages(t, db, late)
	wantMessages(t, db, store.Filter{}, late)
}

func olderView(t *testing.T, db *store.DB) {
	early := stuck("a", 0, 10)
	late := delivered(early, 60)
	late.Recipients = append(late.Recipients, correlate.Recipient{Address: "carol@example.org", Outcome: correlate.OutcomeDelivered, At: at(60)})
	late.Sources = []correlate.Span{{File: "mainlog", FirstLine: 10, LastLine: 50}}
	commitMessages(t, db, late)
	commitMessages(t, db, early)
	wantMessages(t, db, store.Filter{}, late)

	// The end counts, even if another log has a later line.
	after := early
	after.LastSeen, after.Sources = at(90), []correlate.Span{{File: "mainlog", FirstLine: 10, LastLine: 60}}
	commitMessages(t, db, after)
	want := late
	want.LastSeen, want.Sources = at(90), after.Sources
	wantMessages(t, db, store.Filter{}, want)
}

// tail is what a log says of m that begins in the middle: no sender's address, no
// signature, only the last attempts.
func tail(m correlate.Message, first, last int) correlate.Message {
	m.MessageID, m.ClientIP, m.Helo, m.Size, m.Signatures, m.Findings = "", "", "", 0, nil, nil
	m.FirstSeen, m.LastSeen = at(first), at(last)
	m.Recipients = slices.Clone(m.Recipients)
	m.Recipients[0].At = at(last)
	m.Sources = []correlate.Span{{File: "mail.log", FirstLine: 1, LastLine: 5}}
	return m
}

func fromTheMiddle(t *testing.T, db *store.DB) {
	for name, mta := range map[string]string{"exim": "exim", "short Postfix queue id": "postfix"} {
		t.Run(name, func(t *testing.T) {
			head := stuck("id-"+mta, 0, 30)
			head.MTA = mta
			rest := delivered(tail(head, 20, 60), 60)
			want := delivered(head, 60)
			want.Sources = []correlate.Span{rest.Sources[0], head.Sources[0]}
			for range 2 {
				commitMessages(t, db, head)
				commitMessages(t, db, rest)
				wantMessages(t, db, store.Filter{QueueID: head.QueueID}, want)
			}
		})
	}
	t.Run("the other way round", func(t *testing.T) {
		head := stuck("3C3E7C0AC", 0, 30)
		head.MTA = "postfix"
		rest := delivered(tail(head, 20, 60), 60)
		want := delivered(head, 60)
		want.Sources = []correlate.Span{rest.Sources[0], head.Sources[0]}
		commitMessages(t, db, rest)
		commitMessages(t, db, head)
		wantMessages(t, db, store.Filter{QueueID: head.QueueID}, want)
	})
	t.Run("two parts, then the whole", func(t *testing.T) {
		whole := stuck("3C3E7C0AD", 0, 90)
		whole.MTA = "postfix"
		one, two := whole, whole
		one.LastSeen = at(30)
		two.FirstSeen = at(60)
		whole.Recipients = slices.Clone(whole.Recipients)
		whole.Recipients[0].Deferrals = 2
		commitMessages(t, db, one, two)
		wantMessages(t, db, store.Filter{QueueID: whole.QueueID}, one, two)
		commitMessages(t, db, whole)
		wantMessages(t, db, store.Filter{QueueID: whole.QueueID}, whole)
	})
}

func usedAgain(t *testing.T, db *store.DB) {
	first := delivered(stuck("3C3E7C0AB", 0, 1), 1)
	first.MTA = "postfix"
	second := delivered(stuck("3C3E7C0AB", 100, 101), 101)
	second.MTA, second.MessageID = "postfix", "second@example.com"
	other := second
	other.Host = "mx2"
	instance := second
	instance.Instance = "postfix-out"
	commitMessages(t, db, second, other, instance)
	commitMessages(t, db, first)
	wantMessages(t, db, store.Filter{}, first, second, other, instance)

	first.QueueID, first.LastSeen = "3C3E7C0AF", first.FirstSeen
	same := first // of the same second
	same.FirstSeen, same.LastSeen = first.FirstSeen.Add(time.Millisecond), first.FirstSeen.Add(2*time.Millisecond)
	commitMessages(t, db, first, same)
	first.LastSeen = same.LastSeen
	first.Recipients = slices.Clone(first.Recipients)
	first.Recipients[0].Deferrals = 2
	wantMessages(t, db, store.Filter{QueueID: first.QueueID}, first)

	again := delivered(stuck("1tXyZ0-000001-AB", 0, 1), 1)
	commitMessages(t, db, again)
	again = delivered(again, 100)
	commitMessages(t, db, again)
	wantMessages(t, db, store.Filter{QueueID: again.QueueID}, again)
}

// A log ends while the message waits, and the next one begins with an attempt.
func acrossRotation(t *testing.T, db *store.DB) {
	head := stuck("3C3E7C0AB", 0, 30)
	head.MTA = "postfix"
	head.Recipients[0].Deferrals = 2
	rest := delivered(tail(head, 40, 60), 60)
	rest.Recipients[0].Deferrals = 1
	want := delivered(head, 60)
	want.Recipients[0].Deferrals = 3
	want.Sources = []correlate.Span{rest.Sources[0], head.Sources[0]}

	stranger := delivered(tail(head, 100, 101), 101)
	stranger.Sender = "eve@example.net"
	for range 2 {
		commitMessages(t, db, head)
		commitMessages(t, db, rest)
		commitMessages(t, db, stranger)
		wantMessages(t, db, store.Filter{}, want, stranger)
	}
}

func noQueueID(t *testing.T, db *store.DB) {
	one := stuck("", 0, 1)
	one.Outcome, one.Accepted = correlate.OutcomeTempfailed, false
	two := one
	two.ClientIP = "192.0.2.8"
	commitMessages(t, db, one, two)
	one.LastSeen, one.Attempts = at(50), 4
	commitMessages(t, db, one)
	got, err := db.Messages(t.Context(), store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b correlate.Message) int { return b.Attempts - a.Attempts })
	if diff := cmp.Diff([]correlate.Message{one, two}, got); diff != "" {
		t.Errorf("Messages differ (-want +got):\n%s", diff)
	}
}

func namedLater(t *testing.T, db *store.DB) {
	vague := stuck("a", 0, 10)
	vague.Signatures = nil
	vague.Findings[0].Key = dkim.KeyName{}
	named := stuck("a", 0, 10)
	commitMessages(t, db, vague)
	commitMessages(t, db, named)
	wantMessages(t, db, store.Filter{}, named)
	commitMessages(t, db, vague)
	wantMessages(t, db, store.Filter{}, named)
}

func filter(t *testing.T, db *store.DB) {
	a := stuck("a", 0, 10)
	b := delivered(stuck("b", 20, 30), 30)
	b.Sender = "x@other.example"
	c := delivered(stuck("c", 40, 50), 50)
	c.Host, c.Findings = "mx2", nil
	d := stuck("d", 60, 70)
	d.Sender, d.Findings[0].Key.Domain = "y@sub.example.com", "third.example"
	commitMessages(t, db, d, c, b, a)
	for name, test := range map[string]struct {
		f    store.Filter
		want []correlate.Message
	}{
		"all":                     {store.Filter{}, []correlate.Message{a, b, c, d}},
		"since":                   {store.Filter{Since: at(30)}, []correlate.Message{b, c, d}},
		"since, not seen at":      {store.Filter{Since: at(31)}, []correlate.Message{c, d}},
		"until":                   {store.Filter{Until: at(40)}, []correlate.Message{a, b}},
		"period":                  {store.Filter{Since: at(5), Until: at(21)}, []correlate.Message{a, b}},
		"period inside a message": {store.Filter{Since: at(22), Until: at(23)}, []correlate.Message{b}},
		"stuck":                   {store.Filter{Stuck: true}, []correlate.Message{a, d}},
		"open":                    {store.Filter{Open: true}, []correlate.Message{a, d}},
		"trouble":                 {store.Filter{Trouble: true}, []correlate.Message{a, b, d}},
		"queue id":                {store.Filter{QueueID: "c"}, []correlate.Message{c}},
		"host":                    {store.Filter{Host: "mx2"}, []correlate.Message{c}},
		"domain signs or sends":   {store.Filter{Domain: "EXAMPLE.com."}, []correlate.Message{a, b, c}},
		"domain that signs":       {store.Filter{Domain: "third.example"}, []correlate.Message{d}},
		"domain that sends":       {store.Filter{Domain: "other.example"}, []correlate.Message{b}},
		"limit":                   {store.Filter{Limit: 2}, []correlate.Message{a, b}},
		"all together":            {store.Filter{Since: at(0), Until: at(100), Trouble: true, Stuck: true, Domain: "example.com", Host: "mx1", QueueID: "a", Limit: 1}, []correlate.Message{a}},
		"nothing":                 {store.Filter{QueueID: "nowhere"}, nil},
		"no wildcard":             {store.Filter{QueueID: "%"}, nil},
	} {
		t.Run(name, func(t *testing.T) { wantMessages(t, db, test.f, test.want...) })
	}
}

func stopEarly(t *testing.T, db *store.DB) {
	var all []correlate.Message
	for i := range 450 {
		all = append(all, stuck(string(rune('a'+i/26))+string(rune('a'+i%26)), i, i+1))
	}
	commitMessages(t, db, all...)
	wantMessages(t, db, store.Filter{}, all...)
	for range 20 { // more often than there are readers
		for m, err := range db.EachMessage(t.Context(), store.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(all[0], m); diff != "" {
				t.Fatalf("first message differs (-want +got):\n%s", diff)
			}
			break
		}
	}
}

func hostile(t *testing.T, db *store.DB) {
	m := stuck(hostileText, 0, 10)
	m.Host, m.Instance, m.MTA = hostileText, hostileText, "exim"
	m.Sender = "x@" + hostileText
	m.Findings[0].Key = dkim.KeyName{Selector: hostileText, Domain: hostileText}
	i := trouble(hostileText, 0, 10, 1)
	i.Key, i.About = m.Findings[0].Key, hostileText
	for range 2 {
		commit(t, db, store.Batch{Messages: []correlate.Message{m}, Incidents: []correlate.Incident{i}})
		wantMessages(t, db, store.Filter{Host: hostileText, Domain: hostileText, QueueID: hostileText}, m)
		wantIncidents(t, db, store.IncidentFilter{ID: hostileText, Domain: hostileText}, i)
	}
}

// attempts: a sender tries again under another queue id, and what is known of the
// earlier ones moves there.
func attempts(t *testing.T, db *store.DB) {
	first := stuck("1wMRwC-0000JS-1Q", 0, 5)
	first.Outcome, first.Ended, first.Accepted = correlate.OutcomeTempfailed, true, false
	commitMessages(t, db, first)
	second := delivered(stuck("1wMS9U-0000JS-1Q", 0, 20), 20)
	second.Attempts, second.Related = 2, []correlate.Relation{{QueueID: first.QueueID, Kind: "attempt"}}
	commitMessages(t, db, second)
	wantMessages(t, db, store.Filter{}, second)
	commitMessages(t, db, first) // the first log, read again
	wantMessages(t, db, store.Filter{}, second)
}
