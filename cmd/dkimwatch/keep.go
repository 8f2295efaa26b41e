package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/store"
)

// systemStore is where history is kept by those who may.
const systemStore = "/var/lib/dkimwatch/history.db"

// addStorePathFlag adds --store-path, which overrides store.path.
func addStorePathFlag(cmd *cobra.Command, usage string) {
	cmd.Flags().String("store-path", "", usage)
}

// storePathFlag returns --store-path as an absolute path, which is what the
// configuration wants.
func storePathFlag(cmd *cobra.Command) (configs.Flags, error) {
	f := cmd.Flag("store-path")
	if f.Changed {
		path, err := filepath.Abs(f.Value.String())
		if err != nil {
			return nil, fmt.Errorf("--store-path: %w", err)
		}
		if err := f.Value.Set(path); err != nil {
			return nil, fmt.Errorf("--store-path: %w", err)
		}
	}
	return configs.Flags{"store.path": f}, nil
}

// userStore is where the history of a user lives who may not write systemStore
// (XDG Base Directory Specification); "" for a user without a home.
func userStore() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "dkimwatch", "history.db")
}

var errNoStorePath = errors.New("this user has no home directory to keep the history in: name a file with --store-path")

// pathToKeep returns the file that history is written to: the configured one,
// else system if its directory can be written or made, else user.
func pathToKeep(configured, system, user string) (string, error) {
	switch {
	case configured != "":
		return configured, nil
	case canMake(filepath.Dir(system)):
		return system, nil
	case user == "":
		return "", errNoStorePath
	}
	return user, nil
}

// pathToRead returns the file that history is read from: the one that would be
// written if it is there, else the other one if that is there.
func pathToRead(configured, system, user string) (string, error) {
	path, err := pathToKeep(configured, system, user)
	if err != nil || configured != "" {
		return path, err
	}
	for _, candidate := range []string{path, system, user} {
		if _, err := os.Stat(candidate); err == nil {
			return candidate, nil
		}
	}
	return path, nil
}

// canMake reports whether files can be made in dir, or dir itself can.
func canMake(dir string) bool {
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Dir(dir)
	}
	return unix.Access(dir, unix.W_OK|unix.X_OK) == nil
}

// waiting returns which messages wait according to the history in path, by host
// and queue id: their end is of interest, whether or not the log that tells of it
// tells of their trouble. Without a history there are none; one that cannot be
// read is complained of when it is written.
func waiting(ctx context.Context, path string) map[[2]string]bool {
	db, err := store.OpenReadOnly(ctx, path, store.Options{})
	if err != nil {
		return nil
	}
	defer db.Close()
	ids := map[[2]string]bool{}
	for m, err := range db.EachMessage(ctx, store.Filter{Stuck: true}) {
		if err != nil {
			return nil
		}
		ids[[2]string{m.Host, m.QueueID}] = true
	}
	return ids
}

// keptAtOnce is how many messages are committed together.
const keptAtOnce = 5000

// keep adds what a scan found to the history in path. Each commit is whole: one
// that is interrupted leaves nothing, and the next scan adds what is missing.
func keep(ctx context.Context, path string, res *pipeline.Result) (err error) {
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return keepFault(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	messages := messagesToKeep(res)
	for len(messages) > keptAtOnce {
		if err := db.Commit(ctx, store.Batch{Messages: messages[:keptAtOnce]}); err != nil {
			return keepFault(err)
		}
		messages = messages[keptAtOnce:]
	}
	last := store.Batch{Messages: messages, Incidents: slices.Clone(res.Incidents)}
	for i := range last.Incidents {
		v := &last.Incidents[i].Verdict
		if v.Status == dkim.KeyUnknown {
			*v = dkim.Verdict{} // it says nothing, and what is known shall stay
			continue
		}
		last.Verdicts = append(last.Verdicts, *v)
	}
	if err := db.Commit(ctx, last); err != nil {
		return keepFault(err)
	}
	// The file tells when it was written last, also if there was nothing new. It
	// may be another user's; then the time of the last change has to do.
	now := time.Now()
	_ = os.Chtimes(path, now, now)
	return nil
}

// messagesToKeep copies what a scan found and what it followed. A message that waits is kept as stuck
// however young it is: it grows older while nobody scans, and whoever reads it
// judges it anew.
func messagesToKeep(res *pipeline.Result) []correlate.Message {
	messages := make([]correlate.Message, 0, len(res.Messages)+len(res.Known))
	for _, list := range [][]*correlate.Message{res.Messages, res.Known} {
		for _, m := range list {
			kept := *m
			kept.Judge(res.AsOf, 0)
			messages = append(messages, kept)
		}
	}
	return messages
}

func keepFault(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w; name a file that you may write with --store-path, or in store.path of the configuration", err)
	}
	return fmt.Errorf("keep the result: %w", err)
}

// keptWords says what was kept and where.
func keptWords(path string, res *pipeline.Result) string {
	return fmt.Sprintf("kept %s and %s in %s", plural(len(res.Messages)+len(res.Known), "message"), plural(len(res.Incidents), "incident"), path)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
