package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// statement is a query and its arguments.
type statement struct {
	query string
	args  []any
}

// queryer is where to read: a transaction, or a pool for a single query.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readAll returns what columns scans from each row.
func readAll[T any](ctx context.Context, q queryer, from statement, columns func(*T) []any) ([]T, error) {
	rows, err := q.QueryContext(ctx, from.query, from.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(columns(&v)...); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// where builds the conditions of a query. Only its own text goes into the query,
// values are arguments.
type where struct {
	conditions []string
	args       []any
}

// and adds a condition whose question marks, which nothing else in it may be,
// stand for args.
func (w *where) and(condition string, args ...any) {
	var b strings.Builder
	for _, part := range strings.SplitAfter(condition, "?") {
		before, ok := strings.CutSuffix(part, "?")
		b.WriteString(before)
		if ok {
			w.args = append(w.args, args[0])
			args = args[1:]
			b.WriteString("$" + strconv.Itoa(len(w.args)))
		}
	}
	w.conditions = append(w.conditions, b.String())
}

// period wants the spell from column first to column last, both included, to
// touch [since, until). A zero time is no bound.
func (w *where) period(first, last string, since, until time.Time) {
	if !since.IsZero() {
		w.and(last+" >= ?", micros(since))
	}
	if !until.IsZero() {
		w.and(first+" < ?", micros(until))
	}
}

// clause returns " WHERE …", or nothing without a condition.
func (w *where) clause() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// canonicalDomain returns a domain as the keys of findings and the domains of
// senders are stored.
func canonicalDomain(domain string) string { return dkim.KeyName{Domain: domain}.Canonical().Domain }
