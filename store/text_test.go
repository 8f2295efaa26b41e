package store

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", `\`, `\x00`, `\\x00`, "\x00", "\xff\xfe", "a\xc3", "☃", `\xzz`, `\x0`, "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := escape(s)
		if !utf8.ValidString(e) || strings.Contains(e, "\x00") {
			t.Errorf("escape(%q) = %q, want UTF-8 without NUL", s, e)
		}
		if got := unescape(e); got != s {
			t.Errorf("unescape(escape(%q)) = %q", s, got)
		}
		b, err := json.Marshal(text(s))
		if err != nil {
			t.Fatal(err)
		}
		var back text
		if err := json.Unmarshal(b, &back); err != nil || string(back) != s {
			t.Errorf("%q came back from JSON as %q, %v", s, back, err)
		}
		unescape(s) // whatever the table holds
	})
}

func TestEscape(t *testing.T) {
	for s, want := range map[string]string{"a\x00b": `a\x00b`, `C:\x`: `C:\\x`, "\xe9t\xe9": `\xe9t\xe9`, "été": "été"} {
		if got := escape(s); got != want {
			t.Errorf("escape(%q) = %q, want %q", s, got, want)
		}
	}
}
