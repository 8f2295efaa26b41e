package reports

import (
	"bufio"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Widths of what people read. Prose that is wider than maxProse is hard to read.
const (
	defaultWidth = 80
	minWidth     = 60
	maxProse     = 100
	maxWidth     = 160
)

// page writes lines of at most width columns; only commands, which people copy,
// may be longer. The writer keeps the first error for its flush.
type page struct {
	w     *bufio.Writer
	width int
	color bool
	clock clock
}

func newPage(w io.Writer, r *Report, width int, color bool) *page {
	if width == 0 {
		width = defaultWidth
	}
	return &page{
		w: bufio.NewWriter(w), width: min(max(width, minWidth), maxWidth), color: color,
		clock: clock{r.zone(), r.AsOf},
	}
}

// style is how a piece of text looks where there are colours. It never carries
// meaning that the text itself does not.
type style string

const (
	plainStyle style = ""
	bold       style = "1"
	dim        style = "2"
	red        style = "1;31"
	green      style = "32"
	yellow     style = "33"
	cyan       style = "36"
)

func (p *page) paint(st style, s string) string {
	if !p.color || st == plainStyle || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

// line writes pieces as one line, without blanks at its end.
func (p *page) line(pieces ...string) {
	_, _ = p.w.WriteString(strings.TrimRight(strings.Join(pieces, ""), " ")) // Flush returns its error
	_ = p.w.WriteByte('\n')
}

// heading begins a section.
func (p *page) heading(s string) {
	p.line()
	for _, l := range wrap(s, min(p.width, maxProse)) {
		p.line(p.paint(bold, l))
	}
}

// prose writes s in lines that begin with indent blanks.
func (p *page) prose(indent int, st style, s string) {
	for _, l := range wrap(s, min(p.width, maxProse)-indent) {
		p.line(blanks(indent), p.paint(st, l))
	}
}

// field writes a label and, beside it, its text in as many lines as it needs.
func (p *page) field(indent, label int, name string, st style, text string) {
	left := blanks(indent) + p.paint(dim, pad(name, label))
	for _, l := range wrap(text, min(p.width, maxProse)-indent-label) {
		p.line(left, p.paint(st, l))
		left = blanks(indent + label)
	}
}

// command is a field that is never broken: people copy it.
func (p *page) command(indent, label int, name, line string) {
	p.line(blanks(indent), p.paint(dim, pad(name, label)), p.paint(cyan, line))
}

func blanks(n int) string { return strings.Repeat(" ", max(0, n)) }

// columns is how many columns of a terminal s takes. It is clean text.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// pad fills s with blanks to n columns.
func pad(s string, n int) string { return s + blanks(n-columns(s)) }

// padLeft is pad for numbers.
func padLeft(s string, n int) string { return blanks(n-columns(s)) + s }

// fit cuts s to n columns, with "…" for what is left out.
func fit(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	used, end := 0, 0
	for i, r := range s {
		if used += runeColumns(r); used > n-1 {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	return s[:end] + "…"
}

// wrap breaks s at blanks into lines of at most n columns. A word that is longer
// is broken where it must be.
func wrap(s string, n int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		size := columns(word)
		if used > 0 && used+1+size > n {
			lines = append(lines, line)
			line, used = "", 0
		}
		for size > n {
			head := chop(word, n)
			lines = append(lines, head)
			word = word[len(head):]
			size = columns(word)
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

// chop returns as much of the beginning of s as n columns hold, and at least one
// character. It rather cuts behind a dot, a slash or an @ of a name.
func chop(s string, n int) string {
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > n && i > 0 {
			if at := strings.LastIndexAny(s[:i], "./@"); at > i/2 {
				return s[:at+1]
			}
			return s[:i]
		}
	}
	return s
}

// fitEnd cuts the beginning of s, with "…" for what is left out.
func fitEnd(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	used := 0
	for i := len(s); i > 0; {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if used += runeColumns(r); used > n-1 {
			return "…" + s[i:]
		}
		i -= size
	}
	return s
}

// table lays out rows in columns that are two blanks apart. One column gives way
// if they do not fit into the width.
type table struct {
	head  []string
	rows  [][]string
	right []bool // columns of numbers
	give  int    // the column that gives way

	// short is the cell of the column that gives way, in n columns; row -1 is the
	// head. Nil cuts the cells.
	short func(row, n int) string
}

// add adds a column.
func (t *table) add(head string, right bool, cells []string) {
	if len(t.rows) == 0 {
		t.rows = make([][]string, len(cells))
	}
	t.head, t.right = append(t.head, head), append(t.right, right)
	for i, cell := range cells {
		t.rows[i] = append(t.rows[i], cell)
	}
}

func (p *page) table(indent int, t table) {
	sizes := t.sizes()
	total := indent
	for _, n := range sizes {
		total += n + 2
	}
	if over := total - 2 - p.width; over > 0 {
		room := max(12, sizes[t.give]-over)
		if t.short != nil {
			t.head[t.give] = t.short(-1, room)
			for i, row := range t.rows {
				row[t.give] = t.short(i, room)
			}
			sizes = t.sizes()
		}
		sizes[t.give] = min(room, sizes[t.give])
	}
	p.row(indent, t, sizes, t.head, dim)
	for _, row := range t.rows {
		p.row(indent, t, sizes, row, plainStyle)
	}
}

// sizes are the columns' widths if nothing gives way.
func (t *table) sizes() []int {
	sizes := make([]int, len(t.head))
	for i, head := range t.head {
		sizes[i] = columns(head)
		for _, row := range t.rows {
			sizes[i] = max(sizes[i], columns(row[i]))
		}
	}
	return sizes
}

func (p *page) row(indent int, t table, sizes []int, row []string, st style) {
	cells := make([]string, len(row))
	for i, cell := range row {
		cell = fit(cell, sizes[i])
		if t.right[i] {
			cells[i] = padLeft(cell, sizes[i])
		} else {
			cells[i] = pad(cell, sizes[i])
		}
	}
	p.line(blanks(indent), p.paint(st, strings.TrimRight(strings.Join(cells, "  "), " ")))
}
