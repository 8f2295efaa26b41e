package correlate

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

func key(selector, domain string) dkim.KeyName {
	return dkim.KeyName{Selector: selector, Domain: domain}
}

func TestFindings(t *testing.T) {
	passed := signature("ok", "b.example", dkim.ResultPass, dkim.CauseNone)
	changed := signature("s1", "a.example", dkim.ResultFail, dkim.CauseBodyHashMismatch)
	held := func(s *story, fill ...func(*parsers.Event)) {
		s.say(parsers.KindArrived, "m1", from("x@a.example"))
		s.say(parsers.KindDeferred, "m1", append(fill, to("u@here.example"))...)
		s.pause(time.Hour)
	}
	tests := map[string]struct {
		tell func(s *story)
		want []Finding
	}{
		"a missing key, delivered anyway": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("S1", "A.example"))
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDelivered, "m1", to("u@here.example"))
			s.say(parsers.KindCompleted, "m1")
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable}}},
		"a missing key beside a good one, delivered": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			s.say(parsers.KindSignature, "m1", passed)
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDelivered, "m1", to("u@here.example"))
			s.say(parsers.KindCompleted, "m1")
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable, Attribution: Informational}}},
		"a missing key beside a good one, refused all the same": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			s.say(parsers.KindSignature, "m1", passed)
			held(s, words("451 DKIM key s1 unavailable", dkim.CauseKeyUnavailable, "s1", "a.example"))
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable, Harm: HarmHeldHere, Attribution: Explicit}}},
		"held for a reason that names the key": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			held(s, words("451 DKIM key NXDOMAIN", dkim.CauseKeyNotFound, "s1", "a.example"))
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyNotFound, Harm: HarmHeldHere, Attribution: Explicit}}},
		"held for a reason that names DKIM and no key": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			held(s, words("451 DKIM key retrieval failed", dkim.CauseKeyUnavailable, "", ""))
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable, Harm: HarmHeldHere, Attribution: Explicit}}},
		"held for another reason": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			held(s, func(ev *parsers.Event) { ev.Text = []byte("451 greylisted") })
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable, Harm: HarmHeldHere, Attribution: Inferred}}},
		"held, and no line names the key": {func(s *story) {
			held(s, words("451 DKIM key retrieval failed", dkim.CauseKeyUnavailable, "", ""))
		}, []Finding{{Key: key("", "a.example"), Cause: dkim.CauseKeyUnavailable, Harm: HarmHeldHere, Attribution: Explicit}}},
		"the refusal alone names the key": {func(s *story) {
			held(s, words("451 no DKIM key", dkim.CauseKeyNotFound, "s1", "a.example"))
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyNotFound, Harm: HarmHeldHere, Attribution: Explicit}}},
		"one of two bad keys is named": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			s.say(parsers.KindSignature, "m1", missing("s2", "b.example"))
			held(s, words("451 no DKIM key", dkim.CauseKeyNotFound, "s2", "b.example"))
		}, []Finding{
			{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable, Harm: HarmHeldHere, Attribution: Inferred},
			{Key: key("s2", "b.example"), Cause: dkim.CauseKeyNotFound, Harm: HarmHeldHere, Attribution: Explicit},
		}},
		"the more telling line counts": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			s.say(parsers.KindSignature, "m1", signature("s1", "a.example", dkim.ResultPermerror, dkim.CauseKeySyntax))
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeySyntax, Harm: HarmHeldHere}}},
		"a library's error after the failed import tells more of it": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			s.say(parsers.KindSignature, "m1", signature("", "", dkim.ResultPermerror, dkim.CauseKeySyntax))
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeySyntax, Harm: HarmHeldHere}}},
		"a changed body is no key trouble": {func(s *story) {
			s.say(parsers.KindSignature, "m1", changed)
			s.say(parsers.KindRefused, "m1", words("550 bad signature", dkim.CauseBodyHashMismatch, "", ""))
		}, nil},
		"refused mail of ours": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@ours.example"), func(ev *parsers.Event) { ev.Local = true })
			s.say(parsers.KindSigned, "m1", signature("key", "ours.example", dkim.ResultUnknown, dkim.CauseNone))
			s.say(parsers.KindFailed, "m1", to("u@far.example"), words("550 DKIM did not pass", dkim.CauseRemoteRefused, "", ""))
			s.say(parsers.KindCompleted, "m1")
		}, []Finding{{Key: key("key", "ours.example"), Cause: dkim.CauseRemoteRefused, Harm: HarmBounced, Direction: Outbound, Attribution: Explicit}}},
		"a stranger's word on mail that we only passed on": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindFailed, "m1", to("u@far.example"), words("550 DKIM did not pass", dkim.CauseRemoteRefused, "", ""))
			s.say(parsers.KindCompleted, "m1")
		}, nil},
		"our verifier was down": {func(s *story) {
			s.say(parsers.KindVerifier, "", postfix, func(ev *parsers.Event) { ev.Cause = dkim.CauseVerifierUnavailable })
			s.say(parsers.KindArrived, "m1", postfix, from("x@a.example"))
			s.say(parsers.KindRefused, "m1", postfix, func(ev *parsers.Event) { ev.Temporary = true; ev.Text = []byte("4.7.1 Service unavailable") })
		}, []Finding{{Cause: dkim.CauseVerifierUnavailable, Harm: HarmTempfailed, Direction: Own}}},
		"a refusal without a key, and the one signature of the headers": {func(s *story) {
			s.say(parsers.KindRefused, "m1", from("x@b.example"), words("DKIM Invalid reason=pubkey_unavailable", dkim.CauseKeyUnavailable, "", ""))
			s.say(parsers.KindSignature, "m1", signature("s1", "a.example", dkim.ResultUnknown, dkim.CauseNone))
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable, Harm: HarmRejected, Attribution: Explicit}}},
		"a refusal without a key, and two signatures": {func(s *story) {
			s.say(parsers.KindRefused, "m1", from("x@b.example"), words("DKIM Invalid reason=pubkey_unavailable", dkim.CauseKeyUnavailable, "", ""))
			s.say(parsers.KindSignature, "m1", signature("s1", "a.example", dkim.ResultUnknown, dkim.CauseNone))
			s.say(parsers.KindSignature, "m1", signature("s2", "c.example", dkim.ResultUnknown, dkim.CauseNone))
		}, []Finding{{Key: key("", "b.example"), Cause: dkim.CauseKeyUnavailable, Harm: HarmRejected, Attribution: Explicit}}},
		"an ACL's warning held nothing": {func(s *story) {
			s.say(parsers.KindWarning, "m1", words("DKIM key unavailable", dkim.CauseKeyUnavailable, "s1", "a.example"))
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDelivered, "m1", to("u@here.example"))
			s.say(parsers.KindCompleted, "m1")
		}, []Finding{{Key: key("s1", "a.example"), Cause: dkim.CauseKeyUnavailable}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, true)
			tc.tell(s)
			got := s.one().Findings
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(Finding{}, "At", "Evidence"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// Without All, only messages with findings are handed over.
func TestHealthyMailIsNotHandedOver(t *testing.T) {
	s := newStory(t, false)
	s.say(parsers.KindArrived, "m1", from("x@a.example"))
	s.say(parsers.KindCompleted, "m1")
	s.say(parsers.KindSignature, "m2", missing("s1", "a.example"))
	s.say(parsers.KindArrived, "m2", from("x@a.example"))
	s.say(parsers.KindCompleted, "m2")
	if got := s.one(); got.QueueID != "m2" {
		t.Errorf("handed over %s", got.QueueID)
	}
}

// attempt is one try to send a message that we put off.
func (s *story) attempt(id, mid, selector string) {
	s.say(parsers.KindSignature, id, missing(selector, "a.example"))
	s.say(parsers.KindRefused, id, from("x@a.example"), words("451 no key", dkim.CauseKeyUnavailable, "", ""),
		messageID(mid), func(ev *parsers.Event) { ev.Temporary = true })
	if mid != "" {
		s.say(parsers.KindMessageID, id, messageID(mid))
	}
	s.pause(10 * time.Minute)
}

func TestAttemptsAreOneMessage(t *testing.T) {
	s := newStory(t, true)
	s.attempt("m1", "1@a.example", "s1")
	s.attempt("m2", "1@a.example", "s1")
	s.attempt("m3", "1@a.example", "s1")
	s.say(parsers.KindSignature, "m4", signature("s1", "a.example", dkim.ResultPass, dkim.CauseNone))
	s.say(parsers.KindArrived, "m4", from("x@a.example"), messageID("1@a.example"))
	s.say(parsers.KindDelivered, "m4", to("u@here.example"))
	s.say(parsers.KindCompleted, "m4")
	got := s.one()
	if got.QueueID != "m4" || got.Attempts != 4 || got.Outcome != OutcomeDelivered {
		t.Errorf("%s after %d attempts is %v; want m4, 4, delivered", got.QueueID, got.Attempts, got.Outcome)
	}
	want := []Relation{{"m1", "attempt"}, {"m2", "attempt"}, {"m3", "attempt"}}
	if diff := cmp.Diff(want, got.Related); diff != "" {
		t.Errorf("related (-want +got):\n%s", diff)
	}
	if len(got.Findings) != 1 || got.Findings[0].Harm != HarmNone || got.Findings[0].Attribution != Explicit {
		t.Errorf("findings %+v", got.Findings)
	}
}

// Without a Message-ID the client, the sender and the key must do.
func TestAttemptsWithoutMessageID(t *testing.T) {
	s := newStory(t, true)
	s.attempt("m1", "", "s1")
	s.attempt("m2", "", "s1")
	s.attempt("n1", "", "s2")
	got := s.end()
	if len(got) != 2 || got[0].Attempts != 2 || got[1].Attempts != 1 {
		t.Fatalf("%d messages, want two, of 2 attempts and of 1", len(got))
	}
}

// Two attempts within a minute are two messages.
func TestTwoMessagesOfOneSender(t *testing.T) {
	s := newStory(t, true)
	for _, id := range []string{"m1", "n1"} {
		s.say(parsers.KindSignature, id, missing("s1", "a.example"))
		s.say(parsers.KindRefused, id, from("x@a.example"), func(ev *parsers.Event) { ev.Temporary = true })
	}
	if got := s.end(); len(got) != 2 {
		t.Errorf("%d messages, want 2", len(got))
	}
}

func TestChainsAreBounded(t *testing.T) {
	s := newStory(t, true)
	for i := range maxChains + 10 {
		id := []byte{byte(i), byte(i >> 8), byte(i >> 16), 'x', 'x', 'x', 'x', 'x'}
		m := &Message{QueueID: string(id), MessageID: string(id), FirstSeen: begin, LastSeen: begin, Findings: []Finding{{}}}
		s.tracker.chains.putOff(&s.tracker, m)
		if n := len(s.tracker.chains.all); n > maxChains {
			t.Fatalf("%d chains, the limit is %d", n, maxChains)
		}
	}
}

func TestJoinNamesTheKey(t *testing.T) {
	s := newStory(t, true)
	on := func(host string) func(*parsers.Event) { return func(ev *parsers.Event) { ev.Host = []byte(host) } }
	s.say(parsers.KindArrived, "A1", postfix, on("mx"), from("x@a.example"))
	s.say(parsers.KindMessageID, "A1", postfix, on("mx"), messageID("1@a.example"))
	s.say(parsers.KindMessageID, "B1", postfix, on("filter"), messageID("1@a.example"))
	s.say(parsers.KindSignature, "B1", on("filter"), signature("s1", "a.example", dkim.ResultPermerror, dkim.CauseKeyNotFound))
	s.say(parsers.KindRefused, "B1", postfix, on("filter"), words("4.7.5 DKIM key retrieval failed", dkim.CauseKeyUnavailable, "", ""),
		func(ev *parsers.Event) { ev.Temporary = true })
	s.say(parsers.KindDeferred, "A1", postfix, on("mx"), to("u@here.example"), words("451 4.7.5 DKIM key retrieval failed", dkim.CauseKeyUnavailable, "", ""))
	s.pause(time.Hour)
	for _, m := range s.end() {
		if len(m.Findings) != 1 || m.Findings[0].Key != key("s1", "a.example") || m.Findings[0].Cause != dkim.CauseKeyNotFound {
			t.Errorf("%s on %s: %+v", m.QueueID, m.Host, m.Findings)
		}
	}
	in := s.ledger.Incidents(s.at)
	if len(in) != 1 || in[0].Messages != 1 || in[0].Stuck != 1 || in[0].Tempfailed != 0 {
		t.Errorf("one message is held, and the incidents are %+v", in)
	}
}

// Mail that is put off before it has a queue id, because our verifier is down, is
// one message for each client and sender, however often it is tried.
func TestPutOffAtTheDoor(t *testing.T) {
	door := func(s *story, stage, sender string) {
		s.say(parsers.KindRefused, "", postfix, from(sender), func(ev *parsers.Event) {
			ev.Temporary, ev.Stage, ev.Text = true, []byte(stage), []byte("451 4.7.1 Service unavailable - try again later")
		})
	}
	down := func(s *story) {
		s.say(parsers.KindVerifier, "", postfix, func(ev *parsers.Event) { ev.Cause = dkim.CauseVerifierUnavailable })
	}
	s := newStory(t, false)
	door(s, "MAIL", "greylisted@a.example") // the verifier works: not our affair
	for range 3 {
		down(s)
		door(s, "CONNECT", "")
		door(s, "MAIL", "x@a.example")
		door(s, "MAIL", "y@a.example")
		s.pause(10 * time.Minute)
	}
	s.say(parsers.KindArrived, "m1", postfix, from("y@a.example"))
	s.say(parsers.KindActive, "m1", postfix, from("y@a.example"))
	s.say(parsers.KindDelivered, "m1", postfix, to("u@here.example"))
	s.say(parsers.KindCompleted, "m1", postfix)
	got := s.end()
	if len(got) != 2 {
		t.Fatalf("%d messages, want 2: %+v", len(got), got)
	}
	if m := got[0]; m.QueueID != "m1" || m.Attempts != 4 || m.Outcome != OutcomeDelivered || m.Sender != "y@a.example" {
		t.Errorf("the one that came: %+v", m)
	}
	if m := got[1]; m.QueueID != "" || m.Attempts != 3 || m.Outcome != OutcomeTempfailed || m.Sender != "x@a.example" {
		t.Errorf("the one that waits: %+v", m)
	}
	in := s.ledger.Incidents(s.at)
	if len(in) != 1 || in[0].Direction != Own || in[0].Messages != 2 || in[0].Tempfailed != 1 {
		t.Errorf("incidents: %+v", in)
	}
}

func TestTheDoorIsBounded(t *testing.T) {
	s := newStory(t, false)
	s.say(parsers.KindVerifier, "", postfix, func(ev *parsers.Event) { ev.Cause = dkim.CauseVerifierUnavailable })
	for i := range maxUnqueued + 10 {
		s.at = s.at.Add(-time.Second)
		s.say(parsers.KindRefused, "", postfix, from(fmt.Sprintf("x%d@a.example", i)), func(ev *parsers.Event) {
			ev.Temporary, ev.Stage = true, []byte("MAIL")
		})
	}
	if n := len(s.tracker.door); n > maxUnqueued || len(s.got) != maxUnqueued {
		t.Errorf("%d are held, %d handed over", n, len(s.got))
	}
}
