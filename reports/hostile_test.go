package reports

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// What a stranger would like us to print.
var nasty = []string{
	"\x1b[2J\x1b]0;pwned\a\x1b[31mred",
	"=cmd|' /C calc'!A0",
	"<script>alert(1)</script><img src=x onerror=y>",
	"line one\r\nHeader: injected\n2026-01-01 forged line",
	"\u202Etxt.exe\u2066\u200f\u061c",
	"\xff\xfe\xc3 \u009b31m \u0085 \x7f",
	"a|b`c``|*bold* _it_ [x](https://evil.test) @everyone",
	"@SUM(1+1)", "+1+cmd", "-1+cmd", "\t=1", "\r=1", "＝1",
	"`rm -rf /`; $(reboot) && echo '\"'",
	strings.Repeat("A very long subject ", 512),
	strings.Repeat("x", 10_000),
	strings.Repeat("長", 300), "",
}

// hostile is a report with s in every field that a stranger can write into.
func hostile(s string) *Report {
	r := rich()
	r.Title = s
	for _, m := range r.Messages {
		m.Host, m.Instance, m.QueueID, m.MessageID = s, s, s, s
		m.Sender, m.ClientIP, m.ClientName, m.Helo = s, s, s, s
		for i := range m.Recipients {
			m.Recipients[i].Address, m.Recipients[i].LastReply = s, s
		}
		for i := range m.Signatures {
			sig := &m.Signatures[i]
			sig.Key, sig.Algorithm, sig.Reason = dkim.KeyName{Selector: s, Domain: s}, s, s
		}
		for i := range m.Findings {
			m.Findings[i].Key, m.Findings[i].Evidence = dkim.KeyName{Selector: s, Domain: s}, []string{s}
		}
		m.Related = []correlate.Relation{{QueueID: s, Kind: "attempt"}}
		m.Sources = []correlate.Span{{File: s, FirstLine: 1, LastLine: 2}}
	}
	for i := range r.Incidents {
		in := &r.Incidents[i]
		in.Key, in.About, in.DeadlineSource, in.ID = dkim.KeyName{Selector: s, Domain: s}, s, s, s
		v := &in.Verdict
		v.Record, v.Detail, v.Chain = s, s, []string{s}
		for j := range v.Observations {
			o := &v.Observations[j]
			o.Server, o.Err, o.EDE, o.Name = s, s, s, s
		}
	}
	for i := range r.Other {
		r.Other[i].Domain = s
	}
	for i := range r.Sources {
		src := &r.Sources[i]
		src.Name, src.Samples = s, []Sample{{1, s}}
		if src.Error != "" {
			src.Error = s
		}
	}
	return r
}

// forPeople are the outputs that are read on a terminal or a page.
var forPeople = map[string]func(io.Writer, *Report) error{
	"text":     func(w io.Writer, r *Report) error { return WriteText(w, r, TextOptions{Verbose: true, Stored: true}) },
	"narrow":   func(w io.Writer, r *Report) error { return WriteText(w, r, TextOptions{Width: 60}) },
	"stuck":    func(w io.Writer, r *Report) error { return WriteStuck(w, r, TextOptions{}) },
	"csv":      WriteCSV,
	"messages": func(w io.Writer, r *Report) error { return WriteMessagesCSV(w, r, true) },
	"markdown": WriteMarkdown,
	"ndjson":   func(w io.Writer, r *Report) error { return WriteNDJSON(w, r, true) },
	"json":     WriteJSON,
}

func TestHostileTextHasNoControls(t *testing.T) {
	for name, write := range forPeople {
		for i, s := range nasty {
			t.Run(fmt.Sprintf("%s/%d", name, i), func(t *testing.T) {
				var b bytes.Buffer
				if err := write(&b, hostile(s)); err != nil {
					t.Fatal(err)
				}
				text := strings.NewReplacer("\r\n", "", "\n", "").Replace(b.String())
				if at := strings.IndexFunc(text, func(r rune) bool { return unsafeRune(r) && r != '\u200b' && r != '\ufeff' }); at >= 0 {
					t.Errorf("output has %q", text[max(0, at-20):min(len(text), at+20)])
				}
			})
		}
	}
}

// lineWidths fails for every line that is wider than width and is no command.
func lineWidths(t *testing.T, text string, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		trimmed := strings.TrimSpace(line)
		command := false
		for _, c := range []string{"exim -M ", "postqueue -i ", "postmulti -i ", "postsuper -H ", "dig +short ", "dkimwatch "} {
			command = command || strings.Contains(trimmed, c)
		}
		if n := columns(line); n > width && !command {
			t.Errorf("%d columns, not %d: %s", n, width, line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("blanks at the end: %q", line)
		}
	}
}

