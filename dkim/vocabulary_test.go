package dkim

import (
	"encoding"
	"fmt"
	"testing"
)

// word is what every enumeration of the vocabulary can do.
type word[T any] interface {
	*T
	encoding.TextUnmarshaler
}

// checkWords writes and reads all values of an enumeration up to end.
func checkWords[T interface {
	~uint8
	fmt.Stringer
	encoding.TextMarshaler
}, P word[T]](t *testing.T, end T) {
	t.Helper()
	seen := make(map[string]bool)
	for v := T(0); v < end; v++ {
		text, err := v.MarshalText()
		if err != nil || string(text) != v.String() || len(text) == 0 || seen[string(text)] {
			t.Errorf("MarshalText of %T %d = %q, %v", v, uint8(v), text, err)
		}
		seen[string(text)] = true
		var back T
		if err := P(&back).UnmarshalText(text); err != nil || back != v {
			t.Errorf("UnmarshalText(%q) = %v, %v, want %v", text, back, err, v)
		}
	}
	if seen[end.String()] {
		t.Errorf("%T beyond the last is %q, like another", end, end)
	}
	if err := P(&end).UnmarshalText([]byte("no such word")); err == nil {
		t.Errorf("%T takes any word", end)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	checkWords(t, causeEnd)
	checkWords(t, resultEnd)
	checkWords(t, keyStatusEnd)
	checkWords(t, faultEnd)
}

func TestTroubleIsNeitherGoodNorUnknown(t *testing.T) {
	t.Parallel()
	for s := range keyStatusEnd {
		want := s != KeyUnknown && s != KeyValid && s != KeyUnreachable
		if got := s.Trouble(); got != want {
			t.Errorf("%v.Trouble() = %v, want %v", s, got, want)
		}
	}
}

func TestMoreSpecific(t *testing.T) {
	t.Parallel()
	rising := []Cause{CauseNone, CauseUnknown, CauseKeyUnavailable, CauseKeySyntax}
	for i, less := range rising {
		for j, more := range rising {
			if got := more.MoreSpecific(less); got != (j > i) {
				t.Errorf("%v.MoreSpecific(%v) = %v, want %v", more, less, got, j > i)
			}
		}
	}
}
