package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/reports"
)

// How much of a long listing a step shows, so that it fits on a screen.
const (
	queueShown = 2
	partsShown = 3 // of a report: its title, the headline, and a card or a table
)

// untilPublished is how long the sender takes to publish the key.
const untilPublished = 2 * time.Minute

// demoPath is what the story's commands read.
const demoPath = "--host mx2 mx2/mainlog mx1/* filter/*"

// story tells what happened in a demoWorld, step by step.
type story struct {
	world *demoWorld
	out   *prose
	text  reports.TextOptions
	whole *reports.Report // of all logs
	step  int
}

// look scans the logs again, and asks DNS as it is now.
func (s *story) look(ctx context.Context) error {
	scan, res, err := s.world.scan(ctx)
	if err != nil {
		return err
	}
	r := reportOf(res, scan)
	s.whole = &reports.Report{ // as it comes out of the history
		Title: "dkimwatch report", AsOf: r.AsOf, Zone: time.UTC, Messages: r.Messages, Incidents: r.Incidents,
		Other: r.Other, DNSAsked: r.DNSAsked, Lifetime: r.Lifetime,
	}
	if len(s.ofDomain().Incidents) == 0 {
		return errors.New("the demo's logs hold no trouble with its key: this is a fault of dkimwatch")
	}
	return nil
}

// ofDomain is the report of the story's domain alone.
func (s *story) ofDomain() *reports.Report {
	r := *s.whole
	r.Other = nil
	r.Messages = slices.DeleteFunc(slices.Clone(r.Messages), func(m *correlate.Message) bool {
		return !slices.ContainsFunc(m.Findings, func(f correlate.Finding) bool { return f.Key.Domain == demoDomain })
	})
	r.Incidents = slices.DeleteFunc(slices.Clone(r.Incidents), func(in correlate.Incident) bool { return in.Key.Domain != demoDomain })
	return &r
}

// heading begins a step.
func (s *story) heading(title string) {
	if s.step++; s.step > 1 {
		s.out.line("")
	}
	s.out.line(s.paint("1", fmt.Sprintf("%d of 4  %s", s.step, title)))
	s.out.line(strings.Repeat("─", s.out.width))
}

// command is what a user would type.
func (s *story) command(line string) { s.out.line(s.paint("36", "  $ "+line)) }

