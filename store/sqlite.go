package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"modernc.org/sqlite"
)

// applicationID marks a SQLite file as ours ("dkmw", in the file's header).
const applicationID = 0x646b6d77

// smallestSQLite is the size in bytes of the smallest database: one page of the
// smallest page size.
const smallestSQLite = 512

// walLimit is the size in bytes that the write-ahead log is cut back to.
const walLimit = 64 << 20

// createSQLite makes the directory and the empty file of a database, if they are
// missing.
//
// An existing file is never opened here: POSIX drops every lock that a process
// holds on a file when it closes any descriptor of it, and with them SQLite's.
func createSQLite(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// inspectSQLite returns the version of the schema in path, and changes nothing.
// The error is ErrNoStore without a file or a schema in it, and a *DamagedError if
// the file is damaged or not ours.
func inspectSQLite(ctx context.Context, path string, o Options) (version int64, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, ErrNoStore
	case err != nil:
		return 0, err
	case info.IsDir():
		return 0, errors.New("it is a directory")
	case info.Size() == 0:
		// SQLite would take it for new and drop what the log holds.
		if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
			return 0, &DamagedError{Path: path, Err: errors.New("the file is empty, its write-ahead log is not")}
		}
		return 0, ErrNoStore
	case info.Size() < smallestSQLite: // SQLite would take it for new, too
		return 0, &DamagedError{Path: path, Err: fmt.Errorf("it has %d bytes", info.Size())}
	}
	db, err := openSQLiteReader(path, o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	version, err = sqliteVersion(ctx, db)
	switch {
	case errors.Is(err, errForeign):
		return 0, &DamagedError{Path: path, Err: err}
	case err != nil:
		return 0, explain(path, err)
	case version == 0:
		return 0, ErrNoStore
	}
	return version, nil
}

var errForeign = errors.New("it is the database of another program")

// sqliteVersion returns the version of the schema, 0 if there is none yet.
func sqliteVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	var id, tables, versioned int64
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx,
		`SELECT count(*), coalesce(sum(name = 'goose_db_version'), 0) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).Scan(&tables, &versioned)
	switch {
	case err != nil:
		return 0, err
	case id != applicationID && tables > versioned:
		return 0, errForeign
	case versioned == 0:
		return 0, nil
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version`).Scan(&version)
	return version, err
}

// openSQLiteWriter opens the one connection that writes.
func openSQLiteWriter(path string, o Options) (*sql.DB, error) {
	dsn, err := sqliteDSN(path, o, url.Values{
		"_txlock":       {"immediate"}, // a transaction that will write says so first, and waits its turn
		"_journal_mode": {"WAL"},
		"_synchronous":  {"NORMAL"},
		"_auto_vacuum":  {"INCREMENTAL"},
		"_foreign_keys": {"ON"},
		"_pragma":       {"journal_size_limit(" + strconv.Itoa(walLimit) + ")"},
	})
	if err != nil {
		return nil, err
	}
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(keepLog{connector})
	db.SetMaxOpenConns(1)
	return db, nil
}

// keepLog makes connections that leave the write-ahead log and its index in
// place, emptied, when they close. Without these files nobody can read the
// database who may not write to its directory.
type keepLog struct{ driver.Connector }

func (k keepLog) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.(sqlite.FileControl).FileControlPersistWAL("main", 1); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// openSQLiteReader opens the pool that reads. It cannot write nor create.
func openSQLiteReader(path string, o Options) (*sql.DB, error) {
	dsn, err := sqliteDSN(path, o, url.Values{"mode": {"ro"}, "_query_only": {"ON"}})
	if err != nil {
		return nil, err
	}
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(o.Readers)
	db.SetMaxIdleConns(o.Readers)
	return db, nil
}

// sqliteDSN returns the URI of a connection to path. The settings are part of
// it, so that every connection of a pool has them.
func sqliteDSN(path string, o Options, q url.Values) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	q.Set("_busy_timeout", strconv.FormatInt(o.BusyTimeout.Milliseconds(), 10))
	q.Set("_defensive", "1")
	q.Set("_dqs", "0")
	q.Add("_pragma", "temp_store(MEMORY)")
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String(), nil
}
