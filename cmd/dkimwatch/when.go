package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timeForms are how a moment may be written on the command line, besides as a
// duration before now. Those without a zone are in the viewer's.
var timeForms = []string{
	time.RFC3339Nano,
	"2006-01-02 15:04:05 -0700",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	"2006-01-02",
}

// period is the times that a command was given; zero ones were not.
type period struct{ since, until, asOf time.Time }

// parsePeriod reads --since, --until and --as-of. Durations are counted back from
// the last if it is given, else from now. The error is a *usageError.
func parsePeriod(since, until, asOf string, now time.Time) (at period, err error) {
	base := now
	for _, limit := range []struct {
		flag, text string
		to         *time.Time
	}{{"--as-of", asOf, &at.asOf}, {"--since", since, &at.since}, {"--until", until, &at.until}} {
		if *limit.to, err = parseWhen(limit.text, base, time.Local); err != nil {
			return period{}, &usageError{fmt.Errorf("%s: %w", limit.flag, err)}
		}
		if !at.asOf.IsZero() {
			base = at.asOf
		}
	}
	if !at.until.IsZero() && !at.since.Before(at.until) {
		return period{}, &usageError{errors.New("--since is not before --until")}
	}
	return at, nil
}

// parseWhen reads a moment: "6h", "90m", "2d" or "1w" before now, or a date with
// or without a time. An empty text is no moment.
func parseWhen(text string, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, ok := parseAgo(text); ok {
		return now.Add(-ago), nil
	}
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 6h, 2d, 2026-05-11, 2026-05-11 16:20 or 2026-05-11T16:20:00Z", text)
}

// parseAgo reads a duration that may have days and weeks: 36h, 2d, 1w.
func parseAgo(text string) (time.Duration, bool) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.Atoi(number)
			return time.Duration(n) * length, err == nil && n >= 0 && n < 36_500
		}
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0
}
