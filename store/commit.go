package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// Batch is what is committed together.
type Batch struct {
	Messages  []correlate.Message
	Incidents []correlate.Incident
	Verdicts  []dkim.Verdict
}

// Commit saves all of b, or, with an error, nothing of it. It keeps no part of b.
//
// What is known already changes nothing, and what is known better stays:
//
//   - A message is the one of the same host, instance and queue id; where queue ids
//     are used again, also at the same time (see matches). What two views of it
//     know is joined (see mergeMessages): nothing known is forgotten, and what
//     they do not agree on is decided by the one that saw its end, or saw it last.
//   - Spells of trouble with one key that touch each other are one incident, under
//     the id of the oldest one (see mergeIncidents).
//   - Verdicts are history: one per key and moment.
//
// A cancelled ctx undoes the commit. Times are kept in whole microseconds, an
// empty slice comes back as nil, and a Sender without SenderKnown is not kept.
func (db *DB) Commit(ctx context.Context, b Batch) error {
	if db.write == nil {
		return ErrReadOnly
	}
	if err := db.commit(ctx, b); err != nil {
		// Once ctx is cancelled, database/sql may know of the transaction
		// only that it is over.
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return db.fail("commit to "+db.path, err)
	}
	return nil
}

func (db *DB) commit(ctx context.Context, b Batch) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing once committed
	t := newTxn(tx)
	for i := range b.Verdicts {
		if _, err := t.saveVerdict(ctx, b.Verdicts[i]); err != nil {
			return fmt.Errorf("verdict %s: %w", b.Verdicts[i].Key, err)
		}
	}
	for i := range b.Messages {
		if err := t.saveMessage(ctx, &b.Messages[i]); err != nil {
			return fmt.Errorf("message %s: %w", b.Messages[i].QueueID, err)
		}
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	for i := range b.Incidents {
		if err := t.saveIncident(ctx, b.Incidents[i]); err != nil {
			return fmt.Errorf("incident %s: %w", b.Incidents[i].ID, err)
		}
	}
	return tx.Commit()
}

// txn is one transaction that writes.
type txn struct {
	tx    *sql.Tx
	stmts map[string]*sql.Stmt
	terms map[string]int64

	// Rows that belong to messages, on their way into their tables.
	recipients, signatures, findings, relations, spans bulk
}

func newTxn(tx *sql.Tx) *txn {
	return &txn{
		tx:         tx,
		stmts:      make(map[string]*sql.Stmt),
		terms:      make(map[string]int64),
		recipients: bulk{into: "recipient (message_id, seq, address, outcome, deferrals, last_reply, at)"},
		signatures: bulk{into: "signature (message_id, seq, domain_id, selector_id, algorithm, result, cause, reason_id, ours)"},
		findings:   bulk{into: "finding (message_id, seq, domain_id, selector_id, cause, harm, direction, attribution, evidence, at)"},
		relations:  bulk{into: "relation (message_id, seq, queue_id, kind)"},
		spans:      bulk{into: "span (message_id, seq, file_id, first_line, last_line)"},
	}
}

// prepare returns the statement for query, made once per transaction.
func (t *txn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := t.stmts[query]; ok {
		return s, nil
	}
	s, err := t.tx.PrepareContext(ctx, query)
	if err == nil {
		t.stmts[query] = s
	}
	return s, err
}

func (t *txn) exec(ctx context.Context, query string, args ...any) error {
	s, err := t.prepare(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return err
}

// QueryContext makes t a queryer whose statements are prepared once.
func (t *txn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := t.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// id runs a query whose one row is a number.
func (t *txn) id(ctx context.Context, query string, args ...any) (id int64, err error) {
	s, err := t.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	err = s.QueryRowContext(ctx, args...).Scan(&id)
	return id, err
}

// term returns the number of s in table term, where it is put if it is new.
func (t *txn) term(ctx context.Context, s string) (int64, error) {
	if id, ok := t.terms[s]; ok {
		return id, nil
	}
	const find = `SELECT id FROM term WHERE text = $1`
	id, err := t.id(ctx, find, escape(s))
	if errors.Is(err, sql.ErrNoRows) {
		if err := t.exec(ctx, `INSERT INTO term (text) VALUES ($1) ON CONFLICT DO NOTHING`, escape(s)); err != nil {
			return 0, err
		}
		id, err = t.id(ctx, find, escape(s))
	}
	if err != nil {
		return 0, fmt.Errorf("term %q: %w", s, err)
	}
	t.terms[s] = id
	return id, nil
}

// keyTerms returns the numbers of both parts of k.
func (t *txn) keyTerms(ctx context.Context, k dkim.KeyName) (domain, selector int64, err error) {
	if domain, err = t.term(ctx, k.Domain); err != nil {
		return 0, 0, err
	}
	selector, err = t.term(ctx, k.Selector)
	return domain, selector, err
}

// flush writes the rows that wait in bulks.
func (t *txn) flush(ctx context.Context) error {
	for _, b := range []*bulk{&t.recipients, &t.signatures, &t.findings, &t.relations, &t.spans} {
		if err := b.flush(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// bulkRows is how many rows go into one INSERT: nearly twice as fast as one by
// one, and more gain nothing.
const bulkRows = 40

// bulk collects rows for one table.
type bulk struct {
	into string // table and columns
	rows int
	args []any
}

func (b *bulk) add(ctx context.Context, t *txn, row ...any) error {
	b.args = append(b.args, row...)
	b.rows++
	if b.rows < bulkRows {
		return nil
	}
	return b.flush(ctx, t)
}

func (b *bulk) flush(ctx context.Context, t *txn) error {
	if b.rows == 0 {
		return nil
	}
	err := t.exec(ctx, "INSERT INTO "+b.into+" VALUES "+placeholders(b.rows, len(b.args)/b.rows), b.args...)
	b.rows, b.args = 0, b.args[:0]
	return err
}

// placeholders returns "($1,$2),($3,$4)" for 2 rows of 2 columns.
func placeholders(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%columns == 0:
			b.WriteString("),($")
		default:
			b.WriteString(",$")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}
