package reports

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	tests := map[string]struct {
		in    string
		limit int
		want  string
	}{
		"empty":                {"", 0, ""},
		"plain":                {"bob@example.com", 0, "bob@example.com"},
		"as long as allowed":   {"abcd", 4, "abcd"},
		"too long":             {"abcde", 4, "abc…"},
		"cut at a blank":       {"abc def", 5, "abc…"},
		"colours":              {"\x1b[31mred\x1b[0m", 0, "red"},
		"eight-bit CSI":        {"\u009b2Jgone", 0, "gone"},
		"window title":         {"\x1b]0;title\abell", 0, "0;titlebell"},
		"unfinished sequence":  {"a\x1b[12", 0, "a12"},
		"lone escape":          {"a\x1b", 0, "a"},
		"line breaks":          {"one\r\ntwo\tthree\u2028four", 0, "one two three four"},
		"blanks around":        {"  a   b ", 0, "a b"},
		"right-to-left":        {"evil\u202Eexe.txt\u202C", 0, "evilexe.txt"},
		"isolates":             {"\u2066a\u2069\u200f", 0, "a"},
		"zero width":           {"pay\u200bpal\ufeff", 0, "paypal"},
		"invalid UTF-8":        {"a\xff\xfeb", 0, "a??b"},
		"unassigned, private":  {"a\ue000\U000e0041", 0, "a?"},
		"international":        {"grüße@例え.example", 0, "grüße@例え.example"},
		"cut by characters":    {"ąęółżźć", 4, "ąęó…"},
		"too many marks":       {"a" + strings.Repeat("\u0301", 9), 0, "a\u0301\u0301\u0301"},
		"nothing but controls": {"\x00\x01\x7f", 5, ""},
		"one character":        {"ab", 1, "…"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Clean(tt.in, tt.limit); got != tt.want {
				t.Errorf("Clean(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b[31mred\x1b[0m", "a\u202eb", "\xff\xc2\x9b1m", "a  b\n", "e\u0301\u0301\u0301\u0301", "\u009b", "…", " …"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := Clean(s, limit)
		if !utf8.ValidString(got) {
			t.Errorf("Clean(%q, %d) = %q is not UTF-8", s, limit, got)
		}
		if i := strings.IndexFunc(got, unsafeRune); i >= 0 {
			t.Errorf("Clean(%q, %d) = %q has a character that may not be shown", s, limit, got)
		}
		if limit > 0 && utf8.RuneCountInString(got) > limit {
			t.Errorf("Clean(%q, %d) = %q is too long", s, limit, got)
		}
		if again := Clean(got, limit); again != got {
			t.Errorf("Clean(%q, %d) = %q, and again %q", s, limit, got, again)
		}
	})
}

// unsafeRune reports whether r has no business on a terminal's line.
func unsafeRune(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}
