package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

func TestGolden(t *testing.T) {
	text := func(o TextOptions) func(io.Writer, *Report) error {
		return func(w io.Writer, r *Report) error { return WriteText(w, r, o) }
	}
	stuck := func(o TextOptions) func(io.Writer, *Report) error {
		return func(w io.Writer, r *Report) error { return WriteStuck(w, r, o) }
	}
	tests := []struct {
		name  string
		make  func() *Report
		zone  *time.Location
		write func(io.Writer, *Report) error
	}{
		{"text-60.txt", rich, nil, text(TextOptions{Width: 60})},
		{"text-80.txt", rich, warsaw(t), text(TextOptions{})},
		{"text-120.txt", rich, nil, text(TextOptions{Width: 120, Verbose: true, Stored: true})},
		{"text-color.txt", rich, warsaw(t), text(TextOptions{Color: true})},
		{"text-few.txt", rich, nil, text(TextOptions{MaxIncidents: 2, MaxMessages: -1})},
		{"text-no-dns.txt", noDNS, nil, text(TextOptions{})},
		{"text-unreachable.txt", noRoute, nil, text(TextOptions{})},
		{"text-empty.txt", empty, nil, text(TextOptions{})},
		{"text-nothing-held.txt", nothingHeld, nil, text(TextOptions{})},
		{"text-our-resolver.txt", ourResolver, nil, text(TextOptions{})},
		{"text-weeks.txt", weeks, warsaw(t), text(TextOptions{})},
		{"text-hostile.txt", func() *Report { return hostile(strings.Join(nasty[:7], " ")) }, nil, text(TextOptions{})},
		{"stuck-60.txt", rich, nil, stuck(TextOptions{Width: 60, MaxMessages: 3})},
		{"stuck-80.txt", rich, warsaw(t), stuck(TextOptions{})},
		{"stuck-120.txt", rich, nil, stuck(TextOptions{Width: 120})},
		{"stuck-empty.txt", empty, nil, stuck(TextOptions{})},
		{"scan.ndjson", rich, nil, func(w io.Writer, r *Report) error { return WriteNDJSON(w, r, false) }},
		{"stuck.ndjson", func() *Report { return StuckOnly(rich()) }, nil, func(w io.Writer, r *Report) error { return WriteNDJSON(w, r, false) }},
		{"report.json", rich, nil, WriteJSON},
		{"report-empty.json", empty, nil, WriteJSON},
		{"incidents.csv", rich, nil, WriteCSV},
		{"messages.csv", rich, nil, func(w io.Writer, r *Report) error { return WriteMessagesCSV(w, r, false) }},
		{"report.md", rich, warsaw(t), WriteMarkdown},
		{"report-empty.md", empty, nil, WriteMarkdown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.make()
			r.Zone = tt.zone
			var b bytes.Buffer
			if err := tt.write(&b, r); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.Bytes())
			var width int
			if _, err := fmt.Sscanf(tt.name, "text-%d", &width); err == nil {
				lineWidths(t, b.String(), width)
			}
		})
	}
}

func empty() *Report { return &Report{AsOf: now, DNSAsked: true} }

func noDNS() *Report {
	r := rich()
	r.DNSAsked = false
	r.Incidents = r.Incidents[:1]
	r.Incidents[0].Verdict = dkim.Verdict{}
	r.Other, r.Sources, r.Counters = nil, nil, Counters{}
	r.Messages = r.Messages[3:4]
	return r
}

func noRoute() *Report {
	r := noDNS()
	r.DNSAsked = true
	r.Incidents[0].Verdict = dkim.Verdict{
		Key: zendesk, Status: dkim.KeyUnreachable, Fault: dkim.FaultOurResolver, Confidence: "high", At: now,
		Detail: "DNS cannot be reached from here: the resolver 127.0.0.53:53 gives no answer (connection refused).",
	}
	return r
}

func ourResolver() *Report {
	r := noDNS()
	r.DNSAsked = true
	r.Incidents[0].Verdict = dkim.Verdict{
		Key: zendesk, Status: dkim.KeyServFail, Fault: dkim.FaultOurResolver, Confidence: "high", At: now,
		Detail: "The resolver 127.0.0.53:53 cannot get an answer (SERVFAIL), while 9.9.9.9:53 has a good key: the resolver of this host is at fault.",
	}
	return r
}

// nothingHeld is a report whose trouble is over or elsewhere.
func nothingHeld() *Report {
	r := rich()
	r.Messages = r.Messages[len(r.Messages)-3:]
	r.Incidents = []correlate.Incident{r.Incidents[4], r.Incidents[8]}
	r.Sources = r.Sources[:2]
	r.Other = nil
	r.Counters = Counters{}
	return r
}

