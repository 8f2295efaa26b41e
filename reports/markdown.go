package reports

import (
	"bufio"
	"io"
	"strings"
	"time"
)

// maxMarkdownRows is how many rows a table of a report has.
const maxMarkdownRows = 100

// WriteMarkdown writes the report as GitHub's Markdown: for tickets, wikis and
// letters. Strangers' texts stand in code spans, where no renderer obeys them.
func WriteMarkdown(w io.Writer, r *Report) error {
	m := &markdown{bufio.NewWriter(w), clock{r.zone(), r.AsOf}}
	x := newIndex(r)
	h := newHeadline(r, x, m.clock)
	m.line("# ", escape(Clean(r.title(), 100)))
	m.line("")
	about := "As of " + m.clock.exact(r.AsOf) + "."
	if !r.First.IsZero() {
		about += " Logs " + m.clock.span(r.First, r.Last) + "."
	}
	m.line(escape(about))
	m.line("")
	m.line("**", escape(h.says), "**")
	for _, note := range h.notes {
		m.line("")
		m.line(escape(note))
	}
	m.incidents(x, r.DNSAsked)
	m.held(r, x)
	m.numbers(r)
	m.sources(r)
	return m.w.Flush()
}

type markdown struct {
	w     *bufio.Writer
	clock clock
}

func (m *markdown) line(pieces ...string) {
	for _, s := range pieces {
		_, _ = m.w.WriteString(s) // Flush returns its error
	}
	_ = m.w.WriteByte('\n')
}

// table writes cells that are Markdown already. Columns whose head ends in a
// colon hold numbers.
func (m *markdown) table(title string, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	m.line("")
	m.line("## ", title)
	m.line("")
	rule := make([]string, len(head))
	for i := range head {
		rule[i] = "---"
		if strings.HasSuffix(head[i], ":") {
			rule[i], head[i] = "---:", strings.TrimSuffix(head[i], ":")
		}
	}
	m.row(head)
	m.row(rule)
	for _, cells := range rows[:min(len(rows), maxMarkdownRows)] {
		m.row(cells)
	}
	if more := len(rows) - maxMarkdownRows; more > 0 {
		m.line("")
		m.line("… and ", count(more), " more.")
	}
}

func (m *markdown) row(cells []string) { m.line("| ", strings.Join(cells, " | "), " |") }

func (m *markdown) incidents(x *index, asked bool) {
	var rows [][]string
	for _, in := range x.incidents {
		e := explain(in, asked)
		bounces, _, _ := x.firstDeadline(in)
		rows = append(rows, []string{
			code(subject(in)), in.Severity.String() + ", " + in.State.String(), m.clock.at(in.Opened),
			count(in.Stuck), count(in.Tempfailed), count(in.Rejected + in.Bounced), m.clock.at(bounces),
			escape(e.says), escape(first(e.blame(), "not known")), code(in.ID),
		})
	}
	m.table("Incidents", []string{
		"Key", "State", "Since", "Held:", "Put off (4xx):", "Rejected, bounced:", "First bounce", "DNS says", "Fault", "Id",
	}, rows)
	shown := 0
	for _, in := range x.incidents {
		if !needsCard(in) || shown == maxMarkdownRows {
			continue
		}
		if shown++; shown == 1 {
			m.line("")
			m.line("### What to do")
			m.line("")
		}
		next := ""
		if e := explain(in, asked); !e.told {
			next = ": " + escape(e.next)
		}
		m.line("- ", code(subject(in)), next)
		if how := attribution(in); how != "" {
			m.line("  Log: ", escape(causeWords(in.Cause)), " (", in.Cause.String(), "); ", escape(how), ".")
		}
		for _, c := range commands(in, x.messages[in]) {
			where := ""
			if c.Host != "" {
				where = " on " + code(c.Host)
			}
			m.line("  - ", c.Purpose, where, ": ", span(c.Line))
		}
	}
}

func (m *markdown) held(r *Report, x *index) {
	var rows [][]string
	for _, msg := range r.waiting() {
		f := heldBy(msg)
		at, _ := x.deadline(msg)
		rows = append(rows, []string{
			age(r.AsOf.Sub(msg.FirstSeen)), code(msg.QueueID), code(senderOf(msg)), code(recipientsOf(msg, 1)),
			code(findingSubject(f)), f.Cause.String() + ", " + f.Attribution.String(), msg.Outcome.String(), m.clock.at(at),
		})
	}
	m.table("Held messages", []string{"Age:", "Queue id", "From", "To", "Key", "Cause", "State", "Bounces"}, rows)
}

func (m *markdown) numbers(r *Report) {
	var rows [][]string
	list := distinct(r.Messages)
	for _, d := range topDomains(list) {
		rows = append(rows, []string{
			code(d.Domain), count(d.Messages), count(d.Held), count(d.Tempfailed), count(d.Rejected), count(d.Bounced),
		})
	}
	m.table("Domains", []string{"Signing domain", "Messages:", "Held:", "Put off (4xx):", "Rejected:", "Bounced:"}, rows)

	rows = nil
	for _, h := range timeline(list, time.Hour, m.clock.zone) {
		rows = append(rows, []string{m.clock.at(h.Start), count(h.Messages), count(h.Harmed)})
	}
	m.table("Timeline", []string{"Hour", "Messages:", "Held or refused:"}, rows)

	rows = nil
	for _, t := range otherTotals(r.Other) {
		rows = append(rows, []string{t.Cause, escape(causeTextOf(t.Cause).short), count(t.Messages), count(t.Refused)})
	}
	m.table("Other DKIM trouble (no key's fault)", []string{"Cause", "Meaning", "Messages:", "Held or refused:"}, rows)
}

func (m *markdown) sources(r *Report) {
	var rows [][]string
	for i := range r.Sources {
		s := &r.Sources[i]
		word, text := sourceTrouble(s)
		if word == "" {
			word, text = "ok", m.clock.span(s.First, s.Last)
		}
		rows = append(rows, []string{code(s.Name), escape(Clean(s.Format, 20)), count(s.Lines), word, escape(text)})
	}
	m.table("What was read", []string{"Source", "Format", "Lines:", "State", "Remarks"}, rows)
}

// code makes a stranger's text a code span that also holds in a table. What is
// very long is cut.
func code(s string) string { return span(Clean(s, maxReply)) }

// span is code for clean text, which is never cut: a command.
func span(s string) string {
	s = strings.NewReplacer("`", "'", "|", `\|`).Replace(s)
	if s == "" {
		return "–"
	}
	return "`" + s + "`"
}

// escape makes clean text mean itself: no HTML, no emphasis, no link, no cell.
var escape = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "|", `\|`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", " @", " &#64;", "://", "&#58;//", "www.", "www&#46;",
).Replace
