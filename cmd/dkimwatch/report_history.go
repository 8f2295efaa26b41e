package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/reports"
	"github.com/dkimwatch/dkimwatch/store"
)

// history is the store, open for reading.
type history struct {
	db  *store.DB
	cfg *configs.Config
}

// openHistory opens the store that the configuration names, or the usual one.
func openHistory(ctx context.Context, cfg *configs.Config) (*history, error) {
	path, err := pathToRead(cfg.Store.Path, systemStore, userStore())
	if err != nil {
		return nil, err
	}
	db, err := store.OpenReadOnly(ctx, path, store.Options{})
	switch {
	case errors.Is(err, store.ErrNoStore):
		return nil, fmt.Errorf("there is no history in %s yet; run `dkimwatch scan --store` first", path)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w; read it as a member of its group, or with sudo", err)
	case err != nil:
		return nil, err
	}
	return &history{db, cfg}, nil
}

func (h *history) Close() error { return h.db.Close() }

// report reads what a report of the period is about: what was seen in it, and
// what waits since before.
func (h *history) report(ctx context.Context, since, until, asOf time.Time, domain string) (*reports.Report, error) {
	r := h.empty(ctx, asOf)
	r.Since, r.Until = since, until
	for _, f := range []store.Filter{
		{Since: since, Until: until, Domain: domain, Trouble: true},
		{Until: until, Domain: domain, Stuck: true},
	} {
		if err := h.messages(ctx, r, f); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(r.Messages, correlate.ByTime)
	if err := h.incidents(ctx, r, store.IncidentFilter{Since: since, Until: until, Domain: domain}); err != nil {
		return nil, err
	}
	recount(r)
	return r, nil
}

// recount corrects what the incidents of a report with all that waits say of it:
// a scan that only saw messages leave, not their trouble, has told nothing of the
// incident.
func recount(r *reports.Report) {
	for i := range r.Incidents {
		in := &r.Incidents[i]
		if in.Stuck == 0 {
			continue
		}
		in.Stuck, in.Oldest = 0, time.Time{}
		seen := map[string]bool{}
		for _, m := range r.Messages {
			if id := cmp.Or(m.MessageID, m.Host+" "+m.Instance+" "+m.QueueID); heldFor(m, in) && !seen[id] {
				seen[id] = true
				recountMessage(in, m)
			}
		}
		if in.Stuck == 0 {
			in.Deadline, in.DeadlineSource = time.Time{}, ""
		}
	}
}

func recountMessage(in *correlate.Incident, m *correlate.Message) {
	switch {
	case m.Outcome.InQueue():
		in.Stuck++
		if in.Oldest.IsZero() || m.FirstSeen.Before(in.Oldest) {
			in.Oldest = m.FirstSeen
		}
	case m.Outcome == correlate.OutcomeDelivered:
		in.Delivered++
	case m.Outcome == correlate.OutcomeBounced, m.Outcome == correlate.OutcomeExpired:
		in.Bounced++
	}
}

// heldFor reports whether in was seen to hold m, and that was not counted
// otherwise since.
func heldFor(m *correlate.Message, in *correlate.Incident) bool {
	return slices.ContainsFunc(m.Findings, func(f correlate.Finding) bool {
		return f.Harm == correlate.HarmHeldHere && f.Direction == in.Direction && f.Key == in.Key && !f.At.Before(in.Opened)
	})
}

// stuck reads what waits, and the incidents that it waits for.
func (h *history) stuck(ctx context.Context, asOf time.Time, domain string) (*reports.Report, error) {
	r := h.empty(ctx, asOf)
	if err := h.messages(ctx, r, store.Filter{Domain: domain, Stuck: true}); err != nil || len(r.Messages) == 0 {
		return r, err
	}
	if err := h.incidents(ctx, r, store.IncidentFilter{Since: r.Messages[0].FirstSeen}); err != nil {
		return nil, err
	}
	r.Incidents = reports.StuckOnly(r).Incidents
	return r, nil
}

// empty returns a report of nothing. How long mail is kept was found out by the
// scan, unless the configuration says.
func (h *history) empty(ctx context.Context, asOf time.Time) *reports.Report {
	r := &reports.Report{AsOf: asOf, Zone: time.Local}
	if h.cfg.QueueLifetime > 0 {
		r.Lifetime = lifetime(ctx, h.cfg.QueueLifetime, false)
	}
	return r
}

// messages adds to r those that f asks for and that it does not have.
func (h *history) messages(ctx context.Context, r *reports.Report, f store.Filter) error {
	type name struct {
		host, instance, id string
		first              int64 // microseconds: queue ids are used again
	}
	of := func(m *correlate.Message) name {
		return name{m.Host, m.Instance, m.QueueID, m.FirstSeen.UnixMicro()}
	}
	have := map[name]bool{}
	for _, m := range r.Messages {
		have[of(m)] = true
	}
	for m, err := range h.db.EachMessage(ctx, f) {
		if err != nil {
			return err
		}
		if !have[of(&m)] {
			m.Judge(r.AsOf, h.cfg.StuckAfter)
			r.Messages = append(r.Messages, &m)
		}
	}
	return nil
}

func (h *history) incidents(ctx context.Context, r *reports.Report, f store.IncidentFilter) (err error) {
	r.Incidents, err = h.db.Incidents(ctx, f)
	for i := range r.Incidents {
		r.DNSAsked = r.DNSAsked || !r.Incidents[i].Verdict.At.IsZero()
	}
	return err
}

// age tells people how old the knowledge is.
func (h *history) age(w io.Writer, now time.Time) error {
	var last time.Time
	for _, path := range []string{h.db.Path(), h.db.Path() + "-wal"} {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	_, err := fmt.Fprintf(w, "\nAs of the last scan at %s (%s), from %s.\n"+
		"What has left the queue since then is still listed: scan with --store to know.\n", local(last), ago(now.Sub(last)), h.db.Path())
	return err
}

// ago writes how long something is past, in its two largest units.
func ago(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case d < time.Minute:
		return "just now"
	case h == 0:
		return fmt.Sprintf("%dm ago", m)
	case h < 24:
		return fmt.Sprintf("%dh %02dm ago", h, m)
	}
	return fmt.Sprintf("%dd %dh ago", h/24, h%24)
}
