package correlate

import (
	"bytes"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// How long a message may be silent. One that was coming in was given up by its
// sender. One in the queue is tried every few hours, so its end was not logged
// or is lost.
const (
	idleIncoming = time.Hour
	idleQueued   = 5 * 24 * time.Hour
)

// Tracker joins events into messages. It keeps no clock: time is the events'
// time, so replaying a log gives what watching it gave. The zero Tracker, with
// Done set, is ready. One goroutine owns it.
type Tracker struct {
	// Done takes each message that is over and had trouble, or, with All, each
	// message. It owns the message.
	Done func(*Message)
	All  bool
	// Max is how many messages may be open at once; beyond it, the longest
	// silent one is given up. 0 means DefaultMaxOpen.
	Max int
	// Files names the sources that Add is told of.
	Files []string
	// Keys, if set, is told of every good and bad sign of a key as it comes.
	Keys *Ledger

	Stats Stats

	table    table
	records  records
	incoming list // open messages that have not arrived, by their last line
	queued   list // those that have
	closed   ring
	ended    lingerers
	refused  lingerers

	names    []string // hosts and instances, interned
	byName   map[string]int32
	lastName int32

	chains chains
	scans  scans
	milter milters
	door   unqueued
	other  map[otherKey]*Other
	now    time.Time // of the latest event
}

// DefaultMaxOpen is how many messages may be open at once by default.
const DefaultMaxOpen = 1_000_000

// Stats counts what a Tracker did.
type Stats struct {
	Events     int64
	Messages   int64 // begun
	Evicted    int64 // given up, because Max were open
	Silent     int64 // given up, because the log said no more of them for days
	Late       int64 // lines of a message that had been handed over
	Unattached int64 // signature lines that belong to no message we know
	Repeated   int64 // "last message repeated" lines
	Lost       int64 // lines that the logging system says it lost
}

// Open returns how many messages are open.
func (t *Tracker) Open() int { return t.table.n }

// Add takes one event from the source with the given index in Files. It copies
// what it keeps.
func (t *Tracker) Add(ev *parsers.Event, source int) {
	t.Stats.Events++
	switch ev.Kind {
	case parsers.KindIgnored, parsers.KindMalformed:
		return
	case parsers.KindRepeated:
		t.Stats.Repeated += int64(ev.Count)
		return
	case parsers.KindLost:
		t.Stats.Lost += int64(ev.Count)
		return
	}
	if ev.Time != t.now && ev.Time.After(t.now) {
		t.now = ev.Time
		t.letGo(ev.Time)
		t.forget(ev.Time)
	}
	if ev.Kind == parsers.KindVerifier {
		t.milter.down(t.intern(ev.Host), ev)
		if t.Keys != nil {
			t.Keys.verifierDown(ev)
		}
		return
	}
	if len(ev.ID) == 0 {
		t.unidentified(ev, source)
		return
	}
	i := t.record(ev, int32(source))
	if i < 0 {
		t.Stats.Late++
		return
	}
	o := t.records.at(i)
	later := o.see(ev, int32(source))
	t.apply(o, i, ev)
	if later || o.has(arrived) && !o.has(inQueueList) {
		t.touch(i)
	}
}

// unidentified takes an event that names no message: of a scan whose number its
// summary will tie to one, of one that can be found by what it says, or of mail
// that we put off before it had a queue id.
func (t *Tracker) unidentified(ev *parsers.Event, source int) {
	switch {
	case len(ev.Tag) > 0:
		t.scans.keep(ev)
		return
	case ev.Kind == parsers.KindRefused:
		t.door.refuse(t, ev, source)
		return
	case ev.Kind == parsers.KindSignature && ev.Program == parsers.ProgramDkimpy:
		if o := t.inCleanup(ev); o != nil {
			for i := range ev.Sigs {
				o.signature(&ev.Sigs[i], ev.Time, false)
			}
			return
		}
	}
	if ev.Kind == parsers.KindSignature || ev.Kind == parsers.KindScan {
		t.Stats.Unattached++
	}
}

// anyInstance is the instance of a message that only a verifier has spoken of
// so far: verifiers do not say which Postfix they work for.
const anyInstance int32 = -1

// record returns the open record of ev's message, a new one if need be, or -1 if
// the line is a late one of a message that is over.
func (t *Tracker) record(ev *parsers.Event, source int32) int32 {
	host, instance := t.intern(ev.Host), anyInstance
	if ev.Program == parsers.ProgramPostfix || ev.Program == parsers.ProgramExim {
		instance = t.intern(ev.Instance)
	}
	hash := hashBytes(uint64(host), ev.ID)
	i := t.find(hash, host, instance, ev.ID)
	begins := ev.Program == parsers.ProgramPostfix && (ev.Kind == parsers.KindArrived || ev.Kind == parsers.KindMessageID)
	if i >= 0 {
		o := t.records.at(i)
		if !begins || !o.has(lingering) || ev.Kind == parsers.KindMessageID && o.messageID.empty() {
			if o.instance == anyInstance {
				o.instance, o.program = instance, ev.Program
			}
			return i
		}
		t.finish(i) // the queue id is used again
	} else if !begins && t.closed.has(hash) {
		return -1
	}
	i = t.begin(hash, host, instance, ev)
	n := int64(ev.Seq)
	t.records.at(i).span = span{source, n, n}
	return i
}

// find returns the open record of a message, or -1.
func (t *Tracker) find(hash uint64, host, instance int32, id []byte) int32 {
	s := t.table.search(hash)
	for i := t.table.next(&s); i >= 0; i = t.table.next(&s) {
		o := t.records.at(i)
		if o.host == host && (o.instance == instance || o.instance == anyInstance || instance == anyInstance) &&
			bytes.Equal(o.texts.get(o.id), id) {
			return i
		}
	}
	return -1
}

func (t *Tracker) begin(hash uint64, host, instance int32, ev *parsers.Event) int32 {
	limit := t.Max
	if limit <= 0 {
		limit = DefaultMaxOpen
	}
	if t.table.n >= limit {
		t.Stats.Evicted++
		t.finish(t.longestSilent())
	}
	i := t.records.take()
	o := t.records.at(i)
	o.hash, o.host, o.instance = hash, host, instance
	o.program = ev.Program
	o.id = o.texts.put(ev.ID)
	t.table.add(hash, i)
	t.incoming.add(&t.records, i)
	t.Stats.Messages++
	return i
}

// intern returns a small number for a host or instance name; the empty name is
// 0. There are few of them; a stranger who can invent host names gets the last
// number.
func (t *Tracker) intern(b []byte) int32 {
	const most = 1 << 16
	if t.byName == nil {
		t.byName = map[string]int32{"": 0}
		t.names = []string{""}
	}
	if len(b) == 0 {
		return 0
	}
	if n := t.lastName; t.names[n] == string(b) {
		return n // nearly always: lines of one host follow each other
	}
	n, ok := t.byName[string(b)]
	switch {
	case ok:
	case len(t.names) >= most:
		n = int32(len(t.names) - 1)
	default:
		n = int32(len(t.names))
		t.names = append(t.names, string(b))
		t.byName[t.names[n]] = n
	}
	t.lastName = n
	return n
}

// finish takes message i out and hands it over if anybody wants it.
func (t *Tracker) finish(i int32) {
	o := t.records.at(i)
	t.table.remove(o.hash, i)
	t.listOf(o).remove(&t.records, i)
	t.closed.add(o.hash)
	if t.Done != nil {
		t.conclude(o)
	}
	t.records.release(i)
}

// Flush hands over every message, at the end of input.
func (t *Tracker) Flush() {
	for _, l := range []*list{&t.incoming, &t.queued} {
		for l.oldest != 0 {
			t.finish(l.oldest - 1)
		}
	}
	t.ended, t.refused = lingerers{}, lingerers{}
	t.chains.flush(t)
	t.door.flush(t)
}

// forget hands over the messages that have been silent for too long.
func (t *Tracker) forget(now time.Time) {
	for t.incoming.oldest != 0 {
		i := t.incoming.oldest - 1
		if now.Sub(t.records.at(i).last) <= idleIncoming {
			break
		}
		t.finish(i)
	}
	for t.queued.oldest != 0 {
		i := t.queued.oldest - 1
		o := t.records.at(i)
		if now.Sub(o.last) <= idleQueued {
			break
		}
		if o.has(held | frozen) { // what is on hold says nothing for weeks
			t.queued.remove(&t.records, i)
			t.queued.add(&t.records, i)
			break
		}
		o.flags |= silent
		t.Stats.Silent++
		t.finish(i)
	}
}

func (t *Tracker) listOf(o *open) *list {
	if o.has(inQueueList) {
		return &t.queued
	}
	return &t.incoming
}

// touch makes i the latest of its list, which may be another one now. It is not
// needed after another line of the same second, which most are.
func (t *Tracker) touch(i int32) {
	o := t.records.at(i)
	from := t.listOf(o)
	if o.has(arrived) {
		o.flags |= inQueueList
	}
	if to := t.listOf(o); to != from || to.newest != i+1 {
		from.remove(&t.records, i)
		to.add(&t.records, i)
	}
}

// longestSilent is the open message that has been silent for the longest time.
func (t *Tracker) longestSilent() int32 {
	a, b := t.incoming.oldest, t.queued.oldest
	if a == 0 || b != 0 && t.records.at(b-1).last.Before(t.records.at(a-1).last) {
		return b - 1
	}
	return a - 1
}

// milters remembers when each host's verifier failed last.
type milters struct {
	at map[int32]time.Time
}

// milterGrace is how long after a milter's failure a refusal without a reason of
// its own is taken for its consequence.
const milterGrace = 10 * time.Second

func (m *milters) down(host int32, ev *parsers.Event) {
	if m.at == nil {
		m.at = map[int32]time.Time{}
	}
	m.at[host] = ev.Time
}

func (m *milters) failed(host int32, at time.Time) bool {
	last, ok := m.at[host]
	return ok && at.Sub(last).Abs() <= milterGrace
}

// inCleanup finds the message that a verifier without queue ids speaks of: the
// milter judges between Postfix's "message-id=" and "queue active", so it is
// one of the few messages that are between the two; of several, the one whose
// envelope or Message-ID has the signing domain.
func (t *Tracker) inCleanup(ev *parsers.Event) *open {
	host := t.intern(ev.Host)
	var only, named *open
	n := 0
	for i, steps := t.incoming.newest, 0; i != 0 && steps < 64; steps++ {
		o := t.records.at(i - 1)
		i = o.prev
		if o.host != host || o.messageID.empty() || o.has(active|ended|refused) {
			continue
		}
		n++
		only = o
		for k := range ev.Sigs {
			if d := ev.Sigs[k].Domain; len(d) > 0 && domainOf(o.texts.get(o.messageID), d) {
				named = o
			}
		}
	}
	if named != nil {
		return named
	}
	if n == 1 {
		return only
	}
	return nil
}

// domainOf reports whether the part of addr after "@" is domain or below it.
func domainOf(addr, domain []byte) bool {
	at := bytes.LastIndexByte(addr, '@')
	if at < 0 {
		return false
	}
	host := addr[at+1:]
	if len(host) < len(domain) || !bytes.EqualFold(host[len(host)-len(domain):], domain) {
		return false
	}
	return len(host) == len(domain) || host[len(host)-len(domain)-1] == '.'
}

// sign tells the ledger of every key that ev speaks of.
func (t *Tracker) sign(s *parsers.Signature, at time.Time) {
	if t.Keys == nil || len(s.Domain) == 0 {
		return
	}
	switch {
	case s.Result == dkim.ResultPass:
		t.Keys.pass(s.Domain, s.Selector, at)
	case s.Cause.Key():
		t.Keys.trouble(s.Domain, s.Selector, s.Cause, at)
	}
}
