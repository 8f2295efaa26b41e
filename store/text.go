package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// text is a string as it is stored: UTF-8 without NUL, which PostgreSQL and JSON
// ask for and logs do not keep to. A byte that is not is written \xNN, and a
// backslash as two. Equal strings are stored equally.
type text string

// Scan implements sql.Scanner.
func (t *text) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("text is stored as %T", src)
	}
	*t = text(unescape(s))
	return nil
}

// MarshalText writes the stored form, for text inside JSON.
func (t text) MarshalText() ([]byte, error) { return []byte(escape(string(t))), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *text) UnmarshalText(b []byte) error {
	*t = text(unescape(string(b)))
	return nil
}

const hexDigits = "0123456789abcdef"

func escape(s string) string {
	if strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, '\\') < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 0, r == utf8.RuneError && n == 1:
			b.WriteString(`\x`)
			b.WriteByte(hexDigits[s[i]>>4])
			b.WriteByte(hexDigits[s[i]&0xf])
		case r == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unescape undoes escape. What escape does not write it leaves as it is.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if s[i+1] == '\\' {
				i++
			} else if i+3 < len(s) && s[i+1] == 'x' {
				hi, lo := strings.IndexByte(hexDigits, s[i+2]), strings.IndexByte(hexDigits, s[i+3])
				if hi >= 0 && lo >= 0 {
					b.WriteByte(byte(hi<<4 | lo))
					i += 3
					continue
				}
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
