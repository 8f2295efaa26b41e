package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/store"
)

// sample is a batch that every table gets a row of.
func sample() store.Batch {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	return store.Batch{
		Messages: []correlate.Message{{
			Host: "mx1", QueueID: "1tXyZ0-000001-AB", MTA: "exim", FirstSeen: at, LastSeen: at, Stuck: true,
			Recipients: make([]correlate.Recipient, 2), Signatures: make([]correlate.Signature, 2), Findings: make([]correlate.Finding, 2),
			Related: make([]correlate.Relation, 2), Sources: make([]correlate.Span, 2),
		}},
		Incidents: []correlate.Incident{{ID: "i", Opened: at, LastSeen: at}},
	}
}

func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t testing.TB, path, query string) {
	t.Helper()
	db := raw(t, path)
	if _, err := db.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenCreates(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c%20#d", "lib")
	path := filepath.Join(dir, "history.db")
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	// The log and its index stay, for readers who may not create them.
	for name, forbidden := range map[string]fs.FileMode{dir: 0o027, path: 0o137, path + "-wal": 0o137, path + "-shm": 0o137} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode&forbidden != 0 {
			t.Errorf("%s has mode %v, want nothing of %v", name, mode, forbidden)
		}
	}
	again, err := store.OpenReadOnly(t.Context(), "sqlite://"+path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if all, err := again.Messages(t.Context(), store.Filter{}); err != nil || len(all) != 1 {
		t.Errorf("Messages = %d, %v, want 1", len(all), err)
	}
	if err := again.Commit(t.Context(), sample()); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("Commit to a store open for reading: %v", err)
	}
	if again.Path() != path {
		t.Errorf("Path = %q, want %q", again.Path(), path)
	}
}

func TestOpenSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	open(t, path)
	db := raw(t, path)
	for pragma, want := range map[string]string{"journal_mode": "wal", "auto_vacuum": "2", "application_id": "1684761975", "integrity_check": "ok"} {
		var got string
		if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("PRAGMA %s = %q, %v, want %q", pragma, got, err, want)
		}
	}
}

func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			db, err := store.Open(t.Context(), path, store.Options{})
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			if err := db.Commit(t.Context(), sample()); err != nil {
				t.Errorf("Commit: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	all.Wait()
	if got, err := open(t, path).Messages(t.Context(), store.Filter{}); err != nil || len(got) != 1 {
		t.Errorf("Messages = %d, %v, want 1", len(got), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ dsn, want string }{
		"postgres":           {"postgres://user:hush@db/x", "this version keeps its history in SQLite only"},
		"postgresql":         {"postgresql://user:hush@db/x", "this version keeps its history in SQLite only"},
		"another database":   {"mysql://user:hush@db/x", "not known"},
		"empty":              {"", "the path is empty"},
		"empty after scheme": {"sqlite:", "the path is empty"},
		"a directory":        {dir, "it is a directory"},
		"below a file":       {filepath.Join(file, "history.db"), "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			for what, open := range map[string]func() (*store.DB, error){
				"Open":         func() (*store.DB, error) { return store.Open(t.Context(), test.dsn, store.Options{}) },
				"OpenReadOnly": func() (*store.DB, error) { return store.OpenReadOnly(t.Context(), test.dsn, store.Options{}) },
			} {
				_, err := open()
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s(%q): %v, want %q in it", what, test.dsn, err, test.want)
				}
				if err != nil && strings.Contains(err.Error(), "hush") {
					t.Errorf("%s repeats a password: %v", what, err)
				}
			}
		})
	}
}

func TestNoStore(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, filepath.Join(dir, "missing.db"), filepath.Join(dir, "missing", "missing.db")} {
		_, err := store.OpenReadOnly(t.Context(), path, store.Options{})
		if !errors.Is(err, store.ErrNoStore) || !strings.Contains(err.Error(), path) {
			t.Errorf("OpenReadOnly(%q): %v", path, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("reading left %v, %v", entries, err)
	}
}

func TestSchemaVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db := open(t, path)
	if err := db.Commit(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	exec(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)`)
	before := content(t, path)
	for what, open := range map[string]func() (*store.DB, error){
		"Open":         func() (*store.DB, error) { return store.Open(t.Context(), path, store.Options{}) },
		"OpenReadOnly": func() (*store.DB, error) { return store.OpenReadOnly(t.Context(), path, store.Options{}) },
	} {
		_, err := open()
		schema, ok := errors.AsType[*store.SchemaError](err)
		if !ok || schema.Found != 9000 || schema.Known < 1 {
			t.Fatalf("%s of a newer schema: %v", what, err)
		}
		if s := err.Error(); !strings.Contains(s, path) || !strings.Contains(s, "9000") || !strings.Contains(s, "up to 1") {
			t.Errorf("%s of a newer schema: %v, want the file and both versions", what, err)
		}
	}
	if !bytes.Equal(before, content(t, path)) {
		t.Error("the file of a newer schema was changed")
	}
}

// A store of version 0 is what remains if the first Open was killed.
func TestMigrateFromNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	exec(t, path, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`)
	if _, err := store.OpenReadOnly(t.Context(), path, store.Options{}); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("OpenReadOnly of a store without a schema: %v", err)
	}
	exec(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)`)
	if err := open(t, path).Commit(t.Context(), sample()); err != nil {
		t.Error(err)
	}
}

func content(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
