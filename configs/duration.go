package configs

import (
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// parseDuration reads a Go duration that may begin with days: 90s, 4d, 1d12h.
func parseDuration(s string) (time.Duration, bool) {
	number, rest, ok := strings.Cut(s, "d")
	if !ok {
		d, err := time.ParseDuration(s)
		return d, err == nil
	}
	days, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return 0, false
	}
	total := time.Duration(days) * day
	if rest == "" {
		return total, true
	}
	d, err := time.ParseDuration(rest)
	return total + d, err == nil && d >= 0 && d < day
}

// formatDuration writes d as an administrator would: 10m, not 10m0s; 4d, not
// 96h0m0s. parseDuration reads it.
func formatDuration(d time.Duration) string {
	if d > 0 && d%day == 0 && d/day < 1<<16 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
