package reports

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
	if got := number(1, "message"); got != "1 message" {
		t.Errorf("number(1) = %q", got)
	}
	if got := number(2000, "message"); got != "2,000 messages" {
		t.Errorf("number(2000) = %q", got)
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "0s", 0: "0s", 59 * time.Second: "59s", 61 * time.Second: "1m", 74 * time.Minute: "1h 14m",
		3 * time.Hour: "3h 00m", 24 * time.Hour: "1d 0h", 51*time.Hour + 59*time.Minute: "2d 3h",
	} {
		if got := age(d); got != want {
			t.Errorf("age(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	c := clock{warsaw(t), now}
	for at, want := range map[time.Time]string{
		{}:                                "–",
		now:                               "05:12",
		ago(5 * time.Hour):                "00:12",
		ago(6 * time.Hour):                "10 May 23:12",
		ago(400 * 24 * time.Hour):         "2025-04-06 05:12",
		now.Add(20 * time.Hour):           "12 May 01:12",
		now.In(time.FixedZone("x", 3600)): "05:12",
	} {
		if got := c.at(at); got != want {
			t.Errorf("at(%v) = %q, want %q", at, got, want)
		}
	}
	if got, want := c.until(ago(time.Hour)), "04:12 (1h 00m overdue)"; got != want {
		t.Errorf("until = %q, want %q", got, want)
	}
}

func TestWrap(t *testing.T) {
	tests := map[string]struct {
		in   string
		n    int
		want []string
	}{
		"nothing":     {"", 10, nil},
		"fits":        {"one two", 7, []string{"one two"}},
		"breaks":      {"one two three", 8, []string{"one two", "three"}},
		"long word":   {"abcdefghij k", 4, []string{"abcd", "efgh", "ij k"}},
		"behind dot":  {"selector.example", 10, []string{"selector.", "example"}},
		"wide":        {"長長長", 4, []string{"長長", "長"}},
		"wide in one": {"長長", 1, []string{"長", "長"}},
	}
	for name, tt := range tests {
		if got := wrap(tt.in, tt.n); !slices.Equal(got, tt.want) {
			t.Errorf("%s: wrap = %q, want %q", name, got, tt.want)
		}
	}
}

func TestFit(t *testing.T) {
	for in, want := range map[string]string{"abcde": "abcde", "abcdef": "abcd…", "長長長": "長長…", "": ""} {
		if got := fit(in, 5); got != want {
			t.Errorf("fit(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDefuse(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a=b": "a=b", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "＝1": "'＝1", "\t=1": "'\t=1", "1-2": "1-2",
	} {
		if got := defuse(in); got != want {
			t.Errorf("defuse(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWriteSafe(t *testing.T) {
	for in, want := range map[string]string{
		`"plain ąę 長"`:                   `"plain ąę 長"`,
		"\"a\u009b1m\x7f\u202e\u2066b\"": `"a\u009b1m\u007f\u202e\u2066b"`,
		"\"\u061c\u200f\"":               `"\u061c\u200f"`,
		"\"é…\u00a0\"":                   "\"é…\u00a0\"",
	} {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		writeSafe(w, []byte(in))
		if err := w.Flush(); err != nil || b.String() != want {
			t.Errorf("writeSafe(%q) = %q, want %q", in, b.String(), want)
		}
	}
}

func TestRetryCommands(t *testing.T) {
	exim := func(id string) *correlate.Message { return held(id, time.Hour, zendesk, correlate.Explicit, "") }
	postfix := func(id, instance string, o correlate.Outcome) *correlate.Message {
		m := exim(id)
		m.MTA, m.Instance, m.Outcome, m.Host = "postfix", instance, o, "mx2"
		return m
	}
	done := exim("1uDone-000000-2x")
	done.Outcome, done.Ended = correlate.OutcomeDelivered, true
	tests := map[string]struct {
		messages []*correlate.Message
		want     []string
	}{
		"none":            {nil, nil},
		"delivered":       {[]*correlate.Message{done}, nil},
		"exim":            {[]*correlate.Message{exim("A"), exim("B")}, []string{"exim -M A B"}},
		"all of them":     {[]*correlate.Message{exim("A"), exim("B"), exim("C"), exim("D"), exim("E"), exim("F")}, []string{"exim -M A B C D E F"}},
		"several postfix": {[]*correlate.Message{postfix("A1", "", correlate.OutcomeQueued), postfix("B2", "", correlate.OutcomeQueued)}, []string{"for i in A1 B2; do postqueue -i $i; done"}},
		"several on hold": {
			[]*correlate.Message{postfix("A1", "in", correlate.OutcomeHeld), postfix("B2", "in", correlate.OutcomeHeld)},
			[]string{"for i in A1 B2; do postmulti -i in -x postsuper -H $i; postmulti -i in -x postqueue -i $i; done"},
		},
		"postfix":           {[]*correlate.Message{postfix("A1", "", correlate.OutcomeQueued)}, []string{"postqueue -i A1"}},
		"on hold":           {[]*correlate.Message{postfix("A1", "", correlate.OutcomeHeld)}, []string{"postsuper -H A1; postqueue -i A1"}},
		"instance":          {[]*correlate.Message{postfix("A1", "postfix-out", correlate.OutcomeQueued)}, []string{"postmulti -i postfix-out -x postqueue -i A1"}},
		"unsafe id":         {[]*correlate.Message{exim("A; reboot"), exim("-oX"), exim("")}, nil},
		"unsafe instance":   {[]*correlate.Message{postfix("A1", "$(x)", correlate.OutcomeQueued)}, nil},
		"two hosts, by use": {[]*correlate.Message{postfix("A1", "", correlate.OutcomeQueued), exim("A"), exim("B")}, []string{"exim -M A B", "postqueue -i A1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range commands(&correlate.Incident{}, tt.messages) {
				got = append(got, c.Line)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("commands = %q, want %q", got, tt.want)
			}
		})
	}
	many := retryGroup{retryPlace: retryPlace{mta: "exim"}, ids: slices.Repeat([]string{"A"}, 2*maxRetryAll)}
	if n := len(many.all()); n != maxRetryAll/maxRetryLine {
		t.Errorf("%d commands for very many messages, want %d", n, maxRetryAll/maxRetryLine)
	}
	for key, want := range map[dkim.KeyName]string{
		zendesk:                                    "dig +short TXT zendesk1._domainkey.example.com",
		unnamed:                                    "",
		{Selector: "-f", Domain: "etc.example"}:    "",
		{Selector: "a", Domain: "b.example; ls"}:   "",
		{Selector: "@1.2.3.4", Domain: "example"}:  "",
		{Selector: "jun2005.eng", Domain: "a.org"}: "dig +short TXT jun2005.eng._domainkey.a.org",
	} {
		if got := digLine(key); got != want {
			t.Errorf("digLine(%v) = %q, want %q", key, got, want)
		}
	}
}

// A key may have had trouble twice; each message belongs to one spell.
func TestSpells(t *testing.T) {
	first := correlate.Incident{ID: "first", Key: zendesk, Opened: ago(72 * time.Hour)}
	second := correlate.Incident{ID: "second", Key: zendesk, Opened: ago(24 * time.Hour)}
	r := &Report{
		AsOf: now, Incidents: []correlate.Incident{second, first},
		Messages: []*correlate.Message{
			held("OLD", 71*time.Hour, zendesk, correlate.Explicit, ""), held("NEW", time.Hour, zendesk, correlate.Explicit, ""),
			held("EARLY", 80*time.Hour, zendesk, correlate.Explicit, ""),
		},
	}
	x := newIndex(r)
	got := map[string][]string{}
	for in, messages := range x.messages {
		for _, m := range messages {
			got[in.ID] = append(got[in.ID], m.QueueID)
		}
	}
	if !slices.Equal(got["first"], []string{"OLD", "EARLY"}) || !slices.Equal(got["second"], []string{"NEW"}) {
		t.Errorf("messages = %v", got)
	}
}

// What nobody tries does not bounce; what the logs showed of others beats a
// default.
func TestDeadline(t *testing.T) {
	in := correlate.Incident{
		Key: zendesk, Opened: ago(3 * time.Hour), Stuck: 1,
		Oldest: ago(2 * time.Hour), Deadline: now.Add(2 * time.Hour), DeadlineSource: "observed",
	}
	m := held("A", time.Hour, zendesk, correlate.Explicit, "")
	r := &Report{
		AsOf: now, Incidents: []correlate.Incident{in}, Messages: []*correlate.Message{m},
		Lifetime: func(string) (time.Duration, string) { return 24 * time.Hour, "exim-default" },
	}
	if at, source := newIndex(r).deadline(m); !at.Equal(now.Add(3*time.Hour)) || source != "observed" {
		t.Errorf("deadline = %v, %s", at, source)
	}
	r.Incidents[0].DeadlineSource = "configured"
	if at, source := newIndex(r).deadline(m); !at.Equal(now.Add(23*time.Hour)) || source != "exim-default" {
		t.Errorf("deadline = %v, %s", at, source)
	}
	m.Outcome = correlate.OutcomeFrozen
	if at, _ := newIndex(r).deadline(m); !at.IsZero() {
		t.Errorf("deadline of a frozen message = %v", at)
	}
	x := newIndex(r)
	if v := x.viewIncident(x.incidents[0], now); v.Deadline != nil || v.DeadlineSource != "" {
		t.Errorf("deadline in JSON = %v, %s, though nothing is tried", v.Deadline, v.DeadlineSource)
	}
	var b strings.Builder
	if err := WriteText(&b, r, TextOptions{}); err != nil || !strings.Contains(b.String(), "Bounces   none by itself") {
		t.Errorf("%v: no word of what is not tried:\n%s", err, b.String())
	}
}
