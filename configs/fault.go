package configs

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with a configuration.
type Fault struct {
	Key     string // the setting, recheck.resolvers[1] for one of a list; "" if it is the file as a whole
	Problem string // what is wrong with it
}

// String returns "key: problem".
func (f Fault) String() string {
	if f.Key == "" {
		return f.Problem
	}
	return f.Key + ": " + f.Problem
}

// Faults is everything wrong with a configuration, sorted by key. As an error
// it has one line for each.
type Faults []Fault

// Error returns the faults, one a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

func (fs *Faults) add(key, format string, args ...any) {
	*fs = append(*fs, Fault{Key: key, Problem: fmt.Sprintf(format, args...)})
}

// about reports whether a fault of key is among fs.
func (fs Faults) about(key string) bool {
	return slices.ContainsFunc(fs, func(f Fault) bool { return f.Key == key })
}

func (fs Faults) sorted() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int { return strings.Compare(a.Key, b.Key) })
	return fs
}