func TestHostileTextKeepsItsWidth(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		for _, s := range nasty {
			var b bytes.Buffer
			if err := WriteText(&b, hostile(s), TextOptions{Width: width, Verbose: true}); err != nil {
				t.Fatal(err)
			}
			lineWidths(t, b.String(), width)
		}
	}
}

func TestHostileTextForgesNoCommand(t *testing.T) {
	for _, s := range nasty {
		var b bytes.Buffer
		if err := WriteText(&b, hostile(s), TextOptions{}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "Then ") || strings.HasPrefix(line, "Check ") || strings.HasPrefix(line, "Retry ") {
				if strings.ContainsAny(line, "$`'\"|&<>(){}*?!#~") {
					t.Errorf("%q got into a command: %s", s, line)
				}
			}
		}
	}
}

func TestHostileTextIsOneCSVCell(t *testing.T) {
	for _, write := range []func(io.Writer, *Report) error{forPeople["csv"], forPeople["messages"]} {
		for _, s := range nasty {
			r := hostile(s)
			var b bytes.Buffer
			if err := write(&b, r); err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(b.String(), "\r\n") {
				t.Error("rows do not end in CRLF (RFC 4180 §2)")
			}
			rows, err := csv.NewReader(&b).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != 1+len(r.Incidents) && len(rows) != 1+len(r.Messages) {
				t.Errorf("%d rows for %q", len(rows), s)
			}
			for _, row := range rows {
				for _, cell := range row {
					if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "-") || strings.HasPrefix(cell, "@") {
						t.Errorf("cell %q is a formula", cell)
					}
				}
			}
		}
	}
}

func TestHostileTextIsNoMarkdown(t *testing.T) {
	for _, s := range nasty {
		var b bytes.Buffer
		if err := WriteMarkdown(&b, hostile(s)); err != nil {
			t.Fatal(err)
		}
		cells := 0
		for line := range strings.Lines(b.String()) {
			if !strings.HasPrefix(line, "|") {
				cells = 0
				if i := strings.Index(outsideCode(line), "<"); i >= 0 {
					t.Errorf("HTML in %q", line)
				}
				continue
			}
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			if cells != 0 && n != cells {
				t.Errorf("%d cells, not %d: %s", n, cells, line)
			}
			cells = n
			if text := outsideCode(line); strings.ContainsAny(text, "<>") || strings.Contains(text, "](") {
				t.Errorf("markup outside of code: %s", line)
			}
		}
	}
}

// outsideCode is line without its code spans.
func outsideCode(line string) string {
	parts := strings.Split(strings.NewReplacer("\\`", "", `\]`, "").Replace(line), "`")
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		b.WriteString(parts[i])
	}
	return b.String()
}

func TestHostileTextSurvivesInJSON(t *testing.T) {
	for _, s := range nasty {
		r := hostile(s)
		var b bytes.Buffer
		if err := WriteNDJSON(&b, r, true); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(&b)
		lines.Buffer(nil, 1<<20)
		n := 0
		for lines.Scan() {
			n++
			var m struct{ Type, Helo string }
			if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
				t.Fatalf("line %d: %v", n, err)
			}
			if want := strings.ToValidUTF8(s, "\ufffd"); m.Type == "message" && strings.ToValidUTF8(m.Helo, "\ufffd") != want && !strings.Contains(s, "\xff") {
				t.Errorf("helo = %q, want %q", m.Helo, want)
			}
		}
		if want := len(r.Messages) + len(r.Incidents) + len(r.Sources) + 1; n != want {
			t.Errorf("%d lines, want %d", n, want)
		}
	}
}

func TestThousands(t *testing.T) {
	r := rich()
	for i := range 2000 {
		in := r.Incidents[0]
		in.Key.Selector, in.ID = fmt.Sprintf("s%d", i), fmt.Sprintf("id%d", i)
		r.Incidents = append(r.Incidents, in)
		r.Messages = append(r.Messages, held(fmt.Sprintf("1uF%03d-000%03d-2x", i/1000, i%1000), time.Hour, in.Key, correlate.Explicit, "451"))
	}
	for name, write := range forPeople {
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			t.Fatal(err)
		}
		if name == "narrow" {
			if n := strings.Count(b.String(), "\n"); n > 400 {
				t.Errorf("%s has %d lines", name, n)
			}
		}
	}
}
