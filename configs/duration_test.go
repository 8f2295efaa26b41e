package configs

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	tests := map[string]time.Duration{
		"0s":     0,
		"1ms":    time.Millisecond,
		"1.5s":   1500 * time.Millisecond,
		"10m":    10 * time.Minute,
		"10m5s":  10*time.Minute + 5*time.Second,
		"1h":     time.Hour,
		"20h":    20 * time.Hour,
		"1h30m":  90 * time.Minute,
		"25h":    25 * time.Hour,
		"4d":     96 * time.Hour,
		"-10m":   -10 * time.Minute,
		"65535d": 65535 * day,
	}
	for s, d := range tests {
		if got, ok := parseDuration(s); got != d || !ok {
			t.Errorf("parseDuration(%q) = %v, %v, want %v", s, got, ok, d)
		}
		if got := formatDuration(d); got != s {
			t.Errorf("formatDuration(%v) = %q, want %q", d, got, s)
		}
	}
	if got, ok := parseDuration("1d12h"); got != 36*time.Hour || !ok {
		t.Errorf("parseDuration(1d12h) = %v, %v", got, ok)
	}
	for _, s := range []string{"", "5", "d", "-4d", "1.5d", "65536d", "1d24h", "1d-1h", "1d1d", "4 d", "1w"} {
		if got, ok := parseDuration(s); ok {
			t.Errorf("parseDuration(%q) = %v, want a refusal", s, got)
		}
	}
}
