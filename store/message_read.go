package store

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// Filter says which messages to read. The zero Filter is all of them.
type Filter struct {
	Since, Until time.Time // those seen at some time in [Since, Until); zero is unbounded
	Trouble      bool      // only those with a finding
	Open         bool      // only those that have not ended
	Stuck        bool      // only those that were stuck when they were saved; since then others may be, see Open
	Domain       string    // only those with a finding about this signing domain, or from a sender of this domain
	Host         string
	QueueID      string
	Limit        int // at most so many, the oldest; 0 is all
}

// Messages returns the messages that f asks for, the oldest first.
func (db *DB) Messages(ctx context.Context, f Filter) ([]correlate.Message, error) {
	var all []correlate.Message
	for m, err := range db.EachMessage(ctx, f) {
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// loadAtOnce is how many messages are in memory at a time while EachMessage
// yields them.
const loadAtOnce = 200

// EachMessage yields the messages that f asks for, the oldest first, all as they
// were when it began. An error is the last thing it yields. It keeps one of
// Options.Readers busy until it ends.
func (db *DB) EachMessage(ctx context.Context, f Filter) iter.Seq2[correlate.Message, error] {
	return func(yield func(correlate.Message, error) bool) {
		fail := func(err error) { yield(correlate.Message{}, db.fail("read messages of "+db.path, err)) }
		tx, err := db.snapshot(ctx)
		if err != nil {
			fail(err)
			return
		}
		defer tx.Rollback() // it only reads
		ids, err := readAll(ctx, tx, f.ids(), func(id *int64) []any { return []any{id} })
		if err != nil {
			fail(err)
			return
		}
		for chunk := range slices.Chunk(ids, loadAtOnce) {
			messages, err := loadMessages(ctx, tx, chunk)
			if err != nil {
				fail(err)
				return
			}
			for _, m := range messages {
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

// snapshot begins a transaction whose reads all see the same moment.
func (db *DB) snapshot(ctx context.Context) (*sql.Tx, error) {
	return db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
}

// where returns the conditions of f on a message m.
func (f Filter) where() where {
	var w where
	w.period("m.first_seen", "m.last_seen", f.Since, f.Until)
	if f.Trouble {
		w.and("m.trouble")
	}
	if f.Open {
		w.and("NOT m.ended")
	}
	if f.Stuck {
		w.and("m.stuck")
	}
	if f.QueueID != "" {
		w.and("m.queue_id = ?", escape(f.QueueID))
	}
	if f.Host != "" {
		w.and("m.host_id = (SELECT id FROM term WHERE text = ?)", escape(f.Host))
	}
	if f.Domain != "" {
		domain := escape(canonicalDomain(f.Domain))
		w.and(`m.id IN (
			SELECT f.message_id FROM term d JOIN finding f ON f.domain_id = d.id WHERE d.text = ?
			UNION SELECT s.id FROM term d JOIN message s ON s.sender_domain_id = d.id WHERE d.text = ?)`, domain, domain)
	}
	return w
}

// ids returns the statement for the ids of the messages that f asks for.
func (f Filter) ids() statement {
	w := f.where()
	query := "SELECT m.id FROM message m" + w.clause() + " ORDER BY m.first_seen, m.id"
	if f.Limit > 0 {
		query += " LIMIT " + strconv.Itoa(f.Limit)
	}
	return statement{query, w.args}
}

// loadMessages returns the messages with these ids, in the order of ids.
func loadMessages(ctx context.Context, from queryer, ids []int64) ([]correlate.Message, error) {
	l := loader{from: from, at: make(map[int64]*correlate.Message, len(ids))}
	messages := make([]correlate.Message, len(ids))
	for i, id := range ids {
		l.ids = append(l.ids, id)
		l.at[id] = &messages[i]
	}
	for _, part := range []func(context.Context, *loader) error{
		loadHeads, loadRecipients, loadSignatures, loadFindings, loadRelations, loadSpans,
	} {
		if err := part(ctx, &l); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

// loader fills messages from the tables.
type loader struct {
	from queryer
	ids  []any
	at   map[int64]*correlate.Message
}

// load runs "SELECT <query> IN (ids)" and then order. Its rows are a message's id
// and the columns that columns scans into a T, which add gives to the message.
func load[T any](ctx context.Context, l *loader, query, order string, columns func(*T) []any, add func(*correlate.Message, T)) error {
	rows, err := l.from.QueryContext(ctx, "SELECT "+query+" IN "+placeholders(1, len(l.ids))+order, l.ids...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var v T
		if err := rows.Scan(append([]any{&id}, columns(&v)...)...); err != nil {
			return err
		}
		add(l.at[id], v)
	}
	return rows.Err()
}

func loadHeads(ctx context.Context, l *loader) error {
	return load(ctx, l, `m.id, h.text, m.instance, m.queue_id, m.mta, m.message_id, coalesce(m.sender, ''), m.sender IS NOT NULL,
			m.client_ip, m.client_name, m.helo, m.size, m.first_seen, m.last_seen, m.accepted, m.ended, m.local, m.outcome, m.given_up, m.stuck, m.attempts
		FROM message m JOIN term h ON h.id = m.host_id WHERE m.id`, "",
		func(m *correlate.Message) []any {
			return []any{
				(*text)(&m.Host), (*text)(&m.Instance), (*text)(&m.QueueID), (*text)(&m.MTA), (*text)(&m.MessageID), (*text)(&m.Sender), &m.SenderKnown,
				(*text)(&m.ClientIP), (*text)(&m.ClientName), (*text)(&m.Helo), &m.Size, instant{&m.FirstSeen}, instant{&m.LastSeen},
				&m.Accepted, &m.Ended, &m.Local, identifier{&m.Outcome}, &m.GivenUp, &m.Stuck, &m.Attempts,
			}
		},
		func(m *correlate.Message, head correlate.Message) { *m = head })
}

func loadRecipients(ctx context.Context, l *loader) error {
	return load(ctx, l, `message_id, address, outcome, deferrals, last_reply, at FROM recipient WHERE message_id`, " ORDER BY message_id, seq",
		func(r *correlate.Recipient) []any {
			return []any{(*text)(&r.Address), identifier{&r.Outcome}, &r.Deferrals, (*text)(&r.LastReply), instant{&r.At}}
		},
		func(m *correlate.Message, r correlate.Recipient) { m.Recipients = append(m.Recipients, r) })
}

func loadSignatures(ctx context.Context, l *loader) error {
	return load(ctx, l, `s.message_id, d.text, k.text, s.algorithm, s.result, s.cause, r.text, s.ours
		FROM signature s JOIN term d ON d.id = s.domain_id JOIN term k ON k.id = s.selector_id JOIN term r ON r.id = s.reason_id
		WHERE s.message_id`, " ORDER BY s.message_id, s.seq",
		func(s *correlate.Signature) []any {
			return []any{(*text)(&s.Key.Domain), (*text)(&s.Key.Selector), (*text)(&s.Algorithm), identifier{&s.Result}, identifier{&s.Cause}, (*text)(&s.Reason), &s.Ours}
		},
		func(m *correlate.Message, s correlate.Signature) { m.Signatures = append(m.Signatures, s) })
}

func loadFindings(ctx context.Context, l *loader) error {
	return load(ctx, l, `f.message_id, d.text, k.text, f.cause, f.harm, f.direction, f.attribution, f.evidence, f.at
		FROM finding f JOIN term d ON d.id = f.domain_id JOIN term k ON k.id = f.selector_id
		WHERE f.message_id`, " ORDER BY f.message_id, f.seq",
		func(f *correlate.Finding) []any {
			return []any{
				(*text)(&f.Key.Domain), (*text)(&f.Key.Selector), identifier{&f.Cause}, identifier{&f.Harm}, identifier{&f.Direction},
				identifier{&f.Attribution}, stringList{&f.Evidence}, instant{&f.At},
			}
		},
		func(m *correlate.Message, f correlate.Finding) { m.Findings = append(m.Findings, f) })
}

func loadRelations(ctx context.Context, l *loader) error {
	return load(ctx, l, `message_id, queue_id, kind FROM relation WHERE message_id`, " ORDER BY message_id, seq",
		func(r *correlate.Relation) []any { return []any{(*text)(&r.QueueID), (*text)(&r.Kind)} },
		func(m *correlate.Message, r correlate.Relation) { m.Related = append(m.Related, r) })
}

func loadSpans(ctx context.Context, l *loader) error {
	return load(ctx, l, `s.message_id, f.text, s.first_line, s.last_line
		FROM span s JOIN term f ON f.id = s.file_id WHERE s.message_id`, " ORDER BY s.message_id, s.seq",
		func(s *correlate.Span) []any { return []any{(*text)(&s.File), &s.FirstLine, &s.LastLine} },
		func(m *correlate.Message, s correlate.Span) { m.Sources = append(m.Sources, s) })
}
