package correlate

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// A message that we put off with a 4xx reply waits at its sender, who tries
// again and again: each time it has another queue id here. chains knows such
// attempts for one message, by the Message-ID where the logs have it, else by
// client, sender and key.

// How attempts follow each other. No sender tries again within a minute, so two
// that come closer are two messages; five days is the usual life of a message
// in a sender's queue (RFC 5321 §4.5.4.1).
const (
	retryAtLeast = time.Minute
	retryAtMost  = 5 * 24 * time.Hour
	maxChains    = 100_000
)

// chain is one message that was put off at least once.
type chain struct {
	last      *Message // the latest attempt, with those before it in Related
	messageID string   // empty if not logged
	client    string
	sender    string
	senderOK  bool
	keys      []dkim.KeyName
}

// chains finds a chain by two indexes, since an attempt may lack its Message-ID.
type chains struct {
	byID  map[string]*chain
	byKey map[string][]*chain // under each "client domain"
	all   map[*chain]bool
}

// expected reports whether o may be a further attempt of a message put off
// before. It does not allocate.
func (c *chains) expected(o *open) bool {
	if len(c.all) == 0 {
		return false
	}
	if !o.messageID.empty() {
		if _, ok := c.byID[string(o.texts.get(o.messageID))]; ok {
			return true
		}
	}
	var buf [512]byte
	for i := range o.sigs {
		if _, ok := c.byKey[string(clientKey(buf[:0], o.texts.get(o.clientIP), o.texts.get(o.sigs[i].domain)))]; ok {
			return true
		}
	}
	return false
}

func clientKey(buf, client, domain []byte) []byte {
	buf = append(append(buf, client...), ' ')
	for _, c := range domain {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf = append(buf, c)
	}
	return buf
}

// putOff takes an attempt that we answered with 4xx.
func (c *chains) putOff(t *Tracker, m *Message) {
	if have := c.match(m); have != nil {
		join(m, have.last)
		have.last = m
		c.learn(have, m)
		return
	}
	if len(m.Findings) == 0 {
		t.handOver(m) // greylisting and the like: nobody will ask for it
		return
	}
	if len(c.all) >= maxChains {
		c.giveUp(t, m.FirstSeen)
	}
	fresh := &chain{last: m, client: m.ClientIP}
	if c.all == nil {
		*c = chains{map[string]*chain{}, map[string][]*chain{}, map[*chain]bool{}}
	}
	c.all[fresh] = true
	c.learn(fresh, m)
}

// learn indexes what m tells of its chain.
func (c *chains) learn(ch *chain, m *Message) {
	if ch.messageID == "" && m.MessageID != "" {
		ch.messageID = m.MessageID
		c.byID[m.MessageID] = ch
	}
	if m.SenderKnown {
		ch.sender, ch.senderOK = m.Sender, true
	}
	for _, s := range m.Signatures {
		key := s.Key.Canonical()
		if key.Domain == "" || slices.Contains(ch.keys, key) {
			continue
		}
		ch.keys = append(ch.keys, key)
		at := string(clientKey(nil, []byte(ch.client), []byte(key.Domain)))
		if !slices.Contains(c.byKey[at], ch) {
			c.byKey[at] = append(c.byKey[at], ch)
		}
	}
}

// match returns the chain that m is the next attempt of. Of several that fit,
// the one that has waited longest is due.
func (c *chains) match(m *Message) *chain {
	if m.MessageID != "" {
		if ch := c.byID[m.MessageID]; ch != nil && ch.fits(m, 0) {
			return ch
		}
	}
	var due *chain
	for _, s := range m.Signatures {
		at := clientKey(nil, []byte(m.ClientIP), []byte(s.Key.Domain))
		for _, ch := range c.byKey[string(at)] {
			if m.MessageID != "" && ch.messageID != "" || !ch.fits(m, retryAtLeast) || !ch.signedLike(m) {
				continue
			}
			if due == nil || ch.last.LastSeen.Before(due.last.LastSeen) {
				due = ch
			}
		}
	}
	return due
}

