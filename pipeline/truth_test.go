package pipeline_test

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/sources"
)

// capturesDir holds one folder for each capture: logs that real mail servers
// wrote, and truth.json, which says what happened to each message. It was made
// of what the sender was told, what arrived and the servers' own queues, never
// of the logs. DKIMWATCH_CAPTURES names another folder of the same form.
func capturesDir() string { return cmp.Or(os.Getenv("DKIMWATCH_CAPTURES"), "../testdata/captures") }

// truth is what really happened in one capture.
type truth struct {
	Scenario   string         `json:"scenario"`
	CaptureEnd time.Time      `json:"capture_end"`
	Messages   []truthMessage `json:"messages"`
}

type truthMessage struct {
	QueueID   string     `json:"mta_id"`
	MessageID string     `json:"message_id"`
	Case      string     `json:"case"`
	Fault     string     `json:"fault"`
	Outcome   string     `json:"outcome"`
	Stuck     bool       `json:"stuck_at_end"`
	Sigs      []truthSig `json:"sigs"`
	Rcpts     []struct {
		Addr  string `json:"addr"`
		Final string `json:"final"`
	} `json:"rcpts"`
}

type truthSig struct {
	Domain   string `json:"d"`
	Selector string `json:"s"`
	AtStart  string `json:"dns_condition"`
	WhenSent string `json:"dns_condition_when_sent"`
	Fault    string `json:"fault"`
}

// goodConditions are those in which the key can be had and used.
var goodConditions = []string{"", "ok", "ok-testing", "ok-tcp"}

// keyBad reports whether DNS held no usable key for the signature at some time
// while the message was sent.
func (s truthSig) keyBad() bool {
	return !slices.Contains(goodConditions, s.AtStart) || !slices.Contains(goodConditions, s.WhenSent)
}

func (s truthSig) key() string { return strings.ToLower(s.Selector + " " + s.Domain) }

func readTruth(t *testing.T, dir string) truth {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "truth.json.gz"))
	var r io.Reader = f
	if err == nil {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	} else if f, err = os.Open(filepath.Join(dir, "truth.json")); err != nil {
		t.Fatal(err)
	} else {
		r = f
	}
	defer f.Close()
	var tr truth
	if err := json.NewDecoder(r).Decode(&tr); err != nil {
		t.Fatal(err)
	}
	return tr
}

// logs returns the logs of one capture's host; next also gives those of the
// next host.
func logs(t *testing.T, dir string, next bool) []string {
	t.Helper()
	patterns := []string{"mainlog*", "rejectlog*", "mail.log*", "postfix.log*", "rspamd.log*"}
	var list []string
	for _, sub := range []string{".", "filter-host", "exim-side"} {
		if sub != "." && !next {
			continue
		}
		for _, p := range patterns {
			files, err := filepath.Glob(filepath.Join(dir, sub, p))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, files...)
		}
	}
	return list
}

func scanFiles(t *testing.T, files []string, asOf time.Time) *pipeline.Result {
	t.Helper()
	list, faults := sources.Expand(files, strings.NewReader(""))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	scan := &pipeline.Scan{
		Inputs: list, Host: "here", Local: time.UTC, Now: asOf, AsOf: asOf,
		StuckAfter: 10 * time.Minute, All: true,
	}
	res, err := scan.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range res.Sources {
		if src.Err != nil && src.Lines > 0 {
			t.Errorf("%s: %v", src.Name, src.Err)
		}
	}
	return res
}

// score counts how often we were right.
type score struct{ hit, missed, wrong int }

