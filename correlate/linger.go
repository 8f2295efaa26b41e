package correlate

import "time"

// How long an ended message is kept for lines that come late, in log time. What
// was refused is kept longer: Exim's reject log, with the headers, may be read
// from another file.
const (
	lingerEnded   = 5 * time.Second
	lingerRefused = 60 * time.Second
)

// lingerer is an ended message that waits for late lines. Its record may be
// another message's by the time that the wait is over.
type lingerer struct {
	until time.Time
	rec   int32
	hash  uint64
}

// lingerers waits for all whose wait is equally long: who comes first leaves
// first.
type lingerers struct {
	queue []lingerer
	gone  int // of the queue
}

func (l *lingerers) add(w lingerer) {
	if l.gone > len(l.queue)/2 {
		l.queue = l.queue[:copy(l.queue, l.queue[l.gone:])]
		l.gone = 0
	}
	l.queue = append(l.queue, w)
}

// first is who leaves next, or nil.
func (l *lingerers) first() *lingerer {
	if l.gone == len(l.queue) {
		return nil
	}
	return &l.queue[l.gone]
}

// linger keeps an ended message for late lines.
func (t *Tracker) linger(o *open, i int32) {
	if o.has(lingering) {
		return
	}
	o.flags |= lingering
	if o.has(refused) {
		t.refused.add(lingerer{t.now.Add(lingerRefused), i, o.hash})
	} else {
		t.ended.add(lingerer{t.now.Add(lingerEnded), i, o.hash})
	}
}

// letGo hands over the ended messages whose time for late lines is up. Of two
// whose time is up at once, the refused one has waited longer.
func (t *Tracker) letGo(now time.Time) {
	for {
		from, w := &t.refused, t.refused.first()
		if e := t.ended.first(); w == nil || e != nil && e.until.Before(w.until) {
			from, w = &t.ended, e
		}
		if w == nil || !w.until.Before(now) {
			return
		}
		from.gone++
		if o := t.records.at(w.rec); o.hash == w.hash && o.has(lingering) {
			t.finish(w.rec)
		}
	}
}
