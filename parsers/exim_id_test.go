package parsers

import (
	"testing"
	"time"
)

func TestEximIDTime(t *testing.T) {
	tests := map[string]struct {
		want string
		ok   bool
	}{
		"1xUqkP-0000Jl-0v":         {"2026-11-21T19:27:41Z", true},
		"1xUqlZ-000000000Ja-3E2F":  {"2026-11-21T19:28:53Z", true},
		"1xUqlZ-000000000Ja-3E2F ": {"0001-01-01T00:00:00Z", false},
		"1xUqlZ-0000_0000Ja-3E2F":  {"0001-01-01T00:00:00Z", false},
		"1xUqkP":                   {"0001-01-01T00:00:00Z", false},
	}
	for id, tt := range tests {
		got, ok := EximIDTime([]byte(id))
		if got.Format(time.RFC3339) != tt.want || ok != tt.ok {
			t.Errorf("EximIDTime(%q) = %v, %v, want %v, %v", id, got, ok, tt.want, tt.ok)
		}
	}
}
