package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestPathToKeep(t *testing.T) {
	dir := t.TempDir()
	denied := filepath.Join(dir, "file", "history.db") // nothing can be made below a file
	if err := os.WriteFile(filepath.Dir(denied), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	absent := filepath.Join(dir, "absent", "history.db")
	tests := map[string]struct {
		configured, system, user, want string
		err                            error
	}{
		"configured":        {"/a/b.db", absent, "/home/u.db", "/a/b.db", nil},
		"can be made":       {"", absent, "/home/u.db", absent, nil},
		"is there":          {"", filepath.Join(dir, "history.db"), "/home/u.db", filepath.Join(dir, "history.db"), nil},
		"not for this user": {"", filepath.Join(denied, "history.db"), "/home/u.db", "/home/u.db", nil},
		"no home":           {"", filepath.Join(denied, "history.db"), "", "", errNoStorePath},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := pathToKeep(tt.configured, tt.system, tt.user)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("pathToKeep = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// A user who has no history reads the system's, and the other way round.
func TestPathToRead(t *testing.T) {
	dir := t.TempDir()
	system, user := filepath.Join(dir, "system.db"), filepath.Join(dir, "user.db")
	read := func(want string) {
		t.Helper()
		if got, err := pathToRead("", system, user); got != want || err != nil {
			t.Errorf("pathToRead = %q, %v, want %q", got, err, want)
		}
	}
	read(system)
	if err := os.WriteFile(user, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	read(user)
	if err := os.WriteFile(system, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	read(system)
}
