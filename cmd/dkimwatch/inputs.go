package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/sources"
)

// usualPlaces is where distributions put the logs that we read.
var usualPlaces = []string{
	"/var/log/exim4/mainlog",
	"/var/log/exim/main.log",
	"/var/log/exim/mainlog",
	"/var/log/exim_mainlog",
	"/var/log/mail.log",
	"/var/log/maillog",
}

var errNoLogs = errors.New("no log is in the usual places; name one, or pipe the journal in:\n" +
	"  journalctl -o short-iso --no-pager -t exim -u 'postfix*' -u opendkim | dkimwatch scan -")

// inputs returns what to read: the files named, else those of the configuration,
// else those in the usual places. What is wrong with some of them comes beside
// the others.
func inputs(args []string, cfg *configs.Config, stdin io.Reader) (list []*sources.Input, faults []error) {
	args = whatToRead(args, cfg)
	if len(args) == 0 {
		return nil, []error{errNoLogs}
	}
	list, faults = sources.Expand(args, stdin)
	for i, err := range faults {
		faults[i] = withRemedy(err)
	}
	for _, in := range list {
		in.Limits.Line = cfg.MaxLineBytes
	}
	return list, faults
}

func whatToRead(args []string, cfg *configs.Config) []string {
	switch {
	case len(args) > 0:
		return args
	case len(cfg.Sources.Paths) > 0:
		return cfg.Sources.Paths
	}
	for _, path := range usualPlaces {
		if _, err := os.Stat(path); err == nil {
			args = append(args, path)
		}
	}
	return args
}

// ownLogs reports whether all that is read are logs of this machine's mail
// server: in the usual places, also rotated ones, and not said to be another
// host's.
func ownLogs(args []string, cfg *configs.Config) bool {
	if cfg.Host != "" {
		return false
	}
	for _, arg := range whatToRead(args, cfg) {
		usual := func(place string) bool { return strings.HasPrefix(arg, place) }
		if !slices.ContainsFunc(usualPlaces, usual) {
			return false
		}
	}
	return true
}

// notALog reports whether a file that nobody named turned out to be no mail log, or
// empty: a directory holds others.
func notALog(in *sources.Input, src *pipeline.Source) bool {
	_, unknown := errors.AsType[*pipeline.UnknownFormatError](src.Err)
	return in.Listed && (unknown || errors.Is(src.Err, sources.ErrBinary) || isEmpty(src))
}

// isEmpty reports whether there was not a line in an input.
func isEmpty(src *pipeline.Source) bool { return src.Err == nil && src.Format == "" }

// withRemedy adds what to do about err where package sources does not say it.
func withRemedy(err error) error {
	fault, ok := errors.AsType[*sources.FileError](err)
	switch {
	case !ok || fault.Remedy != "":
		return err
	case errors.Is(err, sources.ErrTruncated):
		return fmt.Errorf("%w; copy or compress it again if it should be whole", err)
	case errors.Is(err, sources.ErrDamaged):
		return fmt.Errorf("%w; copy it again, or take it from a backup", err)
	case errors.Is(err, sources.ErrBinary):
		return fmt.Errorf("%w; name a log that is text, plain or compressed", err)
	case errors.Is(err, filepath.ErrBadPattern):
		return fmt.Errorf(`%w; write \[ for a bracket that is part of the name`, err)
	}
	return err
}

// zone returns the zone that the configuration names, or nil.
func zone(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	return time.LoadLocation(name)
}

// host is the name for lines that carry none.
func host(name string) string {
	if name != "" {
		return name
	}
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}
