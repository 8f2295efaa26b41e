package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"sync/atomic"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/sources"
)

// Checker asks DNS for keys again. *dkim.Checker is one.
type Checker interface {
	CheckAll(ctx context.Context, keys []dkim.KeyName, found func(dkim.Verdict)) error
}

// Scan reads logs once, from whatever inputs in whatever order, and says what
// happened. The zero value with Inputs, Host and Now set is ready.
type Scan struct {
	Inputs []*sources.Input
	Host   string // for lines that name none

	// Location is the zone of stamps that name none; nil means to find it out
	// from the log where that is possible, else Local.
	Location *time.Location
	Local    *time.Location

	Since time.Time // messages and incidents that were over before are left out; zero keeps all
	Until time.Time // lines after it are not looked at; zero reads all
	AsOf  time.Time // when to judge; zero means Until, or Now for a log that goes on, else its end
	Now   time.Time

	StuckAfter time.Duration
	MaxOpen    int
	All        bool // also hand over messages without any trouble
	// Follow, if set, tells which messages are known from before. What these
	// logs say of them is in Result.Known if it is not in Messages: the lines
	// that tell of their trouble may be in older logs.
	Follow   func(m *correlate.Message) bool
	Lifetime func(mta string) (time.Duration, string)

	Checker Checker // nil: DNS is not asked

	read atomic.Int64
}

// Result is what a Scan found.
type Result struct {
	Messages  []*correlate.Message // by time; those with findings, or all
	Known     []*correlate.Message // by time; others that Scan.Follow wants
	Incidents []correlate.Incident // the worst first
	Sources   []*Source            // in the order of Inputs
	Other     []correlate.Other    // DKIM trouble that is not the key's, the most frequent first
	Tracker   correlate.Stats
	KeysLeft  int64     // sightings of keys that were not followed because there were too many
	First     time.Time // of all lines
	Last      time.Time
	AsOf      time.Time
}

// liveWithin is how fresh a log's last line must be for the log to be taken for
// one that goes on.
const liveWithin = 24 * time.Hour

// Run scans. It returns an error only if ctx ends; what is wrong with one input
// stands in its Source, and the others are read all the same.
func (s *Scan) Run(ctx context.Context) (*Result, error) {
	res := &Result{}
	list := s.open(res)
	ledger := &correlate.Ledger{Lifetime: s.Lifetime}
	tracker := &correlate.Tracker{
		All: s.All || s.Follow != nil, Max: s.MaxOpen, Keys: ledger,
		Done: func(m *correlate.Message) {
			if s.All || len(m.Findings) > 0 || s.Follow(m) {
				res.Messages = append(res.Messages, m)
			}
		},
	}
	for _, src := range res.Sources {
		tracker.Files = append(tracker.Files, src.Name)
	}
	if err := s.merge(ctx, list, tracker); err != nil {
		return nil, err
	}
	tracker.Flush()
	res.Tracker = tracker.Stats
	s.judge(res, tracker, ledger)
	if s.Checker != nil {
		if err := s.recheck(ctx, res, ledger); err != nil {
			return nil, err
		}
	}
	res.Incidents = slices.DeleteFunc(ledger.Incidents(res.AsOf), func(in correlate.Incident) bool {
		return in.LastSeen.Before(s.Since) && in.Stuck == 0
	})
	res.Other = tracker.Other()
	res.KeysLeft = ledger.Dropped
	return res, nil
}

// Progress returns how many bytes have been read so far, as they are on disk or
// in the pipe. It may be called while Run runs.
func (s *Scan) Progress() int64 { return s.read.Load() }

// open recognises the inputs and puts them in the order of their first lines.
func (s *Scan) open(res *Result) []*candidate {
	seed := maphash.MakeSeed()
	var list []*candidate
	for i, in := range s.Inputs {
		stats := &Source{Name: baseName(in.Name)}
		res.Sources = append(res.Sources, stats)
		c, err := s.recognise(in, stats, seed)
		stats.Err = err
		if c != nil {
			c.index, c.read = i, &s.read
			list = append(list, c)
		}
	}
	list = withoutDuplicates(list)
	nameHosts(list, s.Host)
	slices.SortStableFunc(list, func(a, b *candidate) int {
		return cmp.Or(a.begin.Compare(b.begin), cmp.Compare(a.stats.Name, b.stats.Name))
	})
	return list
}

