package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/store"
)

// many returns n messages that belong together: they share their MessageID.
func many(batch, n int) []correlate.Message {
	messages := make([]correlate.Message, n)
	for i := range messages {
		messages[i] = stuck(fmt.Sprintf("%d-%d", batch, i), i, i+1)
		messages[i].MessageID = fmt.Sprint(batch)
	}
	return messages
}

// cancelled stops commits at every moment: each leaves all or nothing, and says
// which.
func cancelled(t *testing.T, db *store.DB) {
	const n = 200
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Commit(ctx, store.Batch{Messages: many(0, n)}); !errors.Is(err, context.Canceled) {
		t.Fatalf("Commit with a cancelled context: %v", err)
	}
	wantMessages(t, db, store.Filter{})

	var committed, undone int
	for batch, wait := 1, 100*time.Microsecond; committed < 3 && wait < time.Minute; batch, wait = batch+1, wait*5/4 {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		err := db.Commit(ctx, store.Batch{Messages: many(batch, n), Incidents: []correlate.Incident{trouble(fmt.Sprint(batch), batch, batch, 1)}})
		cancel()
		switch {
		case err == nil:
			committed++
		case errors.Is(err, context.DeadlineExceeded):
			undone++
		default:
			t.Fatalf("Commit cancelled after %v: %v", wait, err)
		}
		all, err := db.Messages(t.Context(), store.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != committed*n {
			t.Fatalf("%d messages after %d commits of %d, the last of them cancelled after %v", len(all), committed, n, wait)
		}
	}
	if committed == 0 || undone == 0 {
		t.Errorf("%d commits went through and %d did not: the test shows nothing", committed, undone)
	}
}

// concurrent has readers look on while two writers write: every batch is seen
// whole.
func concurrent(t *testing.T, db *store.DB) {
	const batches, n = 8, 20
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			for b := range batches {
				if err := db.Commit(t.Context(), store.Batch{Messages: many(w*batches+b, n)}); err != nil {
					t.Errorf("Commit: %v", err)
				}
			}
		})
	}
	for range 3 {
		readers.Go(func() {
			for {
				perBatch := map[string]int{}
				for m, err := range db.EachMessage(t.Context(), store.Filter{}) {
					if err != nil {
						t.Errorf("EachMessage: %v", err)
						return
					}
					perBatch[m.MessageID]++
				}
				for id, got := range perBatch {
					if got != n {
						t.Errorf("a reader saw %d of the %d messages of batch %s", got, n, id)
					}
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if all, err := db.Messages(t.Context(), store.Filter{}); err != nil || len(all) != 2*batches*n {
		t.Errorf("%d messages, %v, want %d", len(all), err, 2*batches*n)
	}
}
