package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/store"
	"github.com/dkimwatch/dkimwatch/store/storetest"
)

// dump returns every row of every table, one a line.
func dump(t testing.TB, db *sql.DB) string {
	t.Helper()
	var tables string
	err := db.QueryRow(`SELECT group_concat(name, ' ' ORDER BY name) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).Scan(&tables)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for table := range strings.FieldsSeq(tables) {
		rows, err := db.Query(`SELECT * FROM ` + table + ` ORDER BY 1, 2`)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(to...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %q\n", table, values)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// The same batch twice changes not a single row, whatever was there before.
func TestCommitTwiceChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db, tables := open(t, path), raw(t, path)
	r := rand.New(rand.NewPCG(1, 2))
	var full store.Batch
	full.Messages, full.Incidents = make([]correlate.Message, 1), make([]correlate.Incident, 1)
	full.Verdicts = make([]dkim.Verdict, 1)
	storetest.Fill(&full)
	for n := range 120 {
		b := full
		if n > 0 {
			b = views(r)
		}
		var before string
		for round := range 2 {
			if err := db.Commit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			after := dump(t, tables)
			if round == 0 {
				before = after
			} else if before != after {
				t.Fatalf("batch %d, committed again, changes (-before +after):\n%s\nbatch: %+v", n, cmp.Diff(strings.Split(before, "\n"), strings.Split(after, "\n")), b)
			}
		}
	}
}

// views returns a message and an incident as some part of some log shows them; few
// names, so that they meet.
func views(r *rand.Rand) (b store.Batch) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	moment := func() (first, last time.Time) {
		first = day.Add(time.Duration(r.IntN(7*24*60)) * time.Minute)
		return first, first.Add(time.Duration(r.IntN(24*60)) * time.Minute)
	}
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	key := dkim.KeyName{Selector: pick("", "a", "b"), Domain: pick("example.com", "example.net")}
	m := correlate.Message{
		Host: "mx1", MTA: pick("exim", "postfix"), QueueID: pick("3C3E7C0AB", "1tXyZ0-000001-AB", ""), MessageID: pick("", "x@example.com"),
		Sender: pick("a@example.com", "b@example.com"), SenderKnown: true, ClientIP: pick("", "192.0.2.1"),
		Ended: r.IntN(2) == 0, Accepted: true, Outcome: correlate.Outcome(r.IntN(8)), Attempts: r.IntN(3),
	}
	m.FirstSeen, m.LastSeen = moment()
	for range r.IntN(3) {
		m.Recipients = append(m.Recipients, correlate.Recipient{Address: pick("x", "y", "z"), Outcome: correlate.Outcome(r.IntN(8)), Deferrals: r.IntN(5), At: m.LastSeen})
		m.Signatures = append(m.Signatures, correlate.Signature{Key: key, Result: dkim.Result(r.IntN(6)), Reason: pick("", "no key")})
		m.Sources = append(m.Sources, correlate.Span{File: pick("mail.log", "mail.log.1"), FirstLine: r.Int64N(100)})
	}
	if r.IntN(2) == 0 {
		m.Findings = []correlate.Finding{{Key: key, Cause: dkim.Cause(r.IntN(9)), At: m.FirstSeen, Evidence: []string{pick("one", "two")}}}
	}
	i := correlate.Incident{
		ID: pick("i", "j"), Key: key, State: correlate.State(r.IntN(4)), Messages: r.IntN(9), Stuck: r.IntN(9),
		Verdict: dkim.Verdict{Key: key, Status: dkim.KeyStatus(r.IntN(5)), At: m.LastSeen},
	}
	i.Opened, i.LastSeen = moment()
	if i.State == correlate.StateResolved {
		i.ResolvedAt = i.LastSeen.Add(time.Hour)
	}
	return store.Batch{
		Messages: []correlate.Message{m}, Incidents: []correlate.Incident{i},
	}
}
