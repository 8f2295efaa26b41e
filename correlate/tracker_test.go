package correlate

import (
	"fmt"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

var begin = time.Date(2026, 5, 11, 15, 0, 0, 0, time.UTC)

// story feeds a tracker with events that come a second apart.
type story struct {
	t       *testing.T
	tracker Tracker
	ledger  Ledger
	at      time.Time
	line    uint64
	got     []*Message
}

func newStory(t *testing.T, all bool) *story {
	s := &story{t: t, at: begin}
	s.tracker = Tracker{All: all, Keys: &s.ledger, Files: []string{"log"}, Done: func(m *Message) { s.got = append(s.got, m) }}
	return s
}

// say adds an event; who fills it in.
func (s *story) say(kind parsers.Kind, id string, fill ...func(*parsers.Event)) {
	s.line++
	s.at = s.at.Add(time.Second)
	ev := parsers.Event{Kind: kind, Program: parsers.ProgramExim, Time: s.at, Seq: s.line, ID: []byte(id)}
	for _, f := range fill {
		f(&ev)
	}
	s.tracker.Add(&ev, 0)
}

func (s *story) pause(d time.Duration) { s.at = s.at.Add(d) }

// end closes the story and returns its messages, judged now.
func (s *story) end() []*Message {
	s.t.Helper()
	s.tracker.Flush()
	Join(s.got)
	for _, m := range s.got {
		m.Judge(s.at, 10*time.Minute)
		s.ledger.Expired(m)
	}
	for _, m := range s.got {
		s.ledger.Observe(m)
	}
	return s.got
}

// one is end for a story of one message.
func (s *story) one() *Message {
	s.t.Helper()
	got := s.end()
	if len(got) != 1 {
		s.t.Fatalf("%d messages, want 1: %+v", len(got), got)
	}
	return got[0]
}

func postfix(ev *parsers.Event) { ev.Program = parsers.ProgramPostfix }

func from(sender string) func(*parsers.Event) {
	return func(ev *parsers.Event) {
		ev.Sender, ev.NullSender = []byte(sender), sender == ""
		ev.ClientIP = []byte("192.0.2.1")
	}
}

func to(addr string) func(*parsers.Event) {
	return func(ev *parsers.Event) { ev.Addr = []byte(addr) }
}

func messageID(id string) func(*parsers.Event) {
	return func(ev *parsers.Event) { ev.MessageID = []byte(id) }
}

// words are a text that names DKIM, with what it amounts to.
func words(text string, cause dkim.Cause, selector, domain string) func(*parsers.Event) {
	return func(ev *parsers.Event) {
		ev.Text, ev.DKIM, ev.Cause = []byte(text), true, cause
		ev.Selector, ev.Domain = []byte(selector), []byte(domain)
	}
}

func signature(selector, domain string, result dkim.Result, cause dkim.Cause) func(*parsers.Event) {
	return func(ev *parsers.Event) {
		ev.Sigs = append(ev.Sigs, parsers.Signature{Domain: []byte(domain), Selector: []byte(selector), Result: result, Cause: cause})
	}
}

func missing(selector, domain string) func(*parsers.Event) {
	return signature(selector, domain, dkim.ResultPermerror, dkim.CauseKeyUnavailable)
}

func TestOutcome(t *testing.T) {
	refusal := words("451 DKIM key unavailable", dkim.CauseKeyUnavailable, "s1", "a.example")
	tests := map[string]struct {
		tell  func(s *story)
		want  Outcome
		stuck bool
	}{
		"delivered": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDelivered, "m1", to("u@here.example"))
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeDelivered, false},
		"only the end is missing": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDelivered, "m1", to("u@here.example"))
			s.pause(time.Hour)
		}, OutcomeDelivered, false},
		"deferred for an hour": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDeferred, "m1", to("u@here.example"), refusal)
			s.pause(time.Hour)
		}, OutcomeQueued, true},
		"deferred a moment ago": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDeferred, "m1", to("u@here.example"), refusal)
		}, OutcomeQueued, false},
		"deferred, then delivered": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDeferred, "m1", to("u@here.example"), refusal)
			s.pause(time.Hour)
			s.say(parsers.KindDelivered, "m1", to("U@here.example"))
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeDelivered, false},
		"one recipient waits": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDeferred, "m1", to("u@here.example"), refusal)
			s.say(parsers.KindDelivered, "m1", to("v@here.example"))
			s.pause(time.Hour)
		}, OutcomeQueued, true},
		"deferred while routing, delivered to what the address leads to": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDeferred, "m1", to("u@here.example"), refusal)
			s.say(parsers.KindDelivered, "m1", to("user"), func(ev *parsers.Event) { ev.OrigAddr = []byte("u@here.example") })
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeDelivered, false},
		"bounced": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindFailed, "m1", to("u@here.example"))
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeBounced, false},
		"the null sender's time ran out": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from(""))
			s.say(parsers.KindDeferred, "m1", to("u@here.example"), refusal)
			s.say(parsers.KindFailed, "m1", to("u@here.example"), func(ev *parsers.Event) { ev.NoAttempt = true })
			s.say(parsers.KindUnbounced, "m1", to("u@here.example"))
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeExpired, false},
		"removed by the administrator": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDeferred, "m1", to("u@here.example"), refusal)
			s.say(parsers.KindRemoved, "m1")
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeRemoved, false},
		"given up by the administrator": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDeferred, "m1", to("u@here.example"), refusal)
			s.say(parsers.KindCancelled, "m1")
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeBounced, false},
		"frozen": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindHeld, "m1")
			s.pause(time.Hour)
		}, OutcomeFrozen, true},
		"thawed": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindHeld, "m1")
			s.say(parsers.KindReleased, "m1")
			s.say(parsers.KindDelivered, "m1", to("u@here.example"))
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeDelivered, false},
		"held by a milter": {func(s *story) {
			s.say(parsers.KindArrived, "m1", postfix, from("x@a.example"))
			s.say(parsers.KindHeld, "m1", postfix)
			s.pause(time.Hour)
		}, OutcomeHeld, true},
		"rejected": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			s.say(parsers.KindRefused, "m1", from("x@a.example"))
		}, OutcomeRejected, false},
		"put off": {func(s *story) {
			s.say(parsers.KindSignature, "m1", missing("s1", "a.example"))
			s.say(parsers.KindRefused, "m1", from("x@a.example"), func(ev *parsers.Event) { ev.Temporary = true })
		}, OutcomeTempfailed, false},
		"one recipient refused at the door": {func(s *story) {
			s.say(parsers.KindArrived, "m1", postfix, from("x@a.example"))
			s.say(parsers.KindRefused, "m1", postfix, to("nobody@here.example"), func(ev *parsers.Event) { ev.Stage = []byte("RCPT") })
			s.say(parsers.KindActive, "m1", postfix)
			s.say(parsers.KindDelivered, "m1", postfix, to("u@here.example"))
			s.say(parsers.KindCompleted, "m1", postfix)
		}, OutcomeDelivered, false},
		"acceptance taken back": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindRevoked, "m1")
		}, OutcomeRejected, false},
		"thrown away": {func(s *story) {
			s.say(parsers.KindArrived, "m1", from("x@a.example"))
			s.say(parsers.KindDiscarded, "m1")
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeDiscarded, false},
		"only its end is in the log": {func(s *story) {
			s.say(parsers.KindCompleted, "m1")
		}, OutcomeUnknown, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, true)
			tc.tell(s)
			if got := s.one(); got.Outcome != tc.want || got.Stuck != tc.stuck {
				t.Errorf("outcome %v stuck %v, want %v %v", got.Outcome, got.Stuck, tc.want, tc.stuck)
			}
		})
	}
}

