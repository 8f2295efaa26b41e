package main

import (
	"testing"
	"time"
)

func TestParseRetryRule(t *testing.T) {
	tests := map[string]time.Duration{
		"Retry rule: *  F,2h,15m; G,16h,1h,1.5; F,4d,6h; \n": 4 * 24 * time.Hour,
		"Retry rule: * F,6h,10m;\n":                          6 * time.Hour,
		"Retry rule: *  refused  F,1d12h,20m;":               36 * time.Hour,
		"No retry information found\n":                       0,
		"Retry rule: nonsense":                               0,
		"":                                                   0,
	}
	for out, want := range tests {
		if got := parseRetryRule(out); got != want {
			t.Errorf("parseRetryRule(%q) = %v, want %v", out, got, want)
		}
	}
}

func TestParseMTATime(t *testing.T) {
	tests := map[string]time.Duration{
		"5d": 5 * 24 * time.Hour, "1w": 7 * 24 * time.Hour, "3600": time.Hour, "1d12h": 36 * time.Hour,
		"0": 0, "": 0, "d": 0, "5y": 0, "99999999999999999999s": 0, "-1d": 0,
	}
	for text, want := range tests {
		got, ok := parseMTATime(text)
		if ok != (want > 0) || ok && got != want {
			t.Errorf("parseMTATime(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
}
