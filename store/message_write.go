package store

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// generation tells apart the messages that have one host, instance and queue id.
// An id that is never used again has only 0; else it is the second in which the
// message was first seen. Messages that never got a queue id are told apart by
// what else is known of them.
func generation(m *correlate.Message) int64 {
	switch {
	case m.QueueID == "":
		h := fnv.New64a()
		for _, s := range []string{m.Sender, m.ClientIP, m.MessageID, strconv.FormatInt(micros(m.FirstSeen), 10)} {
			_, _ = io.WriteString(h, s+"\x00") // a hash takes everything
		}
		return int64(h.Sum64() >> 1)
	case m.UniqueID():
		return 0
	default:
		return m.FirstSeen.Unix()
	}
}

// view is what decides whether two sightings of a queue id that is used again are
// one message.
type view struct {
	id          int64 // of the row; 0 for a message that has none yet
	first, last time.Time
	ended       bool
	received    bool // it saw the message come in
	sender      string
	senderKnown bool
}

func viewOf(m *correlate.Message) view {
	return view{
		first: m.FirstSeen, last: m.LastSeen, ended: m.Ended,
		received: m.MessageID != "" || m.ClientIP != "",
		sender:   m.Sender, senderKnown: m.SenderKnown,
	}
}

// meets reports whether v and w share a moment, or began in the same second.
func (v view) meets(w view) bool {
	return !v.first.After(w.last) && !w.first.After(v.last) || v.first.Unix() == w.first.Unix()
}

// continuedBy reports whether w is the later part of the same message: one log
// ended with the message in the queue, and the next begins with the attempts to
// deliver it. While a message is in the queue nobody else gets its id.
func (v view) continuedBy(w view) bool {
	return v.last.Before(w.first) && !v.ended && !w.received &&
		(!v.senderKnown || !w.senderKnown || v.sender == w.sender)
}

