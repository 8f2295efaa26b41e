package main

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"
)

// prose writes what people read, in lines of at most width characters. It
// expects clean text, and keeps the first error for its flush.
type prose struct {
	w     *bufio.Writer
	width int
}

func newProse(w io.Writer, width int) *prose {
	if width == 0 {
		width = 80
	}
	return &prose{bufio.NewWriter(w), min(max(width, 60), 100)}
}

// fieldLabel is how wide the label of a field is.
const fieldLabel = 12

// line writes s as it is: a heading, a row, a command that people copy.
func (p *prose) line(s string) {
	_, _ = p.w.WriteString(strings.TrimRight(s, " ")) // Flush returns its error
	_ = p.w.WriteByte('\n')
}

// text writes s in lines that begin with indent blanks.
func (p *prose) text(indent int, s string) {
	for _, l := range wrapWords(s, p.width-indent) {
		p.line(strings.Repeat(" ", indent) + l)
	}
}

// field writes a label and its text beside it, in as many lines as it needs.
func (p *prose) field(label, s string) {
	const indent = 2
	left := strings.Repeat(" ", indent) + label + strings.Repeat(" ", max(1, fieldLabel-len(label)))
	for _, l := range wrapWords(s, p.width-indent-fieldLabel) {
		p.line(left + l)
		left = strings.Repeat(" ", indent+fieldLabel)
	}
}

// quote writes a line of a log, or what else is not ours: its continuations
// stand further in.
func (p *prose) quote(indent int, s string) {
	for i, l := range wrapWords(s, p.width-indent-2) {
		if i > 0 {
			l = "  " + l
		}
		p.line(strings.Repeat(" ", indent) + l)
	}
}

func (p *prose) flush() error { return p.w.Flush() }

// wrapWords breaks s at blanks into lines of at most n characters. A longer word
// is broken where it must be.
func wrapWords(s string, n int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		size := utf8.RuneCountInString(word)
		if used > 0 && used+1+size > n {
			lines = append(lines, line)
			line, used = "", 0
		}
		for ; size > n; size -= n {
			head := firstRunes(word, n)
			lines, word = append(lines, head), word[len(head):]
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+size
	}
	if used > 0 {
		lines = append(lines, line)
	}
	return lines
}

// firstRunes returns the first n characters of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// cutRunes is firstRunes with "…" for what is left out.
func cutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return firstRunes(s, n-1) + "…"
}
