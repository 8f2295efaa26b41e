package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// observation is a dkim.Observation as it is stored, in JSON.
type observation struct {
	Server    text   `json:"server"`
	Transport text   `json:"transport"`
	Name      text   `json:"name"`
	Rcode     text   `json:"rcode,omitempty"`
	Err       text   `json:"err,omitempty"`
	Answers   int    `json:"answers"`
	RTT       int64  `json:"rtt_ns"`
	TTL       int64  `json:"ttl_ns"`
	Truncated bool   `json:"truncated,omitempty"`
	EDE       text   `json:"ede,omitempty"`
	At        *int64 `json:"at,omitempty"` // microseconds; missing if zero
}

func jsonObservations(observations []dkim.Observation) (string, error) {
	list := make([]observation, len(observations))
	for i, o := range observations {
		list[i] = observation{
			Server: text(o.Server), Transport: text(o.Transport), Name: text(o.Name), Rcode: text(o.Rcode), Err: text(o.Err),
			Answers: o.Answers, RTT: int64(o.RTT), TTL: int64(o.TTL), Truncated: o.Truncated, EDE: text(o.EDE),
		}
		if !o.At.IsZero() {
			list[i].At = new(micros(o.At))
		}
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// observationList scans what jsonObservations wrote. An empty list becomes nil.
type observationList struct{ to *[]dkim.Observation }

func (l observationList) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("a list is stored as %T", src)
	}
	var list []observation
	if err := json.Unmarshal([]byte(s), &list); err != nil {
		return err
	}
	*l.to = nil
	for _, o := range list {
		out := dkim.Observation{
			Server: string(o.Server), Transport: string(o.Transport), Name: string(o.Name), Rcode: string(o.Rcode), Err: string(o.Err),
			Answers: o.Answers, RTT: time.Duration(o.RTT), TTL: time.Duration(o.TTL), Truncated: o.Truncated, EDE: string(o.EDE),
		}
		if o.At != nil {
			out.At = time.UnixMicro(*o.At).UTC()
		}
		*l.to = append(*l.to, out)
	}
	return nil
}

// saveVerdict keeps v and returns the number of its row.
func (t *txn) saveVerdict(ctx context.Context, v dkim.Verdict) (int64, error) {
	domain, selector, err := t.keyTerms(ctx, v.Key.Canonical())
	if err != nil {
		return 0, err
	}
	chain, err := jsonStrings(v.Chain)
	if err != nil {
		return 0, err
	}
	observations, err := jsonObservations(v.Observations)
	if err != nil {
		return 0, err
	}
	return t.id(ctx, `INSERT INTO verdict (domain_id, selector_id, at, status, fault, confidence, record, chain, ttl_ns, detail, observations)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (domain_id, selector_id, at) DO UPDATE SET
			status = excluded.status, fault = excluded.fault, confidence = excluded.confidence, record = excluded.record,
			chain = excluded.chain, ttl_ns = excluded.ttl_ns, detail = excluded.detail, observations = excluded.observations
		RETURNING id`,
		domain, selector, micros(v.At), v.Status.String(), v.Fault.String(), escape(v.Confidence), escape(v.Record), chain, int64(v.TTL), escape(v.Detail), observations)
}

// selectVerdict is the beginning of queries whose rows are verdictColumns.
const selectVerdict = `SELECT d.text, s.text, v.at, v.status, v.fault, v.confidence, v.record, v.chain, v.ttl_ns, v.detail, v.observations
	FROM verdict v JOIN term d ON d.id = v.domain_id JOIN term s ON s.id = v.selector_id `

func verdictColumns(v *dkim.Verdict) []any {
	return []any{
		(*text)(&v.Key.Domain), (*text)(&v.Key.Selector), instant{&v.At}, identifier{&v.Status}, identifier{&v.Fault},
		(*text)(&v.Confidence), (*text)(&v.Record), stringList{&v.Chain}, (*int64)(&v.TTL), (*text)(&v.Detail), observationList{&v.Observations},
	}
}

// latestVerdict is the statement for the latest verdict about k.
func latestVerdict(k dkim.KeyName) statement {
	return statement{
		selectVerdict + `WHERE d.text = $1 AND s.text = $2 ORDER BY v.at DESC LIMIT 1`,
		[]any{escape(k.Domain), escape(k.Selector)},
	}
}

// LatestVerdicts returns the latest verdict about each of keys that has one, under
// the key's canonical form, which is also what Verdict.Key then is.
func (db *DB) LatestVerdicts(ctx context.Context, keys []dkim.KeyName) (map[dkim.KeyName]dkim.Verdict, error) {
	latest := make(map[dkim.KeyName]dkim.Verdict, len(keys))
	for _, k := range keys {
		k = k.Canonical()
		verdicts, err := readAll(ctx, db.read, latestVerdict(k), verdictColumns)
		if err != nil {
			return nil, db.fail(fmt.Sprintf("read verdict on %s from %s", k, db.path), err)
		}
		if len(verdicts) > 0 {
			latest[k] = verdicts[0]
		}
	}
	return latest, nil
}
