package store

import (
	"context"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// A message that was put off comes again under another queue id, and is kept
// under the last one: see correlate.Message.Related.

// knownAttempt reports whether m is an attempt of a message that is there under
// a later queue id: an older log, read again.
func (t *txn) knownAttempt(ctx context.Context, m *correlate.Message, host int64) (known bool, err error) {
	if m.Outcome != correlate.OutcomeTempfailed {
		return false, nil
	}
	n, err := t.id(ctx, `SELECT count(*) FROM relation r JOIN message l ON l.id = r.message_id
		WHERE r.kind = 'attempt' AND r.queue_id = $1 AND l.host_id = $2 AND l.first_seen <= $3 AND l.last_seen >= $4`,
		escape(m.QueueID), host, micros(m.FirstSeen), micros(m.LastSeen))
	return n > 0, err
}

// dropAttempts removes the rows of m's earlier attempts: m tells their story.
func (t *txn) dropAttempts(ctx context.Context, m *correlate.Message, host int64) error {
	for _, r := range m.Related {
		if r.Kind != "attempt" {
			continue
		}
		if err := t.exec(ctx, `DELETE FROM message WHERE queue_id = $1 AND host_id = $2 AND instance = $3 AND first_seen >= $4 AND last_seen <= $5`,
			escape(r.QueueID), host, escape(m.Instance), micros(m.FirstSeen), micros(m.LastSeen)); err != nil {
			return err
		}
	}
	return nil
}
