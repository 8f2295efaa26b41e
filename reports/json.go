package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// WriteNDJSON writes one JSON object per line (docs/schema): the messages with a
// finding, or all of them, then the incidents with the worst first, the sources,
// and one summary. It writes as it goes.
func WriteNDJSON(w io.Writer, r *Report, all bool) error {
	out := newJSONWriter(w)
	x := newIndex(r)
	for _, m := range r.Messages {
		if all || len(m.Findings) > 0 {
			out.object(x.viewMessage(m, r.AsOf), "\n")
		}
	}
	for _, in := range x.incidents {
		out.object(x.viewIncident(in, r.AsOf), "\n")
	}
	for i := range r.Sources {
		out.object(viewSource(&r.Sources[i]), "\n")
	}
	out.object(Summarize(r, all), "\n")
	return out.flush()
}

// WriteJSON writes the report as one JSON document (docs/schema/report.json),
// with the messages that have a finding. It writes as it goes.
func WriteJSON(w io.Writer, r *Report) error {
	out := newJSONWriter(w)
	x := newIndex(r)
	out.text(`{"type":"report","title":`)
	out.object(r.title(), `,"summary":`)
	out.object(Summarize(r, false), `,"incidents":[`)
	for i, in := range x.incidents {
		out.element(i, x.viewIncident(in, r.AsOf))
	}
	out.text(`],"messages":[`)
	n := 0
	for _, m := range r.Messages {
		if len(m.Findings) > 0 {
			out.element(n, x.viewMessage(m, r.AsOf))
			n++
		}
	}
	out.text(`],"top_domains":[`)
	for i, d := range topDomains(r.Messages) {
		out.element(i, d)
	}
	out.text(`],"timeline":[`)
	for i, h := range timeline(r.Messages, time.Hour, time.UTC) {
		out.element(i, h)
	}
	out.text(`],"other":[`)
	for i, o := range r.Other {
		out.element(i, OtherDomain{o.Cause.String(), o.Domain, o.Messages, o.Refused})
	}
	out.text(`],"sources":[`)
	for i := range r.Sources {
		out.element(i, viewSource(&r.Sources[i]))
	}
	out.text("]}\n")
	return out.flush()
}

func (x *index) viewMessage(m *correlate.Message, asOf time.Time) Message {
	v := ViewMessage(m, asOf)
	at, source := x.deadline(m)
	v.Deadline, v.DeadlineSource = utc(at), source
	return v
}

// viewIncident is ViewIncident, with the deadline that the messages have.
func (x *index) viewIncident(in *correlate.Incident, asOf time.Time) Incident {
	v := ViewIncident(in, x.messages[in], asOf)
	if in.Stuck > 0 {
		at, source, _ := x.firstDeadline(in)
		v.Deadline, v.DeadlineSource = known(at), source
	}
	return v
}

func viewSource(s *Source) Source {
	v := *s
	v.Type, v.First, v.Last = "source", utc(s.First), utc(s.Last)
	return v
}

// jsonWriter writes JSON values and what stands between them, and remembers the
// first error.
type jsonWriter struct {
	w       *bufio.Writer
	buf     bytes.Buffer
	encoder *json.Encoder
	err     error
}

func newJSONWriter(w io.Writer) *jsonWriter {
	j := &jsonWriter{w: bufio.NewWriterSize(w, 64<<10)}
	j.encoder = json.NewEncoder(&j.buf)
	return j
}

func (j *jsonWriter) object(v any, after string) {
	if j.err != nil {
		return
	}
	j.buf.Reset()
	if err := j.encoder.Encode(v); err != nil {
		j.err = fmt.Errorf("encode %T: %w", v, err)
		return
	}
	writeSafe(j.w, bytes.TrimSuffix(j.buf.Bytes(), []byte("\n")))
	j.text(after)
}

func (j *jsonWriter) element(i int, v any) {
	before := ",\n"
	if i == 0 {
		before = "\n"
	}
	j.text(before)
	j.object(v, "")
}

func (j *jsonWriter) text(s string) { _, _ = j.w.WriteString(s) } // Flush returns its error

func (j *jsonWriter) flush() error {
	if j.err != nil {
		return j.err
	}
	return j.w.Flush()
}

// writeSafe writes JSON with those characters as \u escapes that a terminal
// obeys and encoding/json leaves as they are: DEL, the C1 controls, and what
// turns the writing direction. They stand only in strings.
func writeSafe(w *bufio.Writer, text []byte) {
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c < 0x7f || c > 0x7f && c != 0xc2 && c != 0xd8 && c != 0xe2 {
			continue
		}
		r, n := decodeUnsafe(text[i:])
		if n == 0 {
			continue
		}
		_, _ = w.Write(text[from:i])
		_, _ = fmt.Fprintf(w, `\u%04x`, r)
		i += n - 1
		from = i + 1
	}
	_, _ = w.Write(text[from:])
}

// decodeUnsafe returns the character that b begins with and its length, 0 if a
// terminal may show it. b is valid UTF-8.
func decodeUnsafe(b []byte) (r rune, n int) {
	switch r, n = utf8.DecodeRune(b); {
	case r == 0x7f, r >= 0x80 && r <= 0x9f:
	case r == 0x61c, r >= 0x200e && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
	default:
		return 0, 0
	}
	return r, n
}