func (s score) recall() float64    { return ratio(s.hit, s.hit+s.missed) }
func (s score) precision() float64 { return ratio(s.hit, s.hit+s.wrong) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func (s score) String() string {
	return fmt.Sprintf("%5d hit %4d missed %4d wrong  precision %.4f  recall %.4f", s.hit, s.missed, s.wrong, s.precision(), s.recall())
}

// wantOutcomes are the outcomes that agree with a true one, in the words of the
// host whose log is read: what it passed to the next host it has delivered.
func wantOutcomes(m *truthMessage) []string {
	switch m.Outcome {
	case "queued", "partly-queued":
		return []string{"queued", "frozen", "held"}
	case "bounced", "partly-bounced":
		return []string{"bounced"}
	case "queued-at-next-hop":
		return []string{"delivered"}
	case "discarded-or-unknown":
		return []string{"expired", "discarded", "removed", "delivered"}
	}
	return []string{m.Outcome}
}

// passedOn reports whether the log itself shows that every recipient was handed
// to the next host: then a bounce is the next host's affair.
func passedOn(m *correlate.Message) bool {
	for _, r := range m.Recipients {
		if r.Outcome != correlate.OutcomeDelivered {
			return false
		}
	}
	return len(m.Recipients) > 0
}

// TestTruth judges a scan of each capture by what really happened, and prints
// how right it was.
func TestTruth(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(capturesDir(), "*", "truth.json*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no captures in %s: %v", capturesDir(), err)
	}
	var outcome, stuck, finding score
	byClass := map[string]*score{}
	for _, path := range dirs {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			j := newJudge(t, dir, logs(t, dir, false), byClass)
			j.messages(t)
			t.Logf("outcome  %v", j.outcome)
			t.Logf("stuck    %v", j.stuck)
			t.Logf("finding  %v; %d of keys that were good in DNS", j.finding, j.verifier)
			outcome, stuck, finding = outcome.plus(j.outcome), stuck.plus(j.stuck), finding.plus(j.finding)
			if j.outcome.missed > 0 || j.stuck.missed+j.stuck.wrong > 0 {
				t.Errorf("outcome and stuck must be right for every message")
			}
		})
	}
	t.Logf("all outcomes  %v", outcome)
	t.Logf("all stuck     %v", stuck)
	t.Logf("all findings  %v", finding)
	for _, class := range slices.Sorted(keysOf(byClass)) {
		t.Logf("%-28s %v", class, byClass[class])
	}
	if finding.precision() < 0.99 || finding.recall() < 0.99 {
		t.Errorf("findings: precision %.4f, recall %.4f; both must be 0.99 at least", finding.precision(), finding.recall())
	}
}

func keysOf(m map[string]*score) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (s score) plus(o score) score {
	return score{s.hit + o.hit, s.missed + o.missed, s.wrong + o.wrong}
}

// judge compares one capture's scan with its truth.
type judge struct {
	truth                   truth
	byID, byMessageID       map[string]*correlate.Message
	evidence                evidence
	outcome, stuck, finding score
	byClass                 map[string]*score
	verifier                int // findings of keys that were good in DNS
	complaints              int
}

func newJudge(t *testing.T, dir string, files []string, byClass map[string]*score) *judge {
	t.Helper()
	j := &judge{truth: readTruth(t, dir), byID: map[string]*correlate.Message{}, byMessageID: map[string]*correlate.Message{}, byClass: byClass}
	res := scanFiles(t, files, j.truth.CaptureEnd)
	j.evidence = readEvidence(t, files)
	for _, m := range res.Messages {
		j.byID[m.QueueID] = m
		for _, r := range m.Related {
			if r.Kind == "attempt" {
				j.byID[r.QueueID] = m
			}
		}
		if m.MessageID != "" {
			if have := j.byMessageID[m.MessageID]; have == nil || have.FirstSeen.Before(m.FirstSeen) {
				j.byMessageID[m.MessageID] = m
			}
		}
	}
	return j
}

func (j *judge) complain(t *testing.T, format string, args ...any) {
	if j.complaints++; j.complaints <= 12 {
		t.Logf(format, args...)
	}
}

func (j *judge) messages(t *testing.T) {
	for i := range j.truth.Messages {
		want := &j.truth.Messages[i]
		got := j.byID[want.QueueID]
		if want.QueueID == "" || got == nil {
			got = j.byMessageID[strings.Trim(want.MessageID, "<>")]
		}
		if got == nil {
			if want.QueueID == "" && !j.evidence.named(want.MessageID) {
				continue // refused before its Message-ID was logged: no log speaks of it
			}
			j.outcome.missed++
			j.complain(t, "%s %s: no such message (%s)", want.QueueID, want.MessageID, want.Outcome)
			continue
		}
		j.one(t, want, got)
	}
}

func (j *judge) one(t *testing.T, want *truthMessage, got *correlate.Message) {
	ok := slices.Contains(wantOutcomes(want), got.Outcome.String()) ||
		strings.HasSuffix(want.Outcome, "bounced") && passedOn(got)
	if ok {
		j.outcome.hit++
	} else {
		j.outcome.missed++
		j.complain(t, "%s %s: outcome %v, truth %s (%s)", got.QueueID, got.MessageID, got.Outcome, want.Outcome, want.Case)
	}
	switch {
	case got.Stuck && want.Stuck:
		j.stuck.hit++
	case want.Stuck:
		j.stuck.missed++
		j.complain(t, "%s: is stuck, and we say %v since %v", got.QueueID, got.Outcome, got.FirstSeen)
	case got.Stuck:
		j.stuck.wrong++
		j.complain(t, "%s: is not stuck, and we say %v", got.QueueID, got.Outcome)
	}
	j.findings(t, want, got)
}

