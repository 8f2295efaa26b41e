package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// latestVersion returns the version of the schema that this program works with:
// that of its last migration.
func latestVersion() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil {
		return 0, err
	}
	return goose.NumericComponent(names[len(names)-1])
}

// migrate brings the schema up to date, each migration in a transaction of its
// own. Two processes may do so at once.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	before, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	for {
		_, upErr := provider.Up(ctx)
		if upErr == nil {
			return nil
		}
		// Another process may have been quicker with a migration: then the
		// version has moved, and the rest is tried from there.
		after, err := provider.GetDBVersion(ctx)
		if err != nil || after == before {
			return fmt.Errorf("from version %d: %w", before, upErr)
		}
		before = after
	}
}
