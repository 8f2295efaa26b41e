package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/reports"
)

// terminal returns the descriptor of w if it is a terminal.
func terminal(w io.Writer) (fd int, ok bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

// textOptions suits the text to w: its width and colours if it is a terminal,
// else 80 columns and none. https://no-color.org is heeded.
func textOptions(w io.Writer, incidents int) reports.TextOptions {
	o := reports.TextOptions{MaxIncidents: incidents}
	if incidents <= 0 {
		o.MaxIncidents = -1
	}
	fd, ok := terminal(w)
	if !ok {
		return o
	}
	if width, _, err := term.GetSize(fd); err == nil {
		o.Width = width
	}
	o.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return o
}

// written is how writing the result ended: that the reader has gone, as head
// does, is no error.
func written(err error) error {
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return fmt.Errorf("write: %w", err)
}

// faultList is several faults, each told on a line of its own.
type faultList []error

func (l faultList) Error() string {
	texts := make([]string, len(l))
	for i, err := range l {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "\ndkimwatch: ")
}

func (l faultList) Unwrap() []error { return l }

// reportOf makes the report of what a scan found. Files that nobody named and
// that hold no mail log are left out of it.
func reportOf(res *pipeline.Result, scan *pipeline.Scan) *reports.Report {
	r := &reports.Report{
		Title: "dkimwatch scan", Since: scan.Since, Until: scan.Until, First: res.First, Last: res.Last, AsOf: res.AsOf,
		Zone: time.Local, Messages: res.Messages, Incidents: res.Incidents, Other: res.Other,
		DNSAsked: scan.Checker != nil, Lifetime: scan.Lifetime,
		Counters: reports.Counters{
			Begun: res.Tracker.Messages, Evicted: res.Tracker.Evicted, Late: res.Tracker.Late, Unattached: res.Tracker.Unattached,
			Repeated: res.Tracker.Repeated, Lost: res.Tracker.Lost,
		},
	}
	for i, src := range res.Sources {
		if notALog(scan.Inputs[i], src) {
			continue
		}
		s := reports.Source{
			Name: src.Name, Format: src.Format, Lines: src.Lines, Events: src.Events, Ignored: src.Ignored,
			Malformed: src.Malformed, Cut: src.Cut, First: src.First, Last: src.Last, Duplicate: src.Duplicate,
		}
		for _, sample := range src.Samples {
			s.Samples = append(s.Samples, reports.Sample{Line: sample.Line, Text: sample.Text})
		}
		if src.Err != nil {
			s.Error = src.Err.Error()
		}
		r.Sources = append(r.Sources, s)
	}
	return r
}

// inTrouble reports whether an incident is open, or still holds mail.
func inTrouble(incidents []correlate.Incident) bool {
	for i := range incidents {
		if incidents[i].State == correlate.StateOpen || incidents[i].Stuck > 0 {
			return true
		}
	}
	return false
}