// weeks is a long period over a change of clocks, with many incidents.
func weeks() *Report {
	r := rich()
	r.First = ago(70 * 24 * time.Hour)
	r.Messages, r.Sources, r.Other = nil, nil, nil
	first := r.Incidents[0]
	r.Incidents = nil
	for i := range 40 {
		in := first
		in.Key.Selector, in.ID = fmt.Sprintf("s%02d", i), fmt.Sprintf("incid%03d", i)
		in.Stuck, in.Rejected, in.Opened = 1, 0, ago(time.Duration(i)*41*time.Hour)
		in.Severity = correlate.Severity(i % 3)
		r.Incidents = append(r.Incidents, in)
		r.Messages = append(r.Messages, refused(fmt.Sprintf("1uW%03d-000000-2x", i), time.Duration(i)*41*time.Hour, in.Key, correlate.OutcomeRejected, correlate.HarmRejected))
	}
	return r
}

// fails is a full disk or a pipe without a reader.
type fails struct{}

var errFails = errors.New("no space left on device")

func (fails) Write([]byte) (int, error) { return 0, errFails }

func TestWriteErrors(t *testing.T) {
	for name, write := range forPeople {
		if err := write(fails{}, rich()); !errors.Is(err, errFails) {
			t.Errorf("%s: err = %v, want %v", name, err, errFails)
		}
	}
}

// What is printed must not depend on the order that the report came in.
func TestOrderOfIncidents(t *testing.T) {
	r := rich()
	var want, got bytes.Buffer
	if err := WriteText(&want, r, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(r.Incidents)-1; i < j; i, j = i+1, j-1 {
		r.Incidents[i], r.Incidents[j] = r.Incidents[j], r.Incidents[i]
	}
	if err := WriteText(&got, r, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if want.String() != got.String() {
		t.Error("another order of incidents gives another text")
	}
}

func TestStuckOnly(t *testing.T) {
	r := StuckOnly(rich())
	if len(r.Messages) != 22 {
		t.Errorf("%d messages, want 22", len(r.Messages))
	}
	for _, m := range r.Messages {
		if !m.Stuck || !m.Outcome.InQueue() {
			t.Errorf("%s is not stuck", m.QueueID)
		}
	}
	if len(r.Incidents) != 5 {
		t.Errorf("%d incidents, want 5", len(r.Incidents))
	}
}

// What is not shown has no heading either.
func TestNoEmptySections(t *testing.T) {
	r := rich()
	r.Sources, r.Counters = nil, Counters{Begun: 5, Late: 3}
	for name, write := range map[string]func(io.Writer) error{
		"text":  func(w io.Writer) error { return WriteText(w, r, TextOptions{MaxMessages: -1}) },
		"stuck": func(w io.Writer) error { return WriteStuck(w, r, TextOptions{MaxMessages: -1}) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, heading := range []string{"Held messages", "What was read", "… and 22 more", "… and 21 more"} {
			if strings.Contains(b.String(), heading) {
				t.Errorf("%s: has %q", name, heading)
			}
		}
	}
}

// One key that was not asked for does not hide that DNS is out of reach; one
// answer shows that it is not.
func TestUnreachable(t *testing.T) {
	verdict := func(s dkim.KeyStatus) correlate.Incident {
		return correlate.Incident{Key: zendesk, Verdict: dkim.Verdict{Status: s, At: now}}
	}
	r := &Report{Incidents: []correlate.Incident{verdict(dkim.KeyUnknown), verdict(dkim.KeyUnreachable), verdict(dkim.KeyUnknown), {}}}
	if !unreachable(r) {
		t.Error("unreachable = false, though no key got an answer")
	}
	r.Incidents = append(r.Incidents, verdict(dkim.KeyNotFound))
	if unreachable(r) {
		t.Error("unreachable = true, though a key got an answer")
	}
}

// Where not all is shown, it is said how to see the rest; --verbose shows it.
func TestVerboseNamesAll(t *testing.T) {
	for name, tt := range map[string]struct {
		o        TextOptions
		want     []string
		unwanted string
	}{
		"scan":    {TextOptions{}, []string{"and 14 more: --verbose names them all", "… and 13 more: --verbose lists them all"}, "dkimwatch stuck"},
		"stored":  {TextOptions{Stored: true}, []string{"and 14 more: --verbose names them all", "… and 13 more: dkimwatch stuck lists them all"}, "--verbose lists"},
		"verbose": {TextOptions{Verbose: true}, []string{" 1uE016-000112-2x\n", "54m     1uE016-000112-2x  bounces"}, "--verbose"},
	} {
		var b strings.Builder
		if err := WriteText(&b, rich(), tt.o); err != nil {
			t.Fatal(err)
		}
		for _, want := range tt.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: lacks %q", name, want)
			}
		}
		if strings.Contains(b.String(), tt.unwanted) {
			t.Errorf("%s: has %q", name, tt.unwanted)
		}
	}
}
