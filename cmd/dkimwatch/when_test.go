package main

import (
	"testing"
	"time"
)

func TestParseWhen(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 5, 11, 12, 0, 0, 0, time.UTC)
	tests := map[string]string{ // RFC 3339, in UTC; empty is an error
		"6h":                        "2026-05-11T06:00:00Z",
		"90m":                       "2026-05-11T10:30:00Z",
		"1h30m":                     "2026-05-11T10:30:00Z",
		"2d":                        "2026-05-09T12:00:00Z",
		"1w":                        "2026-05-04T12:00:00Z",
		"0s":                        "2026-05-11T12:00:00Z",
		"2026-05-11":                "2026-05-10T22:00:00Z",
		"2026-01-11":                "2026-01-10T23:00:00Z",
		"2026-05-11 16:20":          "2026-05-11T14:20:00Z",
		"2026-05-11T16:20":          "2026-05-11T14:20:00Z",
		"2026-05-11 16:20:30":       "2026-05-11T14:20:30Z",
		"2026-05-11T16:20:30Z":      "2026-05-11T16:20:30Z",
		"2026-05-11T16:20:30-04:00": "2026-05-11T20:20:30Z",
		"2026-05-11 16:20:30 +0200": "2026-05-11T14:20:30Z",
		"tomorrow":                  "",
		"-6h":                       "",
		"6":                         "",
		"d":                         "",
		"1.5d":                      "",
		"99999999d":                 "",
		"2026-13-01":                "",
		"16:20":                     "",
		" ":                         "",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			got, err := parseWhen(text, now, warsaw)
			if want == "" {
				if err == nil {
					t.Errorf("parseWhen(%q) = %v, want an error", text, got)
				}
				return
			}
			if err != nil || got.Format(time.RFC3339) != want {
				t.Errorf("parseWhen(%q) = %v, %v, want %s", text, got, err, want)
			}
		})
	}
}

func TestParsePeriod(t *testing.T) {
	now := time.Date(2026, 5, 11, 12, 0, 0, 0, time.UTC)
	at, err := parsePeriod("1d", "6h", "2026-05-01T12:00:00Z", now)
	want := period{
		since: time.Date(2026, 4, 30, 12, 0, 0, 0, time.UTC),
		until: time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC),
		asOf:  time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
	}
	if err != nil || at != want {
		t.Errorf("parsePeriod = %v, %v, want %v", at, err, want)
	}
	if at, err := parsePeriod("", "", "", now); err != nil || at != (period{}) {
		t.Errorf("parsePeriod of nothing = %v, %v", at, err)
	}
	if _, err := parsePeriod("6h", "1d", "", now); err == nil {
		t.Error("parsePeriod takes an end before its beginning")
	}
}