// A short queue id comes again as soon as the file is gone.
func TestQueueIDIsUsedAgain(t *testing.T) {
	s := newStory(t, true)
	for range 3 {
		s.say(parsers.KindArrived, "4A97FE17C", postfix, from("x@a.example"))
		s.say(parsers.KindDelivered, "4A97FE17C", postfix, to("u@here.example"))
		s.say(parsers.KindCompleted, "4A97FE17C", postfix)
	}
	if got := s.end(); len(got) != 3 {
		t.Errorf("%d messages, want 3", len(got))
	}
}

// A line that comes after its message was handed over begins no new one.
func TestLateLine(t *testing.T) {
	s := newStory(t, true)
	s.say(parsers.KindArrived, "m1", from("x@a.example"))
	s.say(parsers.KindCompleted, "m1")
	s.pause(time.Hour)
	s.say(parsers.KindArrived, "m2", from("x@a.example"))
	s.say(parsers.KindDelivered, "m1", to("u@here.example"))
	if got := s.end(); len(got) != 2 || s.tracker.Stats.Late != 1 {
		t.Errorf("%d messages, %d late lines; want 2 and 1", len(got), s.tracker.Stats.Late)
	}
}

func TestOpenMessagesAreBounded(t *testing.T) {
	s := newStory(t, true)
	s.tracker.Max = 10
	for i := range 100 {
		s.say(parsers.KindArrived, fmt.Sprintf("m%d", i), from("x@a.example"))
		if n := s.tracker.Open(); n > 10 {
			t.Fatalf("%d messages are open, the limit is 10", n)
		}
	}
	if got := len(s.got); got != 90 || s.tracker.Stats.Evicted != 90 {
		t.Errorf("%d handed over, %d evicted; want 90 and 90", got, s.tracker.Stats.Evicted)
	}
	if s.got[0].QueueID != "m0" {
		t.Errorf("the first to go was %s, want the longest silent, m0", s.got[0].QueueID)
	}
}

