package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/reports"
	"github.com/dkimwatch/dkimwatch/sources"
)

// How much of a file is looked at to see what it is, and how much of what it
// holds is shown.
const (
	headLines    = 400
	judgedLines  = 200 // of them the format is told by
	strangeLines = 5   // of a file that is no mail log
	shapesShown  = 5
	samplesShown = 3
	messagesTold = 10
)

// fileHead is what the first lines of a file tell.
type fileHead struct {
	lines     []sources.Line
	format    parsers.Format
	good      map[parsers.Format]int // of the lines by which the format is told
	judged    int
	location  *time.Location // of stamps without a zone
	zoneFound string         // how that is known
}

// head looks at the first lines.
func (x *explanation) head() (*fileHead, error) {
	lines, err := x.input.Head(headLines)
	if len(lines) == 0 && err != nil {
		return nil, err
	}
	h := &fileHead{lines: lines, good: map[parsers.Format]int{}}
	texts := make([][]byte, len(lines))
	for i := range lines {
		texts[i] = lines[i].Text
	}
	h.format = parsers.Recognise(texts)
	for i := range lines[:min(len(lines), judgedLines)] {
		if len(bytes.TrimSpace(lines[i].Text)) == 0 {
			continue
		}
		h.judged++
		for _, f := range readFormats {
			if goodLine(f, lines[i].Text, lines[i].Received) {
				h.good[f]++
			}
		}
	}
	x.findZone(h)
	return h, nil
}

// findZone finds out how stamps without a zone are to be read.
func (x *explanation) findZone(h *fileHead) {
	h.location, h.zoneFound = x.local(), "this machine's, for stamps that name none"
	if x.location != nil {
		h.zoneFound = "as configured, for stamps that name none"
		return
	}
	if h.format != parsers.FormatExim {
		return
	}
	if zone, ok := pipeline.EximZone(h.lines, h.location); ok {
		h.location = zone
		h.zoneFound = "found by the message ids, which tell when a message came in UTC; for stamps that name none"
	}
}

// zoneText names the zone as of a moment.
func (h *fileHead) zoneText(at time.Time) string {
	return at.In(h.location).Format("-07:00") + ", " + h.zoneFound
}

// overview tells what a file is, what its lines say in numbers, and which
// messages of it have findings.
func (x *explanation) overview(ctx context.Context) error {
	h, err := x.head()
	if err != nil {
		return err
	}
	x.out.line(reports.Clean(x.source, maxShown))
	if h.format == parsers.FormatNone {
		x.noMailLog(h)
		return nil
	}
	p := h.format.New(parsers.Options{Location: h.location})
	follow := newFollower(x.cfg, x.source, false)
	tally := newTally()
	var ev parsers.Event
	err = x.each(ctx, func(line *sources.Line) bool {
		p.Parse(line.Text, line.Received, &ev)
		ev.Seq = uint64(line.Number)
		tally.add(line, h.format, &ev)
		follow.add(&ev)
		return true
	})
	if err != nil {
		return err
	}
	follow.finish()
	x.out.field("Format", formatWords[h.format.String()].name)
	x.out.field("Because", h.because())
	x.out.field("Zone", h.zoneText(follow.last))
	x.out.field("Lines", fmt.Sprintf("%d, from %s to %s UTC", tally.lines, stamp(follow.first), stamp(follow.last)))
	tally.print(x.out)
	x.findings(follow)
	return nil
}

// because says what speaks for the format.
func (h *fileHead) because() string {
	var parts []string
	for _, f := range readFormats {
		parts = append(parts, fmt.Sprintf("%d as %s", h.good[f], f))
	}
	text := fmt.Sprintf("of its first %d lines so many can be read: %s", h.judged, strings.Join(parts, ", "))
	if h.format == parsers.FormatNone {
		return text
	}
	return text + "; and some of them no other program writes like that"
}