// merge feeds the tracker with all inputs' events in the order of time: rotated
// files one after the other, files that run side by side in step.
func (s *Scan) merge(ctx context.Context, pending []*candidate, tracker *correlate.Tracker) error {
	var active []*cursor
	defer func() {
		for _, c := range active {
			c.close(nil)
		}
	}()
	for n := 0; ; n++ {
		first := earliest(active)
		for len(pending) > 0 && (first == nil || !pending[0].begin.After(first.at)) {
			c := pending[0].cursor
			pending = pending[1:]
			if s.start(c) {
				active = append(active, c)
				first = earliest(active)
			}
		}
		if first == nil {
			return nil
		}
		// Go on with this one as long as nobody else is due.
		limit := nextDue(active, first, pending)
		for limit.IsZero() || !first.at.After(limit) {
			if n++; n%4096 == 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			if s.Until.IsZero() || !first.ev.Time.After(s.Until) {
				if len(first.ev.Host) == 0 {
					first.ev.Host = first.host
				}
				tracker.Add(&first.ev, first.index)
			}
			ok, err := first.advance()
			if !ok {
				first.close(err)
				active = slices.DeleteFunc(active, func(c *cursor) bool { return c == first })
				break
			}
		}
	}
}

// earliest returns the cursor whose event is due, the first of several.
func earliest(active []*cursor) *cursor {
	var due *cursor
	for _, c := range active {
		if due == nil || c.at.Before(due.at) {
			due = c
		}
	}
	return due
}

// nextDue is when somebody other than first is due; zero is never.
func nextDue(active []*cursor, first *cursor, pending []*candidate) time.Time {
	var due time.Time
	note := func(t time.Time) {
		if due.IsZero() || t.Before(due) {
			due = t
		}
	}
	for _, c := range active {
		if c != first {
			note(c.at)
		}
	}
	if len(pending) > 0 {
		note(pending[0].begin)
	}
	return due
}

// start opens c and moves it to its first event.
func (s *Scan) start(c *cursor) bool {
	r, err := c.input.Open()
	if err != nil {
		c.stats.Err = err
		return false
	}
	c.reader = r
	ok, err := c.advance()
	if !ok {
		c.close(err)
		return false
	}
	return true
}

// judge says how things stand at the time of judgement, and tells the ledger.
func (s *Scan) judge(res *Result, tracker *correlate.Tracker, ledger *correlate.Ledger) {
	for _, src := range res.Sources {
		if src.Last.IsZero() {
			continue
		}
		if res.First.IsZero() || src.First.Before(res.First) {
			res.First = src.First
		}
		if src.Last.After(res.Last) {
			res.Last = src.Last
		}
	}
	if !s.Until.IsZero() && res.Last.After(s.Until) {
		res.Last = s.Until
	}
	res.AsOf = s.asOf(res.Last)
	correlate.Join(res.Messages)
	slices.SortStableFunc(res.Messages, correlate.ByTime)
	for _, m := range res.Messages {
		m.Judge(res.AsOf, s.StuckAfter)
		ledger.Expired(m)
	}
	for _, m := range res.Messages {
		ledger.Observe(m)
	}
	res.Messages = slices.DeleteFunc(res.Messages, func(m *correlate.Message) bool {
		drop := !s.All && len(m.Findings) == 0 || m.LastSeen.Before(s.Since) && !m.Outcome.InQueue()
		if drop && s.Follow != nil && s.Follow(m) {
			res.Known = append(res.Known, m)
		}
		return drop
	})
}

// asOf is the time of judgement. The log's own end is never in its future: a
// message is not younger than the last line that we have.
func (s *Scan) asOf(last time.Time) time.Time {
	at := s.AsOf
	if at.IsZero() {
		at = s.Now
		if !last.IsZero() && last.Before(s.Now.Add(-liveWithin)) {
			at = last
		}
		if !s.Until.IsZero() && s.Until.Before(at) {
			at = s.Until
		}
	}
	if last.After(at) {
		return last
	}
	return at
}

// maxRechecks is how many keys one scan asks DNS for, the worst incidents first.
// Spam invents selectors by the thousand.
const maxRechecks = 500

// recheck asks DNS for the keys of the incidents that are not over.
func (s *Scan) recheck(ctx context.Context, res *Result, ledger *correlate.Ledger) error {
	var keys []dkim.KeyName
	for _, in := range ledger.Incidents(res.AsOf) {
		if len(keys) == maxRechecks {
			break
		}
		if in.Direction != correlate.Own && in.Key.Selector != "" && !slices.Contains(keys, in.Key) {
			keys = append(keys, in.Key)
		}
	}
	if err := s.Checker.CheckAll(ctx, keys, ledger.Recheck); err != nil {
		return fmt.Errorf("recheck: %w", err)
	}
	return nil
}
