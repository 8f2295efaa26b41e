package pipeline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/sources"
)

// folder writes files and returns a scan of them in the order given.
func folder(t testing.TB, files ...string) *pipeline.Scan {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	list, faults := sources.Expand(names, nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	now := time.Date(2026, 5, 11, 18, 0, 0, 0, time.UTC)
	return &pipeline.Scan{Inputs: list, Host: "mx", Local: time.UTC, Now: now, AsOf: now, StuckAfter: 10 * time.Minute, All: true}
}

func run(t *testing.T, s *pipeline.Scan) *pipeline.Result {
	t.Helper()
	res, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// outcomes says in short what became of each message.
func outcomes(res *pipeline.Result) map[string]string {
	got := map[string]string{}
	for _, m := range res.Messages {
		got[m.QueueID] = m.Outcome.String()
	}
	return got
}

const (
	eximArrives = `2026-05-11 15:02:36 1wMRwC-0000JS-1Q DKIM: d=a.example s=s1 [failed key import]
2026-05-11 15:02:36 1wMRwC-0000JS-1Q <= x@a.example H=mail.a.example [192.0.2.1] P=esmtp S=2115 id=1@a.example
`
	eximDefers = `2026-05-11 15:02:40 1wMRwC-0000JS-1Q == u@here.example R=filter T=smtp defer (-46) H=127.0.0.26 [127.0.0.26]: SMTP error from remote mail server after end of data: 451 4.7.5 DKIM: public key record s1._domainkey.a.example (currently?) unavailable
`
	eximDelivers = `2026-05-12 09:00:00 1wMRwC-0000JS-1Q => u@here.example R=filter T=smtp H=127.0.0.26 [127.0.0.26] C="250 OK"
2026-05-12 09:00:01 1wMRwC-0000JS-1Q Completed
`
	postfixArrives = `May 11 15:22:44 mx1 postfix/smtpd[1299]: 158A212F90: client=mail.a.example[192.0.2.1]
May 11 15:22:45 mx1 postfix/cleanup[1304]: 158A212F90: message-id=<1@a.example>
May 11 15:22:45 mx1 postfix/qmgr[1298]: 158A212F90: from=<x@a.example>, size=2173, nrcpt=1 (queue active)
May 11 15:22:46 mx1 postfix/smtp[1305]: 158A212F90: to=<u@here.example>, relay=127.0.0.26[127.0.0.26]:25, delay=2, delays=1/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as A468312FCB)
May 11 15:22:46 mx1 postfix/qmgr[1298]: 158A212F90: removed
`
)

// Rotated files are read in the order of what they hold, not of their names.
func TestFilesInOrderOfContent(t *testing.T) {
	s := folder(t, "mainlog", eximDelivers, "mainlog.1", eximDefers, "mainlog.2", eximArrives)
	want := map[string]string{"1wMRwC-0000JS-1Q": "delivered"}
	if diff := cmp.Diff(want, outcomes(run(t, s))); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestStuckMessageAndIncident(t *testing.T) {
	res := run(t, folder(t, "mainlog", eximArrives+eximDefers))
	if len(res.Messages) != 1 || !res.Messages[0].Stuck || len(res.Incidents) != 1 {
		t.Fatalf("messages %+v, incidents %+v", res.Messages, res.Incidents)
	}
	in := res.Incidents[0]
	if in.Key != (dkim.KeyName{Selector: "s1", Domain: "a.example"}) || in.State != correlate.StateOpen || in.Stuck != 1 {
		t.Errorf("incident %+v", in)
	}
	m := res.Messages[0]
	if m.Host != "mx" || m.Sources[0].FirstLine != 1 || m.Sources[0].LastLine != 3 {
		t.Errorf("host %q, sources %+v", m.Host, m.Sources)
	}
}

// rsyslog can write the same lines twice, in two forms. They are counted once.
func TestSameLinesInTwoForms(t *testing.T) {
	fine := strings.NewReplacer("May 11 15:22:4", "2026-05-11T15:22:4").Replace(postfixArrives)
	fine = strings.NewReplacer("4 mx1", "4.123456+00:00 mx1", "5 mx1", "5.223456+00:00 mx1", "6 mx1", "6.323456+00:00 mx1").Replace(fine)
	s := folder(t, "mail.log", postfixArrives, "mail-rfc3339.log", fine)
	s.Local = time.FixedZone("", 2*3600) // where the one without a zone is read
	res := run(t, s)
	if len(res.Messages) != 1 || len(res.Messages[0].Recipients) != 1 {
		t.Errorf("%d messages", len(res.Messages))
	}
	if !strings.HasSuffix(res.Sources[0].Duplicate, "mail-rfc3339.log") || res.Sources[1].Duplicate != "" {
		t.Errorf("duplicates: %q, %q; the form with the finer stamps is read", res.Sources[0].Duplicate, res.Sources[1].Duplicate)
	}
}

// Of two copies of one log the longer one is read, whatever their names.
func TestLongerCopyIsRead(t *testing.T) {
	begins := strings.Repeat(eximArrives, 12)
	s := folder(t, "a-copy", begins, "mainlog", begins+eximDefers)
	res := run(t, s)
	if !strings.HasSuffix(res.Sources[0].Duplicate, "mainlog") || res.Sources[1].Duplicate != "" {
		t.Errorf("duplicates: %q, %q", res.Sources[0].Duplicate, res.Sources[1].Duplicate)
	}
}

// Rspamd's own file names no host: it is that of the Postfix beside it.
func TestRspamdBesidePostfix(t *testing.T) {
	rspamd := `2026-05-11 15:22:45 #1209(rspamd_proxy) <e3624c>; proxy; rspamd_task_write_log: id: <1@a.example>, qid: <158A212F90>, ip: 192.0.2.1, from: <x@a.example>, (default: F (no action): [-0.20/15.00] [R_DKIM_PERMFAIL(0.00){a.example:s=s1;}]), len: 3294, time: 1.2ms, dns req: 1, digest: <864861d19e7a7f462d98d6f2fa6bf36a>, rcpts: <u@here.example>
`
	res := run(t, folder(t, "mail.log", postfixArrives, "rspamd.log", rspamd))
	if len(res.Messages) != 1 || res.Messages[0].Host != "mx1" || len(res.Messages[0].Findings) != 1 {
		t.Fatalf("messages %+v", res.Messages)
	}
	if got := res.Messages[0].Findings[0].Key; got != (dkim.KeyName{Selector: "s1", Domain: "a.example"}) {
		t.Errorf("key %v", got)
	}
}

// Exim's ids hold the time in UTC, so that local stamps tell their zone.
func TestZoneOfExim(t *testing.T) {
	// The ids were made at 15:02:36 UTC and a second later each.
	warsaw := `2026-05-11 17:02:36 1wMS9U-0000JS-1Q <= x@a.example H=mail.a.example [192.0.2.1] P=esmtp S=2115
2026-05-11 17:02:37 1wMS9V-0000JS-1Q <= x@a.example H=mail.a.example [192.0.2.1] P=esmtp S=2115
2026-05-11 17:02:38 1wMS9W-0000JS-1Q <= x@a.example H=mail.a.example [192.0.2.1] P=esmtp S=2115
`
	first := time.Date(2026, 5, 11, 15, 2, 36, 0, time.UTC)
	res := run(t, folder(t, "mainlog", warsaw))
	if !res.First.Equal(first) {
		t.Errorf("found out: the log begins at %v, want %v", res.First, first)
	}
	s := folder(t, "mainlog", warsaw)
	s.Location = time.FixedZone("", 3*3600)
	if res := run(t, s); !res.First.Equal(first.Add(-time.Hour)) {
		t.Errorf("told: the log begins at %v", res.First)
	}
	unsure := strings.Replace(warsaw, "17:02:37", "18:31:37", 1)
	if res := run(t, folder(t, "mainlog", unsure)); !res.First.Equal(first.Add(2 * time.Hour)) {
		t.Errorf("ids that disagree tell nothing, so stamps are local ones; the log begins at %v", res.First)
	}
}

func TestSinceAndUntil(t *testing.T) {
	s := folder(t, "mainlog", eximArrives+eximDefers+eximDelivers)
	s.Until = time.Date(2026, 5, 11, 20, 0, 0, 0, time.UTC)
	if got := outcomes(run(t, s))["1wMRwC-0000JS-1Q"]; got != "queued" {
		t.Errorf("until the evening it is %s", got)
	}
	s = folder(t, "mainlog", eximArrives+eximDefers+eximDelivers)
	s.Since = time.Date(2026, 5, 12, 10, 0, 0, 0, time.UTC)
	if res := run(t, s); len(res.Messages) != 0 || len(res.Incidents) != 0 {
		t.Errorf("it was over before: %+v, %+v", res.Messages, res.Incidents)
	}
}

// The log's end is never in the future of the judgement.
func TestAsOf(t *testing.T) {
	s := folder(t, "mainlog", eximArrives+eximDefers)
	s.AsOf = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if res := run(t, s); !res.AsOf.Equal(res.Last) {
		t.Errorf("judged as of %v, the log ends at %v", res.AsOf, res.Last)
	}
	s = folder(t, "mainlog", eximArrives+eximDefers)
	s.AsOf = time.Time{}
	if res := run(t, s); !res.AsOf.Equal(s.Now) {
		t.Errorf("a fresh log is judged as of %v, want now", res.AsOf)
	}
	s = folder(t, "mainlog", eximArrives+eximDefers)
	s.AsOf, s.Now = time.Time{}, s.Now.AddDate(1, 0, 0)
	if res := run(t, s); !res.AsOf.Equal(res.Last) {
		t.Errorf("an old log is judged as of %v, want its end", res.AsOf)
	}
}

func TestUnknownInputs(t *testing.T) {
	apache := `192.0.2.7 - - [11/May/2026:15:02:36 +0000] "GET / HTTP/1.1" 200 12 "-" "curl"` + "\n"
	res := run(t, folder(t, "access.log", strings.Repeat(apache, 50), "mainlog", eximArrives+eximDefers, "empty.log", ""))
	var unknown *pipeline.UnknownFormatError
	if !errors.As(res.Sources[0].Err, &unknown) || !strings.Contains(unknown.Error(), "access.log") {
		t.Errorf("the web server's log: %v", res.Sources[0].Err)
	}
	if len(res.Messages) != 1 {
		t.Errorf("the other log was not read: %d messages", len(res.Messages))
	}
	if src := res.Sources[2]; src.Err != nil || src.Lines != 0 {
		t.Errorf("the empty file: %+v", src)
	}
}

// asked answers every key with the same status.
type asked struct {
	status dkim.KeyStatus
	keys   []dkim.KeyName
}

func (a *asked) CheckAll(ctx context.Context, keys []dkim.KeyName, found func(dkim.Verdict)) error {
	a.keys = keys
	for _, k := range keys {
		found(dkim.Verdict{Key: k, Status: a.status})
	}
	return ctx.Err()
}

func TestRecheck(t *testing.T) {
	s := folder(t, "mainlog", eximArrives+eximDefers)
	checker := &asked{status: dkim.KeyValid}
	s.Checker = checker
	res := run(t, s)
	if len(checker.keys) != 1 || res.Incidents[0].Verdict.Status != dkim.KeyValid || res.Incidents[0].State != correlate.StateRecovering {
		t.Errorf("asked for %v, incident %+v", checker.keys, res.Incidents[0])
	}
}

func TestCancelledScanEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := folder(t, "mainlog", strings.Repeat(eximArrives+eximDefers, 10_000))
	if _, err := s.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}
