package correlate

import (
	"cmp"
	"maps"
	"slices"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// unqueued holds the mail that our Postfix put off before it had a queue id,
// because it could not reach its verifier. Client and sender are all that the
// log tells of it.
type unqueued map[string]*Message

// maxUnqueued is how many such messages are held for their next attempt.
const maxUnqueued = 10_000

func unqueuedKey(buf []byte, host string, client, sender []byte) []byte {
	buf = append(append(buf, host...), ' ')
	buf = append(append(buf, client...), ' ')
	return append(buf, sender...)
}

// refuse takes a refusal of mail without a queue id. Of the lines of one attempt
// it is the one at MAIL that names the sender; other refusals there have nothing
// to do with DKIM.
//
//	NOQUEUE: milter-reject: MAIL from mail.elita54.example.org[127.1.1.101]: 451 4.7.1 Service unavailable - try again later; from=<bounces+2-x@elita54.example.org> proto=ESMTP helo=<mail.elita54.example.org>
func (u *unqueued) refuse(t *Tracker, ev *parsers.Event, source int) {
	host := t.intern(ev.Host)
	if !ev.Temporary || string(ev.Stage) != "MAIL" || !t.milter.failed(host, ev.Time) {
		return
	}
	key := string(unqueuedKey(nil, t.names[host], ev.ClientIP, ev.Sender))
	if m := (*u)[key]; m != nil && ev.Time.Sub(m.LastSeen) <= retryAtMost {
		if ev.Time.Sub(m.LastSeen) >= retryAtLeast {
			m.Attempts++
		}
		m.LastSeen = ev.Time
		m.Sources[0].LastLine = int64(ev.Seq)
		return
	}
	if len(*u) >= maxUnqueued {
		u.flush(t)
	}
	if *u == nil {
		*u = unqueued{}
	}
	t.Stats.Messages++
	(*u)[key] = t.putOffAtTheDoor(ev, source)
}

// putOffAtTheDoor is the message of such a refusal.
func (t *Tracker) putOffAtTheDoor(ev *parsers.Event, source int) *Message {
	file := ""
	if source < len(t.Files) {
		file = t.Files[source]
	}
	return &Message{
		Host: string(ev.Host), Instance: string(ev.Instance), MTA: "postfix",
		Sender: string(ev.Sender), SenderKnown: true,
		ClientIP: string(ev.ClientIP), ClientName: string(ev.ClientName), Helo: string(ev.Helo),
		FirstSeen: ev.Time, LastSeen: ev.Time, Ended: true, Outcome: OutcomeTempfailed, Attempts: 1,
		Findings: []Finding{{
			Cause: dkim.CauseVerifierUnavailable, Harm: HarmTempfailed, Direction: Own, Attribution: Inferred,
			Evidence: []string{string(ev.Text)}, At: ev.Time,
		}},
		Sources: []Span{{file, int64(ev.Seq), int64(ev.Seq)}},
	}
}

// take returns what was put off of o's client and sender, and forgets it: o is
// its next attempt. It does not allocate if there is nothing.
func (u unqueued) take(t *Tracker, o *open) *Message {
	if len(u) == 0 || !o.has(senderKnown) {
		return nil
	}
	var buf [512]byte
	key := unqueuedKey(buf[:0], t.names[o.host], o.texts.get(o.clientIP), o.texts.get(o.sender))
	m := u[string(key)]
	if m == nil || o.first.Before(m.LastSeen) || o.first.Sub(m.LastSeen) > retryAtMost {
		return nil
	}
	delete(u, string(key))
	return m
}

// flush hands over the messages that did not come again.
func (u *unqueued) flush(t *Tracker) {
	for _, m := range slices.SortedFunc(maps.Values(*u), func(a, b *Message) int {
		return cmp.Or(ByTime(a, b), cmp.Compare(a.ClientIP, b.ClientIP), cmp.Compare(a.Sender, b.Sender))
	}) {
		t.handOver(m)
	}
	*u = nil
}
