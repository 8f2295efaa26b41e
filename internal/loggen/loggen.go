// Package loggen writes mail logs of any size that look like those of a busy
// server: Exim's main log with log_selector = +dkim_verbose, or Postfix's with
// OpenDKIM beside it. They serve benchmarks and tests of scale; what real
// programs wrote is better for everything else.
//
// All names are reserved for documentation (RFC 2606), all addresses for
// benchmarks or documentation (RFC 2544, RFC 3849).
package loggen

import (
	"bufio"
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// MTA is whose log is written.
type MTA uint8

// The mail servers.
const (
	Exim    MTA = iota // message ids of 4.97 and later: 6-11-4 characters
	EximOld            // message ids up to 4.96: 6-6-2 characters
	Postfix            // with OpenDKIM, through a traditional syslog
)

// Options say what log to write. Zero values mean the defaults.
type Options struct {
	MTA      MTA
	Size     int64     // bytes; the log ends with the line that reaches it
	Seed     uint64    // the same options give the same bytes
	InFlight int       // messages on their way at any time, 2,000 by default
	Trouble  float64   // share of messages whose key cannot be had, 0.02 by default
	Start    time.Time // of the first line; 2026-03-01, 00:00 UTC by default
}

// Contents is what was written.
type Contents struct {
	Lines, Bytes int64
	Messages     int64 // that have a line
	Completed    int64 // that left the queue
	Refused      int64 // that were refused while being sent, for good or not
	Trouble      int64 // with key trouble
	Open         int64 // that were neither completed nor refused at the end
}

// Generate writes a log to w and returns what is in it. The error is that of w.
func Generate(w io.Writer, o Options) (Contents, error) {
	if o.InFlight <= 0 {
		o.InFlight = 2000
	}
	if o.Trouble == 0 {
		o.Trouble = 0.02
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	}
	g := &generator{opts: o, rng: rand.New(rand.NewPCG(o.Seed, 0x6c6f67)), out: bufio.NewWriterSize(w, 1<<20), now: o.Start.UTC()}
	g.world = newWorld(g.rng)
	return g.run()
}

// generator keeps the messages that are on their way, and writes the line that
// is due next.
type generator struct {
	opts  Options
	rng   *rand.Rand
	world world
	out   *bufio.Writer
	now   time.Time
	stamp []byte // of second
	sec   int64

	queue    queue
	messages int64 // begun so far
	active   int   // on their way, without those that wait for a retry
	pid      int
	done     Contents
}

// message is one message's lines that are still to come.
type message struct {
	due    time.Time
	number int64 // orders messages that are due at the same time
	lines  []line
	next   int
	parked bool // waits for a retry
}

// line is one line without its stamp.
type line struct {
	after time.Duration // since the message's line before
	text  []byte
	mark  mark
}

// mark is what a line means for Contents.
type mark uint8

const (
	markNone      mark = iota
	markTrouble        // the message has key trouble
	markRefused        // the message is over: refused
	markCompleted      // the message is over
	markDeferred       // the message waits for a retry
)

// noise is the share of lines that belong to no message.
const noise = 0.18

func (g *generator) run() (Contents, error) {
	for g.done.Bytes < g.opts.Size {
		for g.active < g.opts.InFlight {
			g.begin()
		}
		m := g.queue[0]
		g.now = m.due
		if err := g.step(m); err != nil {
			return g.done, err
		}
		for g.rng.Float64() < noise {
			if err := g.write(g.noiseLine()); err != nil {
				return g.done, err
			}
		}
	}
	g.done.Messages = g.done.Completed + g.done.Refused
	for _, m := range g.queue {
		if m.next > 0 {
			g.done.Open++
			g.done.Messages++
		}
	}
	return g.done, g.out.Flush()
}

// begin lets one more message arrive.
func (g *generator) begin() {
	m := &message{number: g.messages}
	g.messages++
	g.active++
	if g.opts.MTA == Postfix {
		g.postfix(m)
	} else {
		g.exim(m)
	}
	m.due = g.now.Add(m.lines[0].after)
	if m.number < int64(g.opts.InFlight) { // at the beginning, not all at once
		m.due = m.due.Add(g.between(0, 20))
	}
	heap.Push(&g.queue, m)
}

// step writes the next line of m, which is the first of the queue.
func (g *generator) step(m *message) error {
	l := m.lines[m.next]
	m.next++
	if err := g.write(l.text); err != nil {
		return err
	}
	switch l.mark {
	case markTrouble:
		g.done.Trouble++
	case markRefused:
		g.done.Refused++
	case markCompleted:
		g.done.Completed++
	}
	if parked := l.mark == markDeferred; parked != m.parked {
		m.parked = parked
		if parked {
			g.active--
		} else {
			g.active++
		}
	}
	if m.next == len(m.lines) {
		heap.Pop(&g.queue)
		g.active--
		return nil
	}
	m.due = g.now.Add(m.lines[m.next].after)
	heap.Fix(&g.queue, 0)
	return nil
}

// write writes one line with its stamp.
func (g *generator) write(text []byte) error {
	if sec := g.now.Unix(); sec != g.sec {
		g.sec = sec
		if g.opts.MTA == Postfix {
			g.stamp = append(g.now.AppendFormat(g.stamp[:0], "Jan _2 15:04:05"), " mx1 "...)
		} else {
			g.stamp = g.now.AppendFormat(g.stamp[:0], "2006-01-02 15:04:05 ")
		}
	}
	n, err := g.out.Write(g.stamp)
	if err != nil {
		return err
	}
	k, err := g.out.Write(text)
	if err != nil {
		return err
	}
	if err := g.out.WriteByte('\n'); err != nil {
		return err
	}
	g.done.Lines++
	g.done.Bytes += int64(n + k + 1)
	return nil
}

func (g *generator) noiseLine() []byte {
	if g.opts.MTA == Postfix {
		return g.postfixNoise()
	}
	return g.eximNoise()
}

// add plans a line, between so many seconds after the one before.
func (g *generator) add(m *message, from, to float64, mk mark, format string, args ...any) {
	m.lines = append(m.lines, line{g.between(from, to), fmt.Appendf(nil, format, args...), mk})
}

// between returns a duration between so many seconds.
func (g *generator) between(from, to float64) time.Duration {
	return time.Duration((from + g.rng.Float64()*(to-from)) * float64(time.Second))
}

// chance is true in p of all cases.
func (g *generator) chance(p float64) bool { return g.rng.Float64() < p }

// queue is a heap of messages, the next one due first.
type queue []*message

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if !q[i].due.Equal(q[j].due) {
		return q[i].due.Before(q[j].due)
	}
	return q[i].number < q[j].number
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*message)) }
func (q *queue) Pop() any {
	old := *q
	m := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return m
}
