package store

import (
	"context"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// Rollup counts the signatures with one key and result that one host saw in one
// hour.
//
// Source names the bytes that were counted, such as a file by device, inode and
// the fingerprint of its beginning, so that a file keeps its name when it is
// rotated and a new file in its place gets another. Count is all that the source
// has of that hour up to now, not what was added since the last commit. Of two
// counts of one source the larger one stands, so a source that is read again, or
// less far, changes nothing.
type Rollup struct {
	Hour     time.Time // UTC; cut to the hour by Commit
	Host     string
	Domain   string // d=, canonical once stored
	Selector string // s=, canonical once stored
	Result   dkim.Result
	Source   string // empty in what Rollups returns
	Count    int64
}

func (t *txn) saveRollups(ctx context.Context, rollups []Rollup) error {
	for _, r := range rollups {
		host, err := t.term(ctx, r.Host)
		if err != nil {
			return err
		}
		domain, selector, err := t.keyTerms(ctx, dkim.KeyName{Selector: r.Selector, Domain: r.Domain}.Canonical())
		if err != nil {
			return err
		}
		source, err := t.term(ctx, r.Source)
		if err != nil {
			return err
		}
		err = t.exec(ctx, `INSERT INTO rollup (hour, host_id, domain_id, selector_id, result, source_id, count)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (hour, host_id, domain_id, selector_id, result, source_id)
			DO UPDATE SET count = excluded.count WHERE excluded.count > rollup.count`,
			micros(r.Hour.UTC().Truncate(time.Hour)), host, domain, selector, r.Result.String(), source, r.Count)
		if err != nil {
			return err
		}
	}
	return nil
}

// RollupFilter says which counts to read. The zero RollupFilter is all of them.
type RollupFilter struct {
	Since, Until time.Time // hours that begin in [Since, Until); zero is unbounded
	Host         string
	Domain       string // signing domain
}

func (f RollupFilter) statement() statement {
	var w where
	w.period("r.hour", "r.hour", f.Since, f.Until)
	if f.Host != "" {
		w.and("h.text = ?", escape(f.Host))
	}
	if f.Domain != "" {
		w.and("d.text = ?", escape(canonicalDomain(f.Domain)))
	}
	return statement{`SELECT r.hour, h.text, d.text, s.text, r.result, CAST(sum(r.count) AS BIGINT)
		FROM rollup r JOIN term h ON h.id = r.host_id JOIN term d ON d.id = r.domain_id JOIN term s ON s.id = r.selector_id` +
		w.clause() + ` GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`, w.args}
}

// Rollups returns the counts that f asks for, all sources together, by hour, host,
// domain, selector and result.
func (db *DB) Rollups(ctx context.Context, f RollupFilter) ([]Rollup, error) {
	all, err := readAll(ctx, db.read, f.statement(), func(r *Rollup) []any {
		return []any{instant{&r.Hour}, (*text)(&r.Host), (*text)(&r.Domain), (*text)(&r.Selector), identifier{&r.Result}, &r.Count}
	})
	return all, db.fail("read rollups of "+db.path, err)
}
