package store

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// The important reads find their rows by an index.
func TestReadsUseIndexes(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "history.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	since := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	period := Filter{Since: since, Until: since.Add(24 * time.Hour)}
	for name, s := range map[string]statement{
		"messages of a period":       period.ids(),
		"trouble of a period":        Filter{Since: since, Trouble: true}.ids(),
		"open":                       Filter{Open: true}.ids(),
		"stuck":                      Filter{Stuck: true}.ids(),
		"queue id":                   Filter{QueueID: "1tXyZ0-000001-AB"}.ids(),
		"domain":                     Filter{Domain: "example.com"}.ids(),
		"domain in a period":         Filter{Since: since, Domain: "example.com"}.ids(),
		"open incidents":             {selectIncident + IncidentFilter{Open: true}.rest().query, nil},
		"incident by id":             {selectIncident + IncidentFilter{ID: "i"}.rest().query, []any{"i"}},
		"latest verdict":             latestVerdict(dkim.KeyName{}),
		"the message of a queue id":  {`SELECT id FROM message WHERE queue_id = $1 AND host_id = $2 AND instance = $3 AND generation = $4`, []any{"", 1, "", 0}},
		"the messages of a queue id": {`SELECT id FROM message WHERE queue_id = $1 AND host_id = $2 AND instance = $3 ORDER BY first_seen`, []any{"", 1, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			type step struct {
				id, parent, unused int
				detail             string
			}
			plan, err := readAll(t.Context(), db.read, statement{"EXPLAIN QUERY PLAN " + s.query, s.args}, func(s *step) []any {
				return []any{&s.id, &s.parent, &s.unused, &s.detail}
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range plan {
				// A partial index holds only the rows that are asked for.
				if strings.HasPrefix(step.detail, "SCAN") && step.detail != "SCAN x" &&
					!strings.Contains(step.detail, "message_stuck") && !strings.Contains(step.detail, "message_open") && !strings.Contains(step.detail, "incident_open") {
					t.Errorf("%s\nreads a whole table: %s", s.query, step.detail)
				}
			}
		})
	}
}
