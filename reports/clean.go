package reports

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks one letter may carry: a stranger could
// pile up thousands.
const maxMarks = 3

// Clean makes a stranger's text fit to be shown on one line of a terminal or a
// page: valid UTF-8 without control characters, escape sequences and invisible
// characters, among them those that turn the writing direction. White space of
// all sorts becomes single spaces; what is no character becomes "?". A text of
// more than limit characters is cut, with "…" for the rest; a limit of 0 is none.
// To clean twice changes nothing.
func Clean(s string, limit int) string {
	if plain(s) && (limit <= 0 || len(s) <= limit) {
		return s
	}
	var b strings.Builder
	var runes, marks int
	end := 0 // of b when one more character would be too many
	space := false
	for len(s) > 0 {
		if n := sequence(s); n > 0 {
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			r = '?'
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			space = b.Len() > 0
			s = s[n:]
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			s = s[n:]
			continue
		case !unicode.IsPrint(r):
			r = '?'
		}
		s = s[n:]
		if !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			continue
		}
		for _, c := range [...]rune{' ', r} {
			if c == ' ' && !space {
				continue
			}
			if runes++; limit > 0 && runes == limit {
				end = b.Len()
			} else if limit > 0 && runes > limit {
				return cutAt(b.String(), end)
			}
			b.WriteRune(c)
		}
		space = false
	}
	return b.String()
}

// cutAt cuts s at end, where "…" still fits.
func cutAt(s string, end int) string { return strings.TrimRight(s[:end], " ") + "…" }

// plain reports whether s is printable ASCII with no spaces to fold, as most
// texts are.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			if i == 0 || i == len(s)-1 || s[i-1] == ' ' {
				return false
			}
		case c < ' ' || c > '~':
			return false
		}
	}
	return true
}

// sequence returns the length of the escape sequence that s begins with, 0 if
// there is none: ESC or its eight-bit forms, with what a terminal takes for its
// parameters (ECMA-48 §5.3, §5.4).
func sequence(s string) int {
	rest, ok := strings.CutPrefix(s, "\x1b")
	csi := false
	if ok {
		rest, csi = strings.CutPrefix(rest, "[")
	} else if rest, ok = strings.CutPrefix(s, "\u009b"); ok {
		csi = true
	}
	if !ok {
		return 0
	}
	i := 0
	if csi {
		for i < len(rest) && rest[i] >= 0x30 && rest[i] <= 0x3f {
			i++
		}
	}
	for i < len(rest) && rest[i] >= 0x20 && rest[i] <= 0x2f {
		i++
	}
	if i < len(rest) && (csi && rest[i] >= 0x40 && rest[i] <= 0x7e || !csi && rest[i] >= 0x30 && rest[i] <= 0x7e) {
		return len(s) - len(rest) + i + 1
	}
	return len(s) - len(rest) // unfinished: what follows stays readable
}
