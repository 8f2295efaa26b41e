package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dkimwatch/dkimwatch/store"
)

func TestDamaged(t *testing.T) {
	sound := filepath.Join(t.TempDir(), "sound.db")
	db := open(t, sound)
	if err := db.Commit(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	good := content(t, sound)
	with := func(at int, b []byte) []byte {
		bad := bytes.Clone(good)
		copy(bad[at:], b)
		return bad
	}
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	exec(t, foreign, `CREATE TABLE bookmark (url TEXT)`)

	for name, bad := range map[string][]byte{
		"garbage":            bytes.Repeat([]byte("not a database\n"), 1000),
		"a few bytes":        []byte("x"),
		"a log":              []byte("2026-03-01 10:00:00 1tXyZ0-000001-AB <= ann@example.com\n"),
		"half":               good[:len(good)/2],
		"cut in a page":      good[:len(good)-100],
		"header only":        good[:100],
		"overwritten header": with(0, make([]byte, 100)),
		"overwritten schema": with(100, bytes.Repeat([]byte{0xa5}, 3000)),
		"another program's":  content(t, foreign),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			if err := os.WriteFile(path, bad, 0o640); err != nil {
				t.Fatal(err)
			}
			for what, open := range map[string]func() (*store.DB, error){
				"Open":         func() (*store.DB, error) { return store.Open(t.Context(), path, store.Options{}) },
				"OpenReadOnly": func() (*store.DB, error) { return store.OpenReadOnly(t.Context(), path, store.Options{}) },
			} {
				db, err := open()
				if _, ok := errors.AsType[*store.DamagedError](err); !ok {
					t.Errorf("%s: %v, want a DamagedError", what, err)
				} else if s := err.Error(); !strings.Contains(s, path) || !strings.Contains(s, "aside") {
					t.Errorf("%s: %v, want the file and what to do", what, err)
				}
				if db != nil {
					db.Close()
				}
				if !bytes.Equal(bad, content(t, path)) {
					t.Fatalf("%s changed the damaged file", what)
				}
			}
		})
	}
}

// Damage deep in the file shows when it is met.
func TestDamagedLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db := open(t, path)
	if err := db.Commit(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	bad := content(t, path)
	for page := 4096; page < len(bad); page += 4096 {
		if bad[page] == 13 || bad[page] == 10 { // a leaf
			copy(bad[page:], bytes.Repeat([]byte{0xa5}, 200))
		}
	}
	if err := os.WriteFile(path, bad, 0o640); err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenReadOnly(t.Context(), path, store.Options{})
	if err == nil {
		defer db.Close()
		_, err = db.Messages(t.Context(), store.Filter{})
	}
	if damage, ok := errors.AsType[*store.DamagedError](err); !ok || damage.Path != path {
		t.Errorf("reading a damaged store: %v", err)
	}
	if !bytes.Equal(bad, content(t, path)) {
		t.Error("the damaged file was changed")
	}
}

// SQLite deletes the log of an empty database.
func TestDamagedToNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	log := []byte("what the log holds")
	if err := os.WriteFile(path, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+"-wal", log, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), path, store.Options{})
	if _, ok := errors.AsType[*store.DamagedError](err); !ok {
		t.Errorf("Open of an empty file with a log: %v", err)
	}
	if !bytes.Equal(log, content(t, path+"-wal")) {
		t.Error("the log was changed")
	}
}