func (ch *chain) fits(m *Message, apart time.Duration) bool {
	gap := m.FirstSeen.Sub(ch.last.LastSeen)
	if gap < apart || gap > retryAtMost {
		return false
	}
	return !m.SenderKnown || !ch.senderOK || strings.EqualFold(m.Sender, ch.sender)
}

// signedLike reports whether m has a signature of each of the chain's keys, as
// far as the log names them.
func (ch *chain) signedLike(m *Message) bool {
	for _, k := range ch.keys {
		if !slices.ContainsFunc(m.Signatures, func(s Signature) bool {
			key := s.Key.Canonical()
			return key.Domain == k.Domain && (key.Selector == k.Selector || key.Selector == "" || k.Selector == "")
		}) {
			return false
		}
	}
	return true
}

// came takes a message that is not put off (any more): accepted, or refused for
// good. The attempts before are part of its story.
func (c *chains) came(t *Tracker, m *Message) {
	if ch := c.match(m); ch != nil {
		join(m, ch.last)
		c.drop(ch)
	}
	t.handOver(m)
}

// join makes m the attempt after before.
func join(m, before *Message) {
	m.Attempts = before.Attempts + 1
	m.FirstSeen = before.FirstSeen
	if before.QueueID != "" {
		m.Related = append(append(before.Related, Relation{before.QueueID, "attempt"}), m.Related...)
	}
	m.Sources = mergeSpans(before.Sources, m.Sources)
	if m.MessageID == "" {
		m.MessageID = before.MessageID
	}
	if !m.SenderKnown {
		m.Sender, m.SenderKnown = before.Sender, before.SenderKnown
	}
	harm := harmOf(m.Outcome)
	for _, f := range before.Findings {
		if !slices.ContainsFunc(m.Findings, func(have Finding) bool { return have.Key == f.Key }) {
			f.Harm = harm
			m.Findings = append(m.Findings, f)
			continue
		}
		for i := range m.Findings {
			if have := &m.Findings[i]; have.Key == f.Key {
				have.At = f.At
				if f.Attribution == Explicit {
					have.Attribution = Explicit
				}
			}
		}
	}
	for _, s := range before.Signatures {
		if !slices.ContainsFunc(m.Signatures, func(have Signature) bool { return have.Key.Canonical() == s.Key.Canonical() }) {
			m.Signatures = append(m.Signatures, s)
		}
	}
}

func mergeSpans(a, b []Span) []Span {
	out := slices.Clone(a)
	for _, s := range b {
		i := slices.IndexFunc(out, func(have Span) bool { return have.File == s.File })
		if i < 0 {
			out = append(out, s)
			continue
		}
		out[i].FirstLine, out[i].LastLine = min(out[i].FirstLine, s.FirstLine), max(out[i].LastLine, s.LastLine)
	}
	return out
}

func (c *chains) drop(ch *chain) {
	delete(c.byID, ch.messageID)
	for _, key := range ch.keys {
		at := string(clientKey(nil, []byte(ch.client), []byte(key.Domain)))
		if rest := slices.DeleteFunc(c.byKey[at], func(have *chain) bool { return have == ch }); len(rest) > 0 {
			c.byKey[at] = rest
		} else {
			delete(c.byKey, at)
		}
	}
	delete(c.all, ch)
}

// giveUp hands over the messages that no sender can still be trying, and if that
// is not enough, the half that has been silent longest.
func (c *chains) giveUp(t *Tracker, now time.Time) {
	silent := slices.SortedFunc(maps.Keys(c.all), byLast)
	for i, ch := range silent {
		if i >= len(silent)/2 && now.Sub(ch.last.LastSeen) <= retryAtMost {
			return
		}
		c.drop(ch)
		t.handOver(ch.last)
	}
}

func byLast(a, b *chain) int {
	return cmp.Or(a.last.LastSeen.Compare(b.last.LastSeen), ByTime(a.last, b.last))
}

// flush hands over the messages that were put off and did not come again.
func (c *chains) flush(t *Tracker) {
	for _, ch := range slices.SortedFunc(maps.Keys(c.all), byLast) {
		t.handOver(ch.last)
	}
	*c = chains{}
}
