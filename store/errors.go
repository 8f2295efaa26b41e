package store

import (
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrNoStore means that there is no history to read yet.
	ErrNoStore = errors.New("there is no history yet")

	// ErrReadOnly means that a DB from OpenReadOnly was asked to write.
	ErrReadOnly = errors.New("the store is open for reading only")
)

// SchemaError means that the schema of a store is not the one this program
// works with: newer, or older and open for reading only. The store is as it was.
type SchemaError struct {
	Path  string
	Found int64 // version of the store's schema
	Known int64 // version of this program's schema
}

func (e *SchemaError) Error() string {
	if e.Found > e.Known {
		return fmt.Sprintf("%s has schema version %d, this program knows versions up to %d: use the newer dkimwatch that wrote it",
			e.Path, e.Found, e.Known)
	}
	return fmt.Sprintf("%s has schema version %d and this program reads version %d: open it for writing once to bring it up to date (dkimwatch scan --store, or watch)",
		e.Path, e.Found, e.Known)
}

// DamagedError means that a file is no usable database. The file is never
// overwritten.
type DamagedError struct {
	Path string
	Err  error // what was noticed
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("the file is damaged, or no history of dkimwatch (%v), and was left as it is: restore a backup, or move %s and %[2]s-wal aside to begin a new one",
		e.Err, e.Path)
}

func (e *DamagedError) Unwrap() error { return e.Err }

// fail says what was tried, and what the error means for the file.
func (db *DB) fail(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, explain(db.path, err))
}

// explain makes a DamagedError of SQLite's words for a damaged file, and of those
// for a file that may not be opened a fs.ErrPermission that says what is needed.
func explain(path string, err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return &DamagedError{Path: path, Err: err}
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: %w: this user needs access to the file and to %s-wal and %[3]s-shm, or leave to create these", err, fs.ErrPermission, path)
	}
	return err
}
