package dkim

import "fmt"

// Result is what a verifier said of a signature, in the words of RFC 8601
// §2.7.1. It is never mixed up with a Verdict, which is what our own lookup
// found.
type Result uint8

// The results. ResultUnknown is a verifier that named a signature and did not
// say what became of it.
const (
	ResultUnknown Result = iota
	ResultNone
	ResultPass
	ResultFail
	ResultPolicy
	ResultNeutral
	ResultTemperror
	ResultPermerror

	resultEnd
)

var resultNames = [resultEnd]string{"unknown", "none", "pass", "fail", "policy", "neutral", "temperror", "permerror"}

// String returns the word of RFC 8601, or "unknown".
func (r Result) String() string {
	if r >= resultEnd {
		return fmt.Sprintf("result(%d)", uint8(r))
	}
	return resultNames[r]
}

// MarshalText writes the word of String.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a word written by MarshalText.
func (r *Result) UnmarshalText(text []byte) error {
	for i, name := range resultNames {
		if name == string(text) {
			*r = Result(i)
			return nil
		}
	}
	return fmt.Errorf("unknown result %q", text)
}
