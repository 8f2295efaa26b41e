package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/store"
)

const (
	crashStore = "DKIMWATCH_TEST_CRASH_STORE" // set in the process that is to be killed
	crashBatch = 100
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashStore); path != "" {
		err := commitForever(path)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// commitForever commits one batch after the other and says so after each.
func commitForever(path string) error {
	db, err := store.Open(context.Background(), path, store.Options{})
	if err != nil {
		return err
	}
	for batch := 1; ; batch++ {
		b := store.Batch{Messages: make([]correlate.Message, crashBatch)}
		for i := range b.Messages {
			b.Messages[i] = sample().Messages[0]
			b.Messages[i].QueueID = fmt.Sprintf("%d-%d", batch, i)
		}
		if err := db.Commit(context.Background(), b); err != nil {
			return err
		}
		fmt.Println(batch)
	}
}

// A process that is killed leaves every batch that it committed, and at most one
// more, each of them whole; and what it left can be written to at once.
func TestKilled(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, wait := range []time.Duration{0, 3 * time.Millisecond, 7 * time.Millisecond} {
		path := filepath.Join(t.TempDir(), "history.db")
		writer := osexec.Command(program)
		writer.Env = append(os.Environ(), crashStore+"="+path)
		writer.Stderr = os.Stderr
		out, err := writer.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		said := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if said, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
			if said == 3 {
				time.Sleep(wait)
				if err := writer.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := writer.Wait(); err == nil {
			t.Fatal("the writer ended by itself")
		}
		db := open(t, path)
		all, err := db.Messages(t.Context(), store.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(all); n != said*crashBatch && n != (said+1)*crashBatch {
			t.Errorf("%d messages after %d batches of %d", n, said, crashBatch)
		}
		for _, m := range all {
			if len(m.Recipients) != 2 || len(m.Findings) != 2 || len(m.Sources) != 2 {
				t.Fatalf("message %s was left in part", m.QueueID)
			}
		}
		if err := db.Commit(t.Context(), sample()); err != nil {
			t.Errorf("Commit after the crash: %v", err)
		}
	}
}