func (s *story) paint(style, text string) string {
	if !s.text.Color {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// complaint is what it looks like without dkimwatch.
func (s *story) complaint(ctx context.Context) error {
	if err := s.look(ctx); err != nil {
		return err
	}
	s.out.text(0, "These are genuine logs of two mail servers, mx2 (Exim) and mx1 (Postfix with a filter host), as of "+
		s.world.now.Format("2 January 2006, 15:04")+"; all times are UTC. Their DNS is a server inside this demo, on 127.0.0.1.")
	s.out.line("")
	s.heading("A user says: “Mail from " + demoDomain + " does not reach me.”")
	s.out.text(0, "The sender got no error, so it must wait somewhere. By hand you look at the queue:")
	s.out.line("")
	s.command("exim -bp | grep -A1 " + demoDomain)
	held := slices.DeleteFunc(s.held("exim"), func(m *correlate.Message) bool { return !strings.HasSuffix(m.Sender, "@"+demoDomain) })
	for _, m := range held[:min(len(held), queueShown)] {
		s.queueEntry(m)
	}
	if more := len(held) - queueShown; more > 0 {
		s.out.line(fmt.Sprintf("      … and %d more", more))
	}
	s.out.line("")
	s.out.text(0, "… and at what the log says of the first one:")
	s.out.line("")
	if len(held) > 0 {
		s.command("exigrep " + held[0].QueueID + " /var/log/exim4/mainlog")
		if err := s.logLines(held[0].QueueID); err != nil {
			return err
		}
	}
	s.out.line("")
	s.out.text(0, "So the filter puts the mail off because it gets no DKIM key. Whose fault is that? Since when? "+
		"Which other mail waits for it, here and on mx1, and until when? By hand that is an hour of grep and dig.")
	return nil
}

// held are the messages of the story's domain that wait in the queues of an MTA.
func (s *story) held(mta string) []*correlate.Message {
	return slices.DeleteFunc(s.ofDomain().Messages, func(m *correlate.Message) bool {
		return m.MTA != mta || !m.Outcome.InQueue()
	})
}

// queueEntry writes m as exim -bp does.
func (s *story) queueEntry(m *correlate.Message) {
	s.out.line(fmt.Sprintf("  %3dm %5.1fK %s <%s>", int(s.world.now.Sub(m.FirstSeen).Minutes()), float64(m.Size)/1024,
		m.QueueID, reports.Clean(m.Sender, 60)))
	for _, r := range m.Recipients {
		if r.Outcome.InQueue() {
			s.out.line("               " + reports.Clean(r.Address, 60))
		}
	}
}

// logLines writes those lines of a message in the Exim log that tell most: what
// was wrong with its signature, its arrival and the first deferral.
func (s *story) logLines(id string) error {
	in, err := demoInput(demoLogs[0].file, demoLogs[0].name)
	if err != nil {
		return err
	}
	r, err := in.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	parser := parsers.FormatExim.New(parsers.Options{})
	told := map[parsers.Kind]bool{}
	var ev parsers.Event
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		parser.Parse(line.Text, line.Received, &ev)
		good := ev.Kind == parsers.KindArrived || ev.Kind == parsers.KindDeferred ||
			ev.Kind == parsers.KindSignature && len(ev.Sigs) > 0 && ev.Sigs[0].Algorithm != nil
		if string(ev.ID) == id && good && !told[ev.Kind] {
			told[ev.Kind] = true
			s.out.quote(2, show(line.Text))
		}
	}
}

// finding is what dkimwatch says.
func (s *story) finding(context.Context) error {
	s.heading("dkimwatch read the same logs, and asked DNS")
	s.command("dkimwatch scan --store " + demoPath + " >/dev/null")
	s.command("dkimwatch report --since 2h --domain " + demoDomain)
	s.out.text(0, "(On a mail server itself: just dkimwatch scan. These keep mail for 6 hours, so the configuration says queue_lifetime: 6h.)")
	s.out.line("")
	return s.print(s.ofDomain(), s.text)
}

// print writes the first parts of a report.
func (s *story) print(r *reports.Report, o reports.TextOptions) error {
	var all strings.Builder
	if err := reports.WriteText(&all, r, o); err != nil {
		return err
	}
	parts := strings.SplitN(strings.TrimSpace(all.String()), "\n\n", partsShown+1)
	s.out.line(strings.Join(parts[:min(len(parts), partsShown)], "\n\n"))
	return nil
}

// cure is what happens when the key is there.
func (s *story) cure(ctx context.Context) error {
	s.world.now = s.world.now.Add(untilPublished)
	if err := s.world.publish(); err != nil {
		return err
	}
	s.heading("You tell the sender; two minutes later the key is published")
	s.out.text(0, "(From here on the demo's DNS has it.) The command beside Check shows it:")
	s.out.line("")
	key := dkim.KeyName{Selector: demoSelector, Domain: demoDomain}
	s.command("dig +short TXT " + strings.TrimSuffix(key.String(), "."))
	v := s.world.checker().Check(ctx, key)
	if err := ctx.Err(); err != nil {
		return err
	}
	s.out.line("  " + reports.Clean(strconv.Quote(v.Record), s.out.width-4))
	s.out.line("")
	s.out.text(0, "So the same logs, looked at again, say:")
	s.out.line("")
	s.command("dkimwatch scan --store " + demoPath + " >/dev/null")
	s.command("dkimwatch report --since 2h --domain " + demoDomain)
	s.out.line("")
	if err := s.look(ctx); err != nil {
		return err
	}
	if err := s.print(s.ofDomain(), s.text); err != nil {
		return err
	}
	s.out.line("")
	s.out.text(0, "What stands beside Retry delivers it now, not at each message's next turn.")
	return nil
}

// report is what else the logs hold.
func (s *story) report(context.Context) error {
	s.heading("That was one sender. The same logs hold more:")
	s.command("dkimwatch report --since 2h --incidents 0")
	s.out.line("")
	o := s.text
	o.MaxIncidents = -1
	if err := s.print(s.whole, o); err != nil {
		return err
	}
	s.out.line("")
	s.out.text(0, "To see it with your own mail: dkimwatch scan, as root or in the group that may read the logs. "+
		"It changes nothing and writes to nobody. With --store it keeps what it found: then dkimwatch stuck lists all that waits, "+
		"and dkimwatch report sums up a period. How a line of a log is understood: dkimwatch explain.")
	return nil
}

// brief tells it all in a few lines.
func (s *story) brief(ctx context.Context) error {
	if err := s.look(ctx); err != nil {
		return err
	}
	s.briefly()
	s.world.now = s.world.now.Add(untilPublished)
	if err := s.world.publish(); err != nil {
		return err
	}
	if err := s.look(ctx); err != nil {
		return err
	}
	s.briefly()
	for _, c := range s.incident().Commands {
		if c.Purpose == "retry" {
			s.out.line("       " + c.Line)
		}
	}
	s.out.line(fmt.Sprintf("All logs: %d incidents", len(s.whole.Incidents)))
	return nil
}

// briefly tells how things stand.
func (s *story) briefly() {
	in := s.incident()
	s.out.line(fmt.Sprintf("%s  %s._domainkey.%s", s.world.now.Format("15:04"), in.Selector, in.Domain))
	s.out.text(7, fmt.Sprintf("%s; messages held: %d; the log said %s; DNS says %s, fault: %s",
		in.State, in.Stuck, in.Cause, in.Verdict.Status, in.Verdict.Fault))
}

// incident is the one of the story's key.
func (s *story) incident() reports.Incident {
	r := s.ofDomain()
	return reports.ViewIncident(&r.Incidents[0], r.Messages, s.world.now)
}