// findings holds a message's findings against the state of its keys. Each is
// right if the key was bad; one is missing if the key was bad and the log says
// so of this message.
func (j *judge) findings(t *testing.T, want *truthMessage, got *correlate.Message) {
	var found []correlate.Finding
	for _, f := range got.Findings {
		if f.Direction == correlate.Inbound && f.Key.Selector != "" {
			found = append(found, f)
		}
	}
	used := map[int]bool{}
	sigs := slices.Clone(want.Sigs)
	slices.SortStableFunc(sigs, func(a, b truthSig) int { return cmp.Compare(a.key(), b.key()) })
	for _, sig := range slices.CompactFunc(sigs, func(a, b truthSig) bool { return a.key() == b.key() }) {
		i := slices.IndexFunc(found, func(f correlate.Finding) bool {
			return strings.EqualFold(f.Key.Domain, sig.Domain) && (strings.EqualFold(f.Key.Selector, sig.Selector) || sig.badName())
		})
		class := cmp.Or(sig.WhenSent, sig.AtStart)
		if sig.Fault != "" {
			class = "signature: " + sig.Fault
		}
		s := j.byClass[class]
		if s == nil {
			s = &score{}
			j.byClass[class] = s
		}
		said := j.evidence.says(got, want.QueueID, sig)
		switch {
		case i >= 0 && (sig.keyBad() || sig.badName()):
			j.finding.hit++
			s.hit++
		case i >= 0 && said:
			j.finding.hit++ // the key was good, and the verifier could not use it all the same
			j.verifier++
			s.hit++
		case i >= 0:
			j.finding.wrong++
			s.wrong++
			j.complain(t, "%s: finding %v %v, truth: %s, %s", got.QueueID, found[i].Key, found[i].Cause, sig.WhenSent, sig.Fault)
		case said && sig.keyBad():
			j.finding.missed++
			s.missed++
			j.complain(t, "%s: no finding for %s/%s: %s", got.QueueID, sig.Selector, sig.Domain, sig.WhenSent)
		}
		used[i] = true
	}
	for i, f := range found {
		if used[i] {
			continue
		}
		j.finding.wrong++
		j.complain(t, "%s: finding for %v, which did not sign the message", got.QueueID, f.Key)
	}
}

// badName reports whether the sender spoilt the selector itself, so that there
// can be no such key, and every program reads it differently.
func (s truthSig) badName() bool {
	return strings.HasSuffix(s.Fault, " s=")
}

// A Postfix that relays to a filter does not log which key the filter missed.
// With the filter's log beside its own, every message that is held or came back
// for a bad key has a finding that names it.
func TestNextHostNamesTheKey(t *testing.T) {
	for _, name := range []string{"postfix-stuck-now-66min", "postfix-stuck-filter-6h"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(capturesDir(), name)
			alone := newJudge(t, dir, logs(t, dir, false), map[string]*score{}).named(t)
			both := newJudge(t, dir, logs(t, dir, true), map[string]*score{}).named(t)
			t.Logf("alone           %v", alone)
			t.Logf("with the filter %v", both)
			if alone.hit > 0 || both.recall() < 0.99 || both.wrong > 0 {
				t.Error("the keys must be named with the filter's log, and cannot be without")
			}
		})
	}
}

// named scores the findings that name a key, of messages that were held up.
func (j *judge) named(t *testing.T) score {
	var s score
	for i := range j.truth.Messages {
		want := &j.truth.Messages[i]
		got := j.byID[want.QueueID]
		if got == nil || !slices.ContainsFunc(got.Findings, func(f correlate.Finding) bool { return f.Attribution == correlate.Explicit }) {
			continue
		}
		for _, f := range got.Findings {
			if f.Key.Selector == "" {
				s.missed++
				j.complain(t, "%s %s: the key is not named (%s): %v", got.QueueID, got.MessageID, want.Case, f.Evidence)
				continue
			}
			i := slices.IndexFunc(want.Sigs, func(sig truthSig) bool {
				return strings.EqualFold(f.Key.Domain, sig.Domain) && (strings.EqualFold(f.Key.Selector, sig.Selector) || sig.badName())
			})
			if i < 0 {
				s.wrong++
				j.complain(t, "%s: %v is none of its keys", got.QueueID, f.Key)
				continue
			}
			s.hit++
		}
	}
	return s
}