// What one message can make us keep is bounded too.
func TestOneMessageIsBounded(t *testing.T) {
	s := newStory(t, true)
	s.say(parsers.KindArrived, "m1", from("x@a.example"))
	long := make([]byte, 100_000)
	for i := range 20_000 {
		s.say(parsers.KindDeferred, "m1", to(fmt.Sprintf("u%d@here.example", i)), func(ev *parsers.Event) { ev.Text = long })
		s.say(parsers.KindSignature, "m1", missing(fmt.Sprintf("s%d", i), "a.example"))
	}
	o := s.tracker.records.at(0)
	if len(o.texts) > maxArena || len(o.rcpts) > maxRecipients || len(o.sigs) > maxSignatures {
		t.Errorf("kept %d bytes, %d recipients, %d signatures", len(o.texts), len(o.rcpts), len(o.sigs))
	}
	s.one()
}

// The common case, a message that comes and goes, allocates nothing once the
// first few have been there.
func TestHealthyMailDoesNotAllocate(t *testing.T) {
	var ledger Ledger
	tr := Tracker{Keys: &ledger, Done: func(*Message) { t.Error("a healthy message was handed over") }}
	var ev parsers.Event
	id := []byte("1wMRwC-0000JS-1Q")
	at := begin
	n := 0
	sender, client, messageID := []byte("x@a.example"), []byte("192.0.2.1"), []byte("1@a.example")
	addr, reply := []byte("u@here.example"), []byte("250 OK")
	pass := parsers.Signature{Domain: []byte("a.example"), Selector: []byte("s1"), Result: dkim.ResultPass}
	mail := func() {
		n++
		for i := range 6 {
			id[15-i] = "0123456789"[n/pow10(i)%10]
		}
		for _, kind := range []parsers.Kind{parsers.KindSignature, parsers.KindArrived, parsers.KindDelivered, parsers.KindCompleted} {
			at = at.Add(300 * time.Millisecond)
			ev.Reset()
			ev.Kind, ev.Program, ev.Time, ev.ID = kind, parsers.ProgramExim, at, id
			switch kind {
			case parsers.KindSignature:
				ev.Sigs = append(ev.Sigs, pass)
			case parsers.KindArrived:
				ev.Sender, ev.ClientIP, ev.MessageID = sender, client, messageID
			case parsers.KindDelivered:
				ev.Addr, ev.Text = addr, reply
			}
			tr.Add(&ev, 0)
		}
	}
	for range 20_000 {
		mail()
	}
	if got := testing.AllocsPerRun(2000, mail); got != 0 {
		t.Errorf("%v allocations for each message, want 0", got)
	}
}

func pow10(i int) int {
	n := 1
	for range i {
		n *= 10
	}
	return n
}

// What was coming in and never came is forgotten after an hour, what waits in the
// queue after days without a word. Neither is stuck.
func TestSilentMessages(t *testing.T) {
	s := newStory(t, true)
	s.say(parsers.KindSignature, "gone", missing("s1", "a.example"))
	s.say(parsers.KindArrived, "lost", from("x@a.example"))
	s.say(parsers.KindDeferred, "lost", to("u@here.example"))
	s.say(parsers.KindArrived, "kept", from("x@a.example"))
	s.say(parsers.KindHeld, "kept")
	s.pause(2 * time.Hour)
	s.say(parsers.KindArrived, "next", from("x@a.example"))
	if len(s.got) != 1 || s.got[0].QueueID != "gone" || s.got[0].Outcome != OutcomeUnknown {
		t.Fatalf("after two hours: %+v", s.got)
	}
	s.pause(10 * 24 * time.Hour)
	s.say(parsers.KindCompleted, "next")
	if len(s.got) != 2 || s.got[1].QueueID != "lost" || s.got[1].Outcome != OutcomeUnknown || s.tracker.Stats.Silent != 1 {
		t.Fatalf("after ten days: %+v", s.got[1:])
	}
	for _, m := range s.end() {
		if want := m.QueueID == "kept"; m.Stuck != want {
			t.Errorf("%s stuck: %v", m.QueueID, m.Stuck)
		}
	}
}

// A bounce's first line is its Message-ID, also if its queue id was used a
// moment ago.
func TestBounceUsesAnIDAgain(t *testing.T) {
	s := newStory(t, true)
	for range 2 {
		s.say(parsers.KindMessageID, "4A97FE17C", postfix, messageID("1@a.example"))
		s.say(parsers.KindActive, "4A97FE17C", postfix, from(""))
		s.say(parsers.KindDelivered, "4A97FE17C", postfix, to("u@here.example"))
		s.say(parsers.KindCompleted, "4A97FE17C", postfix)
	}
	if got := s.end(); len(got) != 2 {
		t.Errorf("%d messages, want 2", len(got))
	}
}
