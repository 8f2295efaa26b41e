package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// IncidentFilter says which incidents to read. The zero IncidentFilter is all of
// them.
type IncidentFilter struct {
	Since, Until time.Time // those that lasted at some time of [Since, Until); zero is unbounded
	Open         bool      // only those that are not resolved
	ID           string    // those with this Incident.ID; being short, it may be one of several
	Domain       string    // only those about keys of this signing domain
	Limit        int       // at most so many, the oldest; 0 is all
}

// Incidents returns the incidents that f asks for, in the order in which they
// opened.
func (db *DB) Incidents(ctx context.Context, f IncidentFilter) ([]correlate.Incident, error) {
	what := "read incidents of " + db.path
	tx, err := db.snapshot(ctx)
	if err != nil {
		return nil, db.fail(what, err)
	}
	defer tx.Rollback() // it only reads
	rows, err := queryIncidents(ctx, tx, f.rest())
	if err != nil {
		return nil, db.fail(what, err)
	}
	var all []correlate.Incident
	for _, r := range rows {
		all = append(all, r.Incident)
	}
	return all, nil
}

// rest returns the rest of selectIncident for what f asks for.
func (f IncidentFilter) rest() statement {
	var w where
	if !f.Since.IsZero() {
		us := micros(f.Since)
		w.and("(i.state <> 'resolved' OR i.last_seen >= ? OR i.resolved_at >= ?)", us, us)
	}
	if !f.Until.IsZero() {
		w.and("i.opened < ?", micros(f.Until))
	}
	if f.Open {
		w.and("i.state <> 'resolved'")
	}
	if f.ID != "" {
		w.and("i.name = ?", escape(f.ID))
	}
	if f.Domain != "" {
		w.and("d.text = ?", escape(canonicalDomain(f.Domain)))
	}
	query := w.clause() + " ORDER BY i.opened, i.id"
	if f.Limit > 0 {
		query += " LIMIT " + strconv.Itoa(f.Limit)
	}
	return statement{query, w.args}
}

// incidentRow is an incident and the numbers of its row and of its verdict's.
type incidentRow struct {
	correlate.Incident
	row     int64
	verdict sql.NullInt64
}

const selectIncident = `SELECT i.id, i.name, i.direction, d.text, s.text, i.about, i.cause, i.state, i.severity, i.opened, i.last_seen, i.resolved_at,
		i.messages, i.stuck, i.tempfailed, i.rejected, i.bounced, i.delivered, i.findings, i.reopened, i.recipients, i.clients, i.oldest, i.explicit,
		i.deadline, i.deadline_source, i.worked_until, i.verdict_id
	FROM incident i JOIN term d ON d.id = i.domain_id JOIN term s ON s.id = i.selector_id`

// queryIncidents reads the rows of selectIncident and the rest of the query.
func queryIncidents(ctx context.Context, from queryer, rest statement) ([]incidentRow, error) {
	all, err := readAll(ctx, from, statement{selectIncident + rest.query, rest.args}, func(r *incidentRow) []any {
		i := &r.Incident
		return []any{&r.row, (*text)(&i.ID), identifier{&i.Direction}, (*text)(&i.Key.Domain), (*text)(&i.Key.Selector), (*text)(&i.About),
			identifier{&i.Cause}, identifier{&i.State}, identifier{&i.Severity}, instant{&i.Opened}, instant{&i.LastSeen}, instant{&i.ResolvedAt},
			&i.Messages, &i.Stuck, &i.Tempfailed, &i.Rejected, &i.Bounced, &i.Delivered, &i.Findings, &i.Reopened, &i.Recipients, &i.Clients, instant{&i.Oldest}, &i.Explicit,
			instant{&i.Deadline}, (*text)(&i.DeadlineSource), instant{&i.WorkedUntil}, &r.verdict}
	})
	if err != nil {
		return nil, err
	}
	for n := range all {
		i := &all[n]
		if !i.verdict.Valid {
			continue
		}
		verdicts, err := readAll(ctx, from, statement{selectVerdict + "WHERE v.id = $1", []any{i.verdict.Int64}}, verdictColumns)
		if err != nil {
			return nil, fmt.Errorf("verdict of incident %s: %w", i.ID, err)
		}
		i.Verdict = verdicts[0]
	}
	return all, nil
}

