package parsers

import (
	"bytes"
)

// fold writes text into w.buf as wording describes it, and returns that.
//
// Servers fold long replies, and those who log them keep the fold in their own
// way:
//
//	451-4.7.5 DKIM: public key record s._domainkey.example.com\n451 (currently?) unavailable   Exim: backslash, n
//	250- 3nn byte chunk, total 3nn\\n250 OK id=…                                               Exim, in C="…"
//	451-4.7.5 DKIM: public key record s._domainkey.example.com 451 (currently?) unavailable    Postfix: a blank
//	451-4.7.5 DKIM: public key record#012451 (currently?) unavailable                          rsyslog
//
// The repeated code, and an enhanced code after it, go with the fold.
func (w *Words) fold(text []byte) []byte {
	f := folder{out: w.buf[:0]}
	broken := false // a line of the reply ended before the word at i
	for i := 0; i < len(text); {
		if text[i] <= ' ' || text[i] == 0x7f {
			broken = broken || text[i] == '\n'
			i++
			continue
		}
		if n := lineBreak(text[i:]); n > 0 {
			broken = true
			i += n
			continue
		}
		end := i + 1
		for end < len(text) && text[end] > ' ' && text[end] != 0x7f && lineBreak(text[end:]) == 0 {
			end++
		}
		f.word(text[i:end], broken)
		i, broken = end, false
	}
	return f.out
}

// lineBreak returns the length of an escaped line break at the beginning of
// text: "\n", "\\n", "#012"; 0 if there is none.
func lineBreak(text []byte) int {
	switch text[0] {
	case '\\':
		n := 1
		for n < len(text) && text[n] == '\\' {
			n++
		}
		if n < len(text) && (text[n] == 'n' || text[n] == 'r') {
			return n + 1
		}
	case '#':
		if len(text) >= 4 && text[1] == '0' && text[2] == '1' && (text[3] == '2' || text[3] == '5') {
			return 4
		}
	}
	return 0
}

// folder writes a text word by word.
type folder struct {
	out      []byte
	code     []byte // the reply code of a reply of several lines, once seen
	enhanced bool   // a repeated code has just gone: an enhanced one goes too
}

// word adds one word; broken says that it begins a line of the reply.
func (f *folder) word(word []byte, broken bool) {
	if f.enhanced {
		f.enhanced = false
		if isEnhancedCode(word) {
			return
		}
	}
	if isReplyCode(word) {
		code, more := word[:3], len(word) > 3
		switch {
		case len(f.out) > 0 && (broken || bytes.Equal(code, f.code)):
			if more {
				word = word[4:]
			} else {
				word = nil
			}
			if isEnhancedCode(word) {
				return
			}
			if len(word) == 0 {
				f.enhanced = true
				return
			}
		case more && f.code == nil:
			f.code = code
		}
	}
	if len(f.out) > 0 {
		f.out = append(f.out, ' ')
	}
	f.masked(word)
}

// masked adds a word without what strangers choose: addresses, links, key names
// and the values of tags.
func (f *folder) masked(word []byte) {
	if bytes.HasPrefix(word, []byte("www.")) {
		return
	}
	if i := bytes.Index(word, []byte("://")); i >= 0 {
		for i > 0 && isLetter(word[i-1]) {
			i--
		}
		word = word[:i]
	}
	for len(word) > 0 {
		n := bytes.IndexAny(word, delimiters)
		if n < 0 {
			f.piece(word)
			return
		}
		f.piece(word[:n])
		f.out = append(f.out, word[n])
		tag := word[n] == '=' && isTag(word[:n])
		word = word[n+1:]
		if tag {
			word = word[valueEnd(word):]
		}
	}
}

// delimiters end a piece of a word.
const delimiters = "()<>[],;'\"="