// sameMessage returns the rows among stored, which are ordered by time, that are
// the same message as v: those at the same time, and the neighbours that v
// continues or that continue it.
func sameMessage(stored []view, v view) (ids []int64) {
	for i, s := range stored {
		before := s.last.Before(v.first) && (i+1 == len(stored) || !stored[i+1].last.Before(v.first))
		after := v.last.Before(s.first) && (i == 0 || !v.last.Before(stored[i-1].first))
		if s.meets(v) || before && s.continuedBy(v) || after && v.continuedBy(s) {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// matches returns the rows that are message m, oldest first. There are several
// only if parts of it were taken for different messages until now.
func (t *txn) matches(ctx context.Context, m *correlate.Message, host int64) ([]int64, error) {
	if m.QueueID == "" || m.UniqueID() {
		id, err := t.id(ctx, `SELECT id FROM message WHERE queue_id = $1 AND host_id = $2 AND instance = $3 AND generation = $4`,
			escape(m.QueueID), host, escape(m.Instance), generation(m))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil, nil
		case err != nil:
			return nil, err
		}
		return []int64{id}, nil
	}
	found, err := readAll(ctx, t, statement{
		`SELECT id, first_seen, last_seen, ended, message_id <> '' OR client_ip <> '', coalesce(sender, ''), sender IS NOT NULL
		FROM message WHERE queue_id = $1 AND host_id = $2 AND instance = $3 ORDER BY first_seen`,
		[]any{escape(m.QueueID), host, escape(m.Instance)},
	}, func(v *view) []any {
		return []any{&v.id, instant{&v.first}, instant{&v.last}, &v.ended, &v.received, (*text)(&v.sender), &v.senderKnown}
	})
	return sameMessage(found, viewOf(m)), err
}

// saveMessage makes the rows of in, or joins what it knows to what they know.
func (t *txn) saveMessage(ctx context.Context, in *correlate.Message) error {
	m := storedMessage(in)
	host, err := t.term(ctx, m.Host)
	if err != nil {
		return err
	}
	if known, err := t.knownAttempt(ctx, &m, host); known || err != nil {
		return err
	}
	if err := t.dropAttempts(ctx, &m, host); err != nil {
		return err
	}
	ids, err := t.matches(ctx, &m, host)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return t.insertMessage(ctx, &m, host)
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	known, err := loadMessages(ctx, t, ids)
	if err != nil {
		return err
	}
	merged := known[0]
	for _, k := range known[1:] {
		merged = mergeMessages(merged, k)
	}
	merged = mergeMessages(merged, m)
	if len(ids) == 1 && reflect.DeepEqual(merged, known[0]) {
		return nil
	}
	for _, id := range ids[1:] {
		if err := t.exec(ctx, `DELETE FROM message WHERE id = $1`, id); err != nil {
			return err
		}
	}
	return t.updateMessage(ctx, ids[0], &merged)
}

// storedMessage returns in as it will come back.
func storedMessage(in *correlate.Message) correlate.Message {
	m := *in
	m.FirstSeen, m.LastSeen = stored(m.FirstSeen), stored(m.LastSeen)
	if !m.SenderKnown {
		m.Sender = ""
	}
	m.Recipients = slices.Clone(m.Recipients)
	for i := range m.Recipients {
		m.Recipients[i].At = stored(m.Recipients[i].At)
	}
	m.Findings = slices.Clone(m.Findings)
	for i := range m.Findings {
		f := &m.Findings[i]
		f.Key, f.At = f.Key.Canonical(), stored(f.At)
		f.Evidence = nilIfEmpty(f.Evidence)
	}
	m.Recipients = nilIfEmpty(m.Recipients)
	m.Signatures = nilIfEmpty(m.Signatures)
	m.Findings = nilIfEmpty(m.Findings)
	m.Related = nilIfEmpty(m.Related)
	m.Sources = nilIfEmpty(m.Sources)
	return m
}

func nilIfEmpty[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

func (t *txn) insertMessage(ctx context.Context, m *correlate.Message, host int64) error {
	row, err := t.messageRow(ctx, m)
	if err != nil {
		return err
	}
	id, err := t.id(ctx, `INSERT INTO message (
			generation, mta, message_id, sender, sender_domain_id, client_ip, client_name, helo, size,
			first_seen, last_seen, accepted, ended, local, outcome, given_up, stuck, trouble, attempts,
			queue_id, host_id, instance)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		RETURNING id`, append(row, escape(m.QueueID), host, escape(m.Instance))...)
	if err != nil {
		return err
	}
	return t.insertParts(ctx, id, m)
}

func (t *txn) updateMessage(ctx context.Context, id int64, m *correlate.Message) error {
	row, err := t.messageRow(ctx, m)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `UPDATE message SET
			generation = $1, mta = $2, message_id = $3, sender = $4, sender_domain_id = $5, client_ip = $6,
			client_name = $7, helo = $8, size = $9, first_seen = $10, last_seen = $11, accepted = $12,
			ended = $13, local = $14, outcome = $15, given_up = $16, stuck = $17, trouble = $18, attempts = $19
		WHERE id = $20`, append(row, id)...)
	if err != nil {
		return err
	}
	for _, table := range []string{"recipient", "signature", "finding", "relation", "span"} {
		if err := t.exec(ctx, `DELETE FROM `+table+` WHERE message_id = $1`, id); err != nil {
			return err
		}
	}
	return t.insertParts(ctx, id, m)
}

// messageRow returns the values that insertMessage and updateMessage write, in
// their order.
func (t *txn) messageRow(ctx context.Context, m *correlate.Message) ([]any, error) {
	var sender, senderDomain any
	if m.SenderKnown {
		sender = escape(m.Sender)
		if i := strings.LastIndexByte(m.Sender, '@'); i >= 0 {
			id, err := t.term(ctx, canonicalDomain(m.Sender[i+1:]))
			if err != nil {
				return nil, err
			}
			senderDomain = id
		}
	}
	return []any{
		generation(m), escape(m.MTA), escape(m.MessageID), sender, senderDomain, escape(m.ClientIP), escape(m.ClientName), escape(m.Helo), m.Size,
		micros(m.FirstSeen), micros(m.LastSeen), m.Accepted, m.Ended, m.Local, m.Outcome.String(), m.GivenUp, m.Stuck, len(m.Findings) > 0, m.Attempts,
	}, nil
}

func (t *txn) insertParts(ctx context.Context, id int64, m *correlate.Message) error {
	for i, r := range m.Recipients {
		if err := t.recipients.add(ctx, t, id, i, escape(r.Address), r.Outcome.String(), r.Deferrals, escape(r.LastReply), microsOrNull(r.At)); err != nil {
			return err
		}
	}
	for i, s := range m.Signatures {
		domain, selector, err := t.keyTerms(ctx, s.Key)
		if err != nil {
			return err
		}
		reason, err := t.term(ctx, s.Reason)
		if err != nil {
			return err
		}
		if err := t.signatures.add(ctx, t, id, i, domain, selector, escape(s.Algorithm), s.Result.String(), s.Cause.String(), reason, s.Ours); err != nil {
			return err
		}
	}
	for i, f := range m.Findings {
		domain, selector, err := t.keyTerms(ctx, f.Key)
		if err != nil {
			return err
		}
		evidence, err := jsonStrings(f.Evidence)
		if err != nil {
			return err
		}
		if err := t.findings.add(ctx, t, id, i, domain, selector, f.Cause.String(), f.Harm.String(), f.Direction.String(), f.Attribution.String(), evidence, microsOrNull(f.At)); err != nil {
			return err
		}
	}
	for i, r := range m.Related {
		if err := t.relations.add(ctx, t, id, i, escape(r.QueueID), escape(r.Kind)); err != nil {
			return err
		}
	}
	for i, s := range m.Sources {
		file, err := t.term(ctx, s.File)
		if err != nil {
			return err
		}
		if err := t.spans.add(ctx, t, id, i, file, s.FirstLine, s.LastLine); err != nil {
			return err
		}
	}
	return nil
}
