package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/store"
)

// stuckMessages returns n messages as a bad key leaves them: two signatures, one or
// two recipients, a finding.
func stuckMessages(run, n int) []correlate.Message {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	all := make([]correlate.Message, n)
	for i := range all {
		at := day.Add(time.Duration(i) * time.Second)
		key := dkim.KeyName{Selector: fmt.Sprintf("s%d", i%7), Domain: fmt.Sprintf("d%d.example.com", i%500)}
		m := correlate.Message{
			Host: "mx1", QueueID: fmt.Sprintf("1tXy%03d-%06d-AB", run, i), MTA: "exim", MessageID: fmt.Sprintf("%d.%d@mail.example.com", run, i),
			Sender: "bounce+" + fmt.Sprint(i) + "@" + key.Domain, SenderKnown: true, ClientIP: "192.0.2.7", ClientName: "out.example.com", Helo: "out.example.com",
			Size: 12345, FirstSeen: at, LastSeen: at.Add(time.Hour), Accepted: true, Outcome: correlate.OutcomeQueued, Stuck: true, Attempts: 1,
			Signatures: []correlate.Signature{
				{Key: key, Algorithm: "rsa-sha256", Result: dkim.ResultTemperror, Cause: dkim.CauseKeyUnavailable, Reason: "public key record (currently?) unavailable"},
				{Key: dkim.KeyName{Selector: "x", Domain: "esp.example.net"}, Algorithm: "rsa-sha256", Result: dkim.ResultPass},
			},
			Findings: []correlate.Finding{{Key: key, Cause: dkim.CauseKeyUnavailable, Harm: correlate.HarmHeldHere, At: at,
				Evidence: []string{"DKIM: d=" + key.Domain + " s=" + key.Selector + " c=relaxed/relaxed a=rsa-sha256 [invalid - public key record (currently?) unavailable]"}}},
			Sources: []correlate.Span{{File: "/var/log/exim4/mainlog", FirstLine: int64(i), LastLine: int64(i + 10)}},
		}
		for r := range 1 + i%2 {
			m.Recipients = append(m.Recipients, correlate.Recipient{Address: fmt.Sprintf("user%d@example.org", i%1000+r), Outcome: correlate.OutcomeQueued, Deferrals: 3,
				LastReply: "451 4.7.5 DKIM: public key record (currently?) unavailable", At: at.Add(time.Hour)})
		}
		all[i] = m
	}
	return all
}

func BenchmarkCommit(b *testing.B) {
	const n = 5000
	b.Run("new", func(b *testing.B) {
		db := open(b, filepath.Join(b.TempDir(), "history.db"))
		run := 0
		for b.Loop() {
			run++
			if err := db.Commit(b.Context(), store.Batch{Messages: stuckMessages(run, n)}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "messages/s")
	})
	b.Run("again", func(b *testing.B) {
		db := open(b, filepath.Join(b.TempDir(), "history.db"))
		batch := store.Batch{Messages: stuckMessages(0, n)}
		if err := db.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := db.Commit(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

func BenchmarkMessages(b *testing.B) {
	const n = 5000
	db := open(b, filepath.Join(b.TempDir(), "history.db"))
	if err := db.Commit(b.Context(), store.Batch{Messages: stuckMessages(0, n)}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		all, err := db.Messages(b.Context(), store.Filter{Stuck: true})
		if err != nil || len(all) != n {
			b.Fatal(len(all), err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "messages/s")
}
