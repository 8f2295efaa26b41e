package parsers

import (
	"bytes"
	"strings"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// wording is one way to say something, and what it amounts to.
//
// To teach Words a text it does not know, add a row to the table of its source
// (the files words_*.go), above the first row that is more general, with the
// text as the example. The tests check every example, and that no row stands in
// the shade of one before it.
type wording struct {
	// all must occur in the text, in any order. They are written as Words sees
	// a text: lower case, single blanks, and without what strangers choose:
	// "s1._domainkey.example.com" is "_domainkey", "d=example.com" is "d=",
	// "<user@example.com>" is "<@>", and links are gone. A phrase that begins
	// with "^" stands at the beginning, one that ends with "$" at the end, and
	// one that begins with a digit is a whole number or code.
	all    phrases
	cause  dkim.Cause
	result dkim.Result

	example string // a genuine text, as the method of the source gets it
	from    string // whose words they are
}

type phrases []string

// source is whose words a table holds, and so which method of Words reads it.
type source uint8

const (
	sourceReply source = iota
	sourceMilter
	sourceExim
	sourceEximNote
	sourceOpenDKIM
	sourceOpenDKIMResult
	sourceRspamd
	sourceRspamdSymbol
	sourceMailDKIM
	sourceDkimpy
	sourceAuthResults

	sourceEnd
)

// tables holds all wordings, each source's from the specific to the general:
// the first row that fits counts.
var tables = [sourceEnd][]wording{
	sourceReply:          replyWordings,
	sourceMilter:         milterWordings,
	sourceExim:           eximWordings,
	sourceEximNote:       eximNoteWordings,
	sourceOpenDKIM:       openDKIMWordings,
	sourceOpenDKIMResult: openDKIMResultWordings,
	sourceRspamd:         rspamdWordings,
	sourceRspamdSymbol:   rspamdSymbolWordings,
	sourceMailDKIM:       mailDKIMWordings,
	sourceDkimpy:         dkimpyWordings,
	sourceAuthResults:    authResultsWordings,
}

// letterPairs is a set of pairs of neighbouring bytes, hashed to 256 bits. Two
// pairs may share a bit, so it can rule a phrase out, not prove it.
type letterPairs [4]uint64

func (l *letterPairs) add(text []byte) {
	for i := 1; i < len(text); i++ {
		h := text[i-1]*31 ^ text[i]
		l[h>>6] |= 1 << (h & 63)
	}
}

// hold reports whether all pairs of other are in l.
func (l *letterPairs) hold(other *letterPairs) bool {
	return other[0]&^l[0]|other[1]&^l[1]|other[2]&^l[2]|other[3]&^l[3] == 0
}

// tablePairs has the letter pairs of each row's phrases. A text lacks some pair
// of nearly every row, which spares the search: with it a reply is judged in a
// fourth of the time.
var tablePairs = pairsOf(tables)

func pairsOf(tables [sourceEnd][]wording) (pairs [sourceEnd][]letterPairs) {
	for s, rows := range tables {
		pairs[s] = make([]letterPairs, len(rows))
		for i, row := range rows {
			for _, p := range row.all {
				pairs[s][i].add([]byte(strings.Trim(p, "^$")))
			}
		}
	}
	return pairs
}

// match returns the first row of s whose phrases are all in folded, or nil.
func match(s source, folded []byte) *wording {
	var pairs letterPairs
	pairs.add(folded)
rows:
	for i := range tables[s] {
		if !pairs.hold(&tablePairs[s][i]) {
			continue
		}
		row := &tables[s][i]
		for _, p := range row.all {
			if !has(folded, p) {
				continue rows
			}
		}
		return row
	}
	return nil
}

// has reports whether phrase p is in folded; wording has the rules.
func has(folded []byte, p string) bool {
	if p[0] == '^' {
		if end, ok := strings.CutSuffix(p, "$"); ok {
			return string(folded) == end[1:]
		}
		return len(folded) >= len(p)-1 && string(folded[:len(p)-1]) == p[1:]
	}
	if end, ok := strings.CutSuffix(p, "$"); ok {
		return len(folded) >= len(end) && string(folded[len(folded)-len(end):]) == end
	}
	number := p[0] >= '0' && p[0] <= '9'
	for rest := folded; ; {
		i := indexString(rest, p)
		if i < 0 {
			return false
		}
		at := len(folded) - len(rest) + i
		if !number || isNumber(folded, at, at+len(p)) {
			return true
		}
		rest = rest[i+1:]
	}
}

// isNumber reports whether no digit nor dotted number touches folded[from:to].
func isNumber(folded []byte, from, to int) bool {
	if from > 0 && (isDigit(folded[from-1]) || folded[from-1] == '.') {
		return false
	}
	if to < len(folded) && isDigit(folded[to]) {
		return false
	}
	return to+1 >= len(folded) || folded[to] != '.' || !isDigit(folded[to+1])
}

// indexString is bytes.Index for a pattern that is a string.
func indexString(b []byte, p string) int {
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], p[0])
		if i < 0 || from+i+len(p) > len(b) {
			return -1
		}
		if string(b[from+i:from+i+len(p)]) == p {
			return from + i
		}
		from += i + 1
	}
}