// noMailLog says why a file is not read.
func (x *explanation) noMailLog(h *fileHead) {
	x.out.field("Format", "no mail log that dkimwatch knows: scan leaves the file out")
	if h.judged == 0 {
		x.out.field("Because", "there is no line in it")
		return
	}
	x.out.field("Because", h.because())
	for i := range h.lines {
		if bytes.IndexByte(h.lines[i].Text, 0) >= 0 {
			x.out.field("", fmt.Sprintf("Line %d holds a NUL: this is no text.", h.lines[i].Number))
			break
		}
	}
	x.out.line("")
	x.out.line("The first lines, and what each parser says of them")
	shown := 0
	for i := range h.lines {
		line := &h.lines[i]
		if len(bytes.TrimSpace(line.Text)) == 0 {
			continue
		}
		if shown++; shown > strangeLines {
			break
		}
		x.out.field(fmt.Sprint(line.Number), cutRunes(show(line.Text), 3*(x.out.width-fieldLabel-2)))
		var said []string
		for _, f := range readFormats {
			word := "no"
			if goodLine(f, line.Text, line.Received) {
				word = "could be"
			}
			said = append(said, f.String()+": "+word)
		}
		x.out.field("", strings.Join(said, ", "))
	}
	x.out.line("")
	x.out.notKnown()
}

// findings tells in short what the messages' trouble is.
func (x *explanation) findings(follow *follower) {
	x.out.line("")
	var troubled []*correlate.Message
	for _, m := range follow.messages {
		if len(m.Findings) > 0 {
			troubled = append(troubled, m)
		}
	}
	if len(troubled) == 0 {
		x.out.text(0, "No message has a finding: no line says that a DKIM key is in trouble.")
		return
	}
	x.out.line(fmt.Sprintf("Messages with a finding: %d, in %d incidents", len(troubled), len(follow.incidents)))
	for _, m := range troubled[:min(len(troubled), messagesTold)] {
		f := &m.Findings[0]
		x.out.line(fmt.Sprintf("  %-17s  %-10s  %s", reports.Clean(m.QueueID, 40), m.Outcome, f.Cause))
		x.out.text(21, keyWords(f.Key, f.Direction))
	}
	if more := len(troubled) - messagesTold; more > 0 {
		x.out.line(fmt.Sprintf("  … and %d more: dkimwatch scan tells all", more))
	}
	x.out.line("")
	x.out.text(0, "To see every line of one of them: dkimwatch explain --message ID FILE")
}

// message explains every line of one message.
func (x *explanation) message(ctx context.Context) error {
	parse, err := x.parser()
	if err != nil {
		return err
	}
	follow := newFollower(x.cfg, x.source, true)
	follow.wanted[x.options.message] = true
	id := []byte(x.options.message)
	pending := scanLines{}
	shown := 0
	var ev parsers.Event
	err = x.each(ctx, func(line *sources.Line) bool {
		format := parse(line, &ev)
		ev.Seq = uint64(line.Number)
		switch {
		case bytes.Equal(ev.ID, id):
			for _, e := range pending.take(string(ev.Tag)) {
				shown++
				x.brief(e)
			}
			shown++
			e := explainEvent(x.source, line.Number, line.Text, format, &ev)
			x.brief(&e)
		case len(ev.Tag) > 0 && len(ev.ID) == 0:
			e := explainEvent(x.source, line.Number, line.Text, format, &ev)
			pending.keep(&e)
		}
		follow.add(&ev)
		return true
	})
	if err != nil {
		return err
	}
	if shown == 0 {
		return fmt.Errorf("%s: no line names a message %q; a queue id is wanted, not a Message-ID", x.source, reports.Clean(x.options.message, 100))
	}
	return x.close(follow)
}

// brief explains one of the lines of a message.
func (x *explanation) brief(e *explainedEvent) {
	if x.json != nil {
		_ = x.json.Encode(e) // the flush returns its error
		return
	}
	if x.briefed {
		x.out.line("")
	}
	x.briefed = true
	at := ""
	if e.Time != nil {
		at = stamp(*e.Time)
	}
	x.out.line(fmt.Sprintf("Line %d  %s  %s", e.Line, at, e.Kind))
	x.out.quote(2, e.Text)
	x.out.text(4, "→ "+e.Means)
}

// scanLines keeps the lines that a filter logs under its own number of a scan,
// until it ties the number to a queue id.
type scanLines struct{ list []*explainedEvent }

// maxPending is how many such lines are kept.
const maxPending = 1024

func (s *scanLines) keep(e *explainedEvent) {
	if len(s.list) == maxPending {
		s.list = append(s.list[:0], s.list[1:]...)
	}
	s.list = append(s.list, e)
}

func (s *scanLines) take(tag string) []*explainedEvent {
	if tag == "" {
		return nil
	}
	var taken []*explainedEvent
	s.list = slices.DeleteFunc(s.list, func(e *explainedEvent) bool {
		if e.Tag == tag {
			taken = append(taken, e)
		}
		return e.Tag == tag
	})
	return taken
}