// piece adds a part of a word that has no delimiters.
func (f *folder) piece(p []byte) {
	switch {
	case bytes.IndexByte(p, '@') >= 0:
		f.dropQuoted(p)
		f.out = append(f.out, '@')
	case containsFold(p, "_domainkey"):
		f.out = append(f.out, "_domainkey"...)
	case isHost(p) && (containsFold(p, "dkim") || containsFold(p, "domainkey")):
	default:
		for _, c := range p {
			f.out = append(f.out, lower(c))
		}
	}
}

// dropQuoted takes back a quoted local part, which may hold blanks, before the
// "@" of p: <"dkim key not found"@example.com>.
func (f *folder) dropQuoted(p []byte) {
	if p[0] != '@' || len(f.out) < 2 || f.out[len(f.out)-1] != '"' {
		return
	}
	before := f.out[:len(f.out)-1]
	open := bytes.Index(before, []byte(`<"`))
	if open < 0 {
		open = bytes.LastIndexByte(before, '"')
	}
	if open >= 0 {
		f.out = f.out[:open]
	}
}

// isTag reports whether name, or its end after a ".", is a tag whose value is a
// name or an address: "d", "header.s", "signer".
func isTag(name []byte) bool {
	if i := bytes.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	switch string(name) {
	case "d", "s", "i", "domain", "selector", "signer", "identity":
		return true
	}
	return false
}

// valueEnd returns the length of a tag's value at the beginning of text, which
// is a word or its rest.
func valueEnd(text []byte) int {
	if len(text) > 0 && text[0] == '"' {
		if i := bytes.IndexByte(text[1:], '"'); i >= 0 {
			return i + 2
		}
	}
	if i := bytes.IndexAny(text, ";,)"); i >= 0 {
		return i
	}
	return len(text)
}

// isReplyCode reports whether word is "451", "451-" or begins with the latter.
func isReplyCode(word []byte) bool {
	return len(word) >= 3 && (word[0] == '2' || word[0] == '4' || word[0] == '5') && isDigit(word[1]) && isDigit(word[2]) &&
		(len(word) == 3 || word[3] == '-')
}

// isEnhancedCode reports whether word is an enhanced status code: "4.7.5"
// (RFC 3463 §2).
func isEnhancedCode(word []byte) bool {
	if len(word) < 5 || word[0] != '2' && word[0] != '4' && word[0] != '5' || word[1] != '.' {
		return false
	}
	dots := 0
	for _, c := range word {
		if c == '.' {
			dots++
		} else if !isDigit(c) {
			return false
		}
	}
	return dots == 2
}

// isHost reports whether p looks like a host name: letters, digits, "-" and
// ".", with a last label of two letters or more.
func isHost(p []byte) bool {
	p = bytes.TrimRight(p, ".:")
	dot := bytes.LastIndexByte(p, '.')
	if dot <= 0 || len(p)-dot < 3 {
		return false
	}
	for i, c := range p {
		switch {
		case isLetter(c) || c >= 0x80:
		case isDigit(c) || c == '-' || c == '_':
		case c != '.' || i > 0 && p[i-1] == '.':
			return false
		}
	}
	return !isDigit(p[len(p)-1])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return lower(c) >= 'a' && lower(c) <= 'z' }

// lower folds the case of an ASCII letter.
func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// containsFold reports whether b contains p, in any case; p is lower case.
func containsFold(b []byte, p string) bool { return indexFold(b, p) >= 0 }

// indexFold is the index of p in b, in any case; p is lower case.
func indexFold(b []byte, p string) int {
	for i := 0; i+len(p) <= len(b); i++ {
		if lower(b[i]) == p[0] && hasPrefixFold(b[i:], p) {
			return i
		}
	}
	return -1
}

// hasPrefixFold reports whether b begins with p, in any case; p is lower case.
func hasPrefixFold(b []byte, p string) bool {
	if len(b) < len(p) {
		return false
	}
	for i := range len(p) {
		if lower(b[i]) != p[i] {
			return false
		}
	}
	return true
}
