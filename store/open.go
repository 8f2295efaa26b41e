package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Options adjust a DB. The zero value is what commands want.
type Options struct {
	// BusyTimeout is how long a statement waits for another process that
	// writes; 0 is 10 s.
	BusyTimeout time.Duration

	// Readers is how many reads may run at once; 0 is 4.
	Readers int
}

func (o Options) withDefaults() Options {
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = 10 * time.Second
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	return o
}

// DB is an open store. It is safe for concurrent use: writes wait for each
// other, reads see the last commit and wait for nobody.
type DB struct {
	path  string
	write *sql.DB // one connection; nil if read-only
	read  *sql.DB
}

// Open opens the store that dsn names for writing and reading, creates it if it
// is not there, and brings its schema up to date. dsn is "sqlite:PATH" or a bare
// path. A missing directory is made (0750), the file belongs to its owner and is
// readable by the group (0640).
//
// The error is a *SchemaError if the schema is newer than this program, and a
// *DamagedError if the file is damaged or not ours; neither changes the file.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	path, err := parseDSN(dsn)
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	if err := createSQLite(path); err != nil {
		return nil, fmt.Errorf("create store %s: %w", path, err)
	}
	known, err := latestVersion()
	if err != nil {
		return nil, err
	}
	found, err := inspectSQLite(ctx, path, o)
	switch {
	case err != nil && !errors.Is(err, ErrNoStore):
		return nil, fmt.Errorf("open store %s: %w", path, err)
	case found > known:
		return nil, &SchemaError{Path: path, Found: found, Known: known}
	}
	db := &DB{path: path}
	if db.write, err = openSQLiteWriter(path, o); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	if err := migrate(ctx, db.write); err != nil {
		return nil, errors.Join(db.fail("bring the schema of "+path+" up to date", err), db.Close())
	}
	if db.read, err = openSQLiteReader(path, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), db.Close())
	}
	return db, nil
}

// OpenReadOnly opens an existing store for reading and changes nothing in it. The
// error is ErrNoStore if there is none, a *SchemaError if its schema is not the
// one of this program, and a *DamagedError if the file is damaged or not ours.
func OpenReadOnly(ctx context.Context, dsn string, o Options) (*DB, error) {
	path, err := parseDSN(dsn)
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	known, err := latestVersion()
	if err != nil {
		return nil, err
	}
	found, err := inspectSQLite(ctx, path, o)
	switch {
	case err != nil:
		return nil, fmt.Errorf("open store %s: %w", path, err)
	case found != known:
		return nil, &SchemaError{Path: path, Found: found, Known: known}
	}
	db := &DB{path: path}
	if db.read, err = openSQLiteReader(path, o); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return db, nil
}

// Path returns the file of the store.
func (db *DB) Path() string { return db.path }

// Close closes the store. Reads and writes under way end with an error.
func (db *DB) Close() error {
	var errs []error
	for _, pool := range []*sql.DB{db.read, db.write} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return db.fail("close store", errors.Join(errs...))
}

// parseDSN returns the file that dsn names. It does not repeat dsn in its
// errors: one of PostgreSQL may hold a password.
func parseDSN(dsn string) (path string, err error) {
	scheme, rest, ok := strings.Cut(dsn, ":")
	switch {
	case ok && scheme == "sqlite":
		path = strings.TrimPrefix(rest, "//")
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return "", fmt.Errorf("store %s://…: this version keeps its history in SQLite only: give a path, or sqlite:PATH", scheme)
	case ok && strings.HasPrefix(rest, "//"):
		return "", fmt.Errorf("store %s://…: not known: give a path, or sqlite:PATH", scheme)
	default:
		path = dsn
	}
	if path == "" {
		return "", errors.New("store: the path is empty")
	}
	return path, nil
}
