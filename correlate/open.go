package correlate

import (
	"bytes"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// What is kept of one message, besides its texts, at most. A message with more
// is a stranger's joke, or a mailing list whose recipients are not what we are
// here for; what is over is counted in Tracker.Stats.
const (
	maxSignatures = 64
	maxRecipients = 4096
	maxNotes      = 32
	maxRelations  = 64
	maxSpans      = 16
	keptText      = 2048 // bytes of one reply
)

// open is a message whose end has not been seen. What every line looks at comes
// first: a log has thousands of open messages, and the processor's cache has not.
type open struct {
	hash       uint64
	host       int32 // into Tracker.names
	instance   int32
	texts      arena
	id         text
	flags      flags
	next, prev int32 // see list
	program    parsers.Program

	first, last time.Time
	span        span   // where its lines stand
	spans       []span // in other sources
	rcpts       []rcpt
	sigs        []sig

	messageID text
	sender    text
	clientIP  text
	client    text
	helo      text
	size      int64
	expected  int32 // recipients, as Postfix counts them; 0 is not known
	notes     []note
	rels      []rel
}

type flags uint32

const (
	senderKnown  flags = 1 << iota // sender is set, or known to be null
	arrived                        // it came into our queue
	active                         // Postfix's queue manager had it
	ended                          // it left our queue
	refused                        // we did not take it
	temporary                      // … for now
	frozen                         // Exim does not try it
	held                           // Postfix does not try it
	removed                        // by an administrator
	cancelled                      // by an administrator: the rest bounces
	expired                        // Postfix: the rest bounces, its time ran out
	gaveUp                         // the MTA stopped trying: it was too old
	discarded                      // thrown away
	unbounced                      // nobody is told
	bounced                        // somebody is told
	local                          // our own mail going out
	signed                         // … and we signed it
	lingering                      // ended, and kept for late lines
	verifierDown                   // our verifier failed while it came in
	silent                         // the log says no more of it
	inQueueList                    // it is in Tracker.queued
	remarked                       // a signature has a cause, or there are notes
)

func (o *open) has(f flags) bool { return o.flags&f != 0 }

// rcpt is one recipient of an open message.
type rcpt struct {
	addr, top text // as delivered, and as the sender wrote it if that differs
	reply     text
	at        time.Time
	outcome   Outcome
	deferrals int32
	dkim      bool // the last attempt's reply names DKIM
}

// sig is one signature of an open message.
type sig struct {
	domain, selector, algorithm, reason text
	result                              dkim.Result
	cause                               dkim.Cause
	at                                  time.Time
	ours                                bool
}

// note is what was said about the message at the door or by a remote host: every
// text that names DKIM, and the last refusal whatever it names.
type note struct {
	kind             parsers.Kind
	dkim             bool
	text             text
	cause            dkim.Cause
	domain, selector text
	at               time.Time
}

type rel struct {
	id   text
	kind parsers.Relation
}

type span struct {
	source      int32
	first, last int64 // lines
}

func (s *span) add(n int64) { s.first, s.last = min(s.first, n), max(s.last, n) }

func (o *open) setOnce(t *text, b []byte) {
	if t.empty() {
		*t = o.texts.put(b)
	}
}

// see notes that a line of o stands at number in source, and reports whether it
// is later than those before.
func (o *open) see(ev *parsers.Event, source int32) (later bool) {
	if ev.Time != o.last {
		if o.first.IsZero() || ev.Time.Before(o.first) {
			o.first = ev.Time
		}
		if later = ev.Time.After(o.last); later {
			o.last = ev.Time
		}
	}
	o.place(source, int64(ev.Seq))
	return later
}

// place adds line number n of source to o's spans.
func (o *open) place(source int32, n int64) {
	if o.span.source == source {
		o.span.add(n)
		return
	}
	for i := range o.spans {
		if s := &o.spans[i]; s.source == source {
			s.add(n)
			return
		}
	}
	if 1+len(o.spans) < maxSpans {
		o.spans = append(o.spans, span{source, n, n})
	}
}

// recipient returns o's entry for addr, which the sender may have written as
// top. A deferral while routing names the top address alone, and the delivery
// later names both, so either will do.
func (o *open) recipient(addr, top []byte) *rcpt {
	for i := range o.rcpts {
		if r := &o.rcpts[i]; sameAddress(o.texts.get(r.addr), addr) && (len(top) == 0 || r.top.empty() || sameAddress(o.texts.get(r.top), top)) {
			if r.top.empty() && len(top) > 0 {
				r.top = o.texts.put(top)
			}
			return r
		}
	}
	if len(top) > 0 {
		for i := range o.rcpts {
			if r := &o.rcpts[i]; r.top.empty() && r.outcome == OutcomeQueued && sameAddress(o.texts.get(r.addr), top) {
				r.top = r.addr
				r.addr = o.texts.put(addr)
				return r
			}
		}
	}
	if len(o.rcpts) >= maxRecipients {
		return nil
	}
	o.rcpts = append(o.rcpts, rcpt{addr: o.texts.put(addr), top: o.texts.put(top)})
	return &o.rcpts[len(o.rcpts)-1]
}

func sameAddress(a, b []byte) bool {
	return len(a) == len(b) && (bytes.Equal(a, b) || bytes.EqualFold(a, b))
}

// signature merges what one line says of one signature into o. Lines of
// different depth tell of the same signature: the more telling one wins, and a
// line without a selector or a domain belongs to the signature it may mean.
func (o *open) signature(s *parsers.Signature, at time.Time, ours bool) *sig {
	found := o.findSig(s, ours)
	if found == nil && s.Result == dkim.ResultUnknown {
		found = o.lastNameless()
	}
	if found == nil {
		if len(o.sigs) >= maxSignatures {
			return nil
		}
		o.sigs = append(o.sigs, sig{at: at, ours: ours})
		found = &o.sigs[len(o.sigs)-1]
	}
	o.setOnce(&found.domain, s.Domain)
	o.setOnce(&found.selector, s.Selector)
	o.setOnce(&found.algorithm, s.Algorithm)
	switch {
	case s.Cause.MoreSpecific(found.cause),
		s.Result == dkim.ResultPass && !found.cause.Key():
		found.cause, found.result = s.Cause, s.Result
		if s.Cause != dkim.CauseNone {
			o.flags |= remarked
		}
		if len(s.Reason) > 0 {
			o.texts.set(&found.reason, s.Reason[:min(len(s.Reason), keptText)])
		}
	case found.result == dkim.ResultUnknown:
		found.result = s.Result
		o.setOnce(&found.reason, s.Reason[:min(len(s.Reason), keptText)])
	}
	return found
}

// findSig returns o's entry for s: the same key, or the same domain where one of
// the two lines names no selector. A pass without a selector (Exim's "DKIM=" on
// the arrival line) is never taken for a signature whose key failed.
func (o *open) findSig(s *parsers.Signature, ours bool) *sig {
	var near *sig
	for i := range o.sigs {
		have := &o.sigs[i]
		if have.ours != ours || !bytes.EqualFold(o.texts.get(have.domain), s.Domain) {
			continue
		}
		selector := o.texts.get(have.selector)
		if bytes.EqualFold(selector, s.Selector) {
			return have
		}
		if near == nil && len(s.Domain) > 0 && (len(selector) == 0 || len(s.Selector) == 0) &&
			(s.Result != dkim.ResultPass || have.cause == dkim.CauseNone) {
			near = have
		}
	}
	return near
}

// lastNameless returns the verdict that came last, if it names no signature.
// OpenDKIM first says how it went and then, on a line without a verdict, of which
// signature it spoke.
func (o *open) lastNameless() *sig {
	if n := len(o.sigs); n > 0 && o.sigs[n-1].domain.empty() && !o.sigs[n-1].ours {
		return &o.sigs[n-1]
	}
	return nil
}