// saveIncident makes the row of in, or joins it to the rows of the same spell.
func (t *txn) saveIncident(ctx context.Context, in correlate.Incident) error {
	in = storedIncident(in)
	domain, selector, err := t.keyTerms(ctx, in.Key)
	if err != nil {
		return err
	}
	rows, err := queryIncidents(ctx, t, statement{
		` WHERE i.domain_id = $1 AND i.selector_id = $2 AND i.direction = $3 AND i.about = $4 ORDER BY i.opened`,
		[]any{domain, selector, in.Direction.String(), escape(in.About)},
	})
	if err != nil {
		return err
	}
	spell := sameSpell(rows, in)
	if len(spell) == 0 {
		return t.writeIncident(ctx, 0, in, domain, selector)
	}
	merged := spell[0].Incident
	for _, r := range spell[1:] {
		merged = mergeIncidents(merged, r.Incident)
	}
	merged = mergeIncidents(merged, in)
	if len(spell) == 1 && reflect.DeepEqual(merged, spell[0].Incident) {
		return nil
	}
	for _, r := range spell[1:] {
		if err := t.exec(ctx, `DELETE FROM incident WHERE id = $1`, r.row); err != nil {
			return err
		}
	}
	return t.writeIncident(ctx, spell[0].row, merged, domain, selector)
}

// storedIncident returns in as it will come back.
func storedIncident(in correlate.Incident) correlate.Incident {
	in.Key = in.Key.Canonical()
	for _, t := range []*time.Time{&in.Opened, &in.LastSeen, &in.ResolvedAt, &in.Oldest, &in.Deadline, &in.WorkedUntil, &in.Verdict.At} {
		*t = stored(*t)
	}
	if nobodyAsked(in.Verdict) {
		return in
	}
	v := &in.Verdict
	v.Key, v.Chain, v.Observations = v.Key.Canonical(), nilIfEmpty(v.Chain), nilIfEmpty(slices.Clone(v.Observations))
	for i := range v.Observations {
		v.Observations[i].At = stored(v.Observations[i].At)
	}
	return in
}

// nobodyAsked reports whether v is the zero Verdict.
func nobodyAsked(v dkim.Verdict) bool { return v.At.IsZero() && v.Status == dkim.KeyUnknown }

// writeIncident updates row, or inserts it if it is 0.
func (t *txn) writeIncident(ctx context.Context, row int64, i correlate.Incident, domain, selector int64) error {
	var verdict any
	if !nobodyAsked(i.Verdict) {
		id, err := t.saveVerdict(ctx, i.Verdict)
		if err != nil {
			return fmt.Errorf("verdict: %w", err)
		}
		verdict = id
	}
	args := []any{
		escape(i.ID), i.Direction.String(), domain, selector, escape(i.About), i.Cause.String(), i.State.String(), i.Severity.String(),
		micros(i.Opened), micros(i.LastSeen), microsOrNull(i.ResolvedAt),
		i.Messages, i.Stuck, i.Tempfailed, i.Rejected, i.Bounced, i.Delivered, i.Findings, i.Reopened, i.Recipients, i.Clients, microsOrNull(i.Oldest), i.Explicit,
		microsOrNull(i.Deadline), escape(i.DeadlineSource), microsOrNull(i.WorkedUntil), verdict,
	}
	if row == 0 {
		return t.exec(ctx, `INSERT INTO incident (
				name, direction, domain_id, selector_id, about, cause, state, severity, opened, last_seen, resolved_at,
				messages, stuck, tempfailed, rejected, bounced, delivered, findings, reopened, recipients, clients, oldest, explicit,
				deadline, deadline_source, worked_until, verdict_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)`, args...)
	}
	return t.exec(ctx, `UPDATE incident SET
			name = $1, direction = $2, domain_id = $3, selector_id = $4, about = $5, cause = $6, state = $7, severity = $8,
			opened = $9, last_seen = $10, resolved_at = $11, messages = $12, stuck = $13, tempfailed = $14, rejected = $15,
			bounced = $16, delivered = $17, findings = $18, reopened = $19, recipients = $20, clients = $21, oldest = $22,
			explicit = $23, deadline = $24, deadline_source = $25, worked_until = $26, verdict_id = $27
		WHERE id = $28`, append(args, row)...)
}
