package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// Summary says what a period was like. It counts affected messages: those with a
// finding that were seen at some time of the period.
type Summary struct {
	Since, Until time.Time
	Messages     int
	Stuck        int
	Recipients   int // different addresses
	Outcomes     []OutcomeCount
	Causes       []CauseCount
	Domains      []DomainCount // the signing domains with the most messages
	Timeline     []HourCount   // hours without a message are left out
}

// OutcomeCount is how many messages had an outcome.
type OutcomeCount struct {
	Outcome  correlate.Outcome
	Messages int
}

// CauseCount is how many messages had a finding of a cause. A message with
// findings of several causes counts for each.
type CauseCount struct {
	Cause    dkim.Cause
	Messages int
}

// DomainCount is how many messages had a finding about the keys of a signing
// domain, and how they fare.
type DomainCount struct {
	Domain   string
	Messages int
	Stuck    int
	Rejected int
	Bounced  int
}

// HourCount is how many messages met with trouble in an hour: one that had a
// finding in it. The hour is that of Finding.At.
type HourCount struct {
	Hour     time.Time // UTC
	Messages int
}

// topDomains is how many domains a Summary has.
const topDomains = 20

// microsPerHour turns a stored time into the number of its hour.
const microsPerHour = "3600000000"

// summary is the statements of a Summary.
type summary struct{ totals, recipients, outcomes, causes, domains, timeline statement }

func (f Filter) summary() summary {
	f.Trouble = true
	w := f.where()
	hours := f.where()
	hours.and("f.at IS NOT NULL")
	hours.period("f.at", "f.at", f.Since, f.Until)
	return summary{
		totals: statement{`SELECT count(*), coalesce(sum(CASE WHEN m.stuck THEN 1 ELSE 0 END), 0)
			FROM message m` + w.clause(), w.args},
		recipients: statement{`SELECT count(DISTINCT r.address)
			FROM message m JOIN recipient r ON r.message_id = m.id` + w.clause(), w.args},
		outcomes: statement{`SELECT m.outcome, count(*)
			FROM message m` + w.clause() + ` GROUP BY 1 ORDER BY 2 DESC, 1`, w.args},
		causes: statement{`SELECT f.cause, count(DISTINCT m.id)
			FROM message m JOIN finding f ON f.message_id = m.id` + w.clause() + ` GROUP BY 1 ORDER BY 2 DESC, 1`, w.args},
		domains: statement{`SELECT d.text, count(*), sum(CASE WHEN x.stuck THEN 1 ELSE 0 END),
				sum(CASE WHEN x.outcome = 'rejected' THEN 1 ELSE 0 END), sum(CASE WHEN x.outcome IN ('bounced', 'expired') THEN 1 ELSE 0 END)
			FROM (SELECT DISTINCT m.id, m.stuck, m.outcome, f.domain_id FROM message m JOIN finding f ON f.message_id = m.id` + w.clause() + `) x
			JOIN term d ON d.id = x.domain_id
			WHERE d.text <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ` + strconv.Itoa(topDomains), w.args},
		timeline: statement{`SELECT f.at / ` + microsPerHour + ` * ` + microsPerHour + `, count(DISTINCT m.id)
			FROM message m JOIN finding f ON f.message_id = m.id` + hours.clause() + ` GROUP BY 1 ORDER BY 1`, hours.args},
	}
}

// Summary sums up the messages with a finding that f asks for; f.Limit is without
// effect.
func (db *DB) Summary(ctx context.Context, f Filter) (Summary, error) {
	s := Summary{Since: f.Since, Until: f.Until}
	tx, err := db.snapshot(ctx)
	if err != nil {
		return s, db.fail("sum up "+db.path, err)
	}
	defer tx.Rollback() // it only reads
	return s, db.fail("sum up "+db.path, s.read(ctx, tx, f.summary()))
}

func (s *Summary) read(ctx context.Context, tx *sql.Tx, from summary) error {
	err := tx.QueryRowContext(ctx, from.totals.query, from.totals.args...).Scan(&s.Messages, &s.Stuck)
	if err != nil {
		return err
	}
	err = tx.QueryRowContext(ctx, from.recipients.query, from.recipients.args...).Scan(&s.Recipients)
	if err != nil {
		return err
	}
	s.Outcomes, err = readAll(ctx, tx, from.outcomes, func(c *OutcomeCount) []any { return []any{identifier{&c.Outcome}, &c.Messages} })
	if err != nil {
		return err
	}
	s.Causes, err = readAll(ctx, tx, from.causes, func(c *CauseCount) []any { return []any{identifier{&c.Cause}, &c.Messages} })
	if err != nil {
		return err
	}
	s.Domains, err = readAll(ctx, tx, from.domains, func(c *DomainCount) []any {
		return []any{(*text)(&c.Domain), &c.Messages, &c.Stuck, &c.Rejected, &c.Bounced}
	})
	if err != nil {
		return err
	}
	s.Timeline, err = readAll(ctx, tx, from.timeline, func(c *HourCount) []any { return []any{instant{&c.Hour}, &c.Messages} })
	return err
}
