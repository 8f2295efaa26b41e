package reports

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// maxCell is how much of a stranger's text a cell holds.
const maxCell = 1000

var incidentColumns = []string{
	"id", "direction", "domain", "selector", "about", "cause", "state", "severity", "opened", "last_seen", "resolved",
	"messages", "stuck", "tempfailed", "rejected", "bounced", "delivered", "recipients", "oldest_age_seconds",
	"deadline", "deadline_source", "worked_until", "explicit", "findings_total", "reopened",
	"verdict_status", "verdict_code", "verdict_fault", "verdict_confidence", "verdict_at", "verdict_detail",
}

// WriteCSV writes one row per incident, the worst first (RFC 4180). The columns
// are named as in JSON; times are RFC 3339 in UTC. No cell begins like a formula
// of a spreadsheet program.
func WriteCSV(w io.Writer, r *Report) error {
	out := newCSV(w, incidentColumns)
	x := newIndex(r)
	for _, in := range x.incidents {
		v := x.viewIncident(in, r.AsOf)
		d := v.Verdict
		if d == nil {
			d = &Verdict{}
		}
		deadline := ""
		if v.Deadline != nil {
			deadline = stamp(*v.Deadline)
		}
		out.row(
			v.ID, v.Direction, v.Domain, v.Selector, v.About, v.Cause, v.State, v.Severity,
			stamp(in.Opened), stamp(in.LastSeen), stamp(in.ResolvedAt),
			strconv.Itoa(v.Messages), strconv.Itoa(v.Stuck), strconv.Itoa(v.Tempfailed), strconv.Itoa(v.Rejected),
			strconv.Itoa(v.Bounced), strconv.Itoa(v.Delivered), strconv.Itoa(v.Recipients),
			strconv.FormatInt(v.OldestAgeSeconds, 10), deadline, v.DeadlineSource, stamp(in.WorkedUntil),
			strconv.Itoa(v.Explicit), strconv.Itoa(v.FindingsTotal), strconv.Itoa(v.Reopened),
			d.Status, d.Code, d.Fault, d.Confidence, stamp(d.At), d.Detail,
		)
	}
	return out.flush()
}

var messageColumns = []string{
	"host", "instance", "mta", "queue_id", "message_id", "sender", "client_ip", "helo", "size", "first_seen", "last_seen",
	"outcome", "stuck", "age_seconds", "attempts", "deadline", "recipients", "last_reply",
	"domain", "selector", "cause", "harm", "direction", "attribution", "findings_total",
}

// WriteMessagesCSV writes one row per message with a finding, or per message, as
// WriteCSV does for incidents. Of several findings the row has the explicit one;
// recipients are separated by blanks. The null sender is "<>".
func WriteMessagesCSV(w io.Writer, r *Report, all bool) error {
	out := newCSV(w, messageColumns)
	x := newIndex(r)
	for _, m := range r.Messages {
		f := mainFinding(m, func(*correlate.Finding) bool { return true })
		if f == nil && !all {
			continue
		}
		v := x.viewMessage(m, r.AsOf)
		sender, reply := "", ""
		if v.Sender != nil {
			sender = first(*v.Sender, "<>")
		}
		var recipients []string
		for _, rcpt := range v.Recipients {
			recipients = append(recipients, rcpt.Address)
			reply = first(rcpt.LastReply, reply)
		}
		var trouble Finding
		if f != nil {
			trouble = Finding{
				f.Key.Domain, f.Key.Selector, f.Cause.String(), f.Harm.String(), f.Direction.String(), f.Attribution.String(), nil,
			}
		}
		out.row(
			v.Host, v.Instance, v.MTA, v.QueueID, v.MessageID, sender, v.ClientIP, v.Helo, strconv.FormatInt(v.Size, 10),
			stamp(v.FirstSeen), stamp(v.LastSeen), v.Outcome, strconv.FormatBool(v.Stuck), strconv.FormatInt(v.AgeSeconds, 10),
			strconv.Itoa(v.Attempts), stamp(v.Deadline), strings.Join(recipients, " "), reply,
			trouble.Domain, trouble.Selector, trouble.Cause, trouble.Harm, trouble.Direction, trouble.Attribution,
			strconv.Itoa(len(m.Findings)),
		)
	}
	return out.flush()
}

// csvWriter writes rows of cells that are safe to open. Flush returns the first
// error.
type csvWriter struct{ w *csv.Writer }

func newCSV(w io.Writer, head []string) csvWriter {
	out := csvWriter{csv.NewWriter(w)}
	out.w.UseCRLF = true
	out.row(head...)
	return out
}

func (c csvWriter) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = defuse(Clean(cell, maxCell))
	}
	_ = c.w.Write(cells)
}

func (c csvWriter) flush() error {
	c.w.Flush()
	return c.w.Error()
}

// defuse puts a quote before what a spreadsheet program would take for a
// formula. Those of East Asian locales also take the wide forms.
func defuse(cell string) string {
	if r, _ := utf8.DecodeRuneInString(cell); strings.ContainsRune("=+-@\t\r＝＋－＠", r) {
		return "'" + cell
	}
	return cell
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
