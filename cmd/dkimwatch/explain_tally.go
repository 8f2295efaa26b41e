package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/sources"
)

// tally counts what the lines of a file say.
type tally struct {
	lines     int64
	kinds     map[string]int64
	unread    map[string]int64 // lines of programs that are not read
	malformed shapes
	ignored   shapes
	unheard   shapes // lines with nothing for us that name DKIM all the same
}

func newTally() *tally {
	return &tally{
		kinds: map[string]int64{}, unread: map[string]int64{},
		malformed: shapes{}, ignored: shapes{}, unheard: shapes{},
	}
}

// maxNames is how many different names or shapes are counted one by one.
const maxNames = 1000

func (t *tally) add(line *sources.Line, format parsers.Format, ev *parsers.Event) {
	t.lines++
	t.kinds[ev.Kind.String()]++
	switch ev.Kind {
	case parsers.KindMalformed:
		t.malformed.add(line)
	case parsers.KindIgnored:
		if len(bytes.TrimSpace(line.Text)) == 0 {
			return
		}
		if name := unreadProgram(format, ev, line.Text); name != "" {
			if len(t.unread) < maxNames || t.unread[name] > 0 {
				t.unread[name]++
			}
		} else if namesDKIM(line.Text) {
			t.unheard.add(line)
		} else {
			t.ignored.add(line)
		}
	}
}

// namesDKIM reports whether a line has the word in it, in whatever case.
func namesDKIM(text []byte) bool {
	for i := range text {
		if len(text)-i >= 4 && bytes.EqualFold(text[i:i+4], []byte("dkim")) {
			return true
		}
	}
	return false
}

// print writes the numbers.
func (t *tally) print(p *prose) {
	p.line("")
	p.line("What its lines say")
	for _, name := range byCount(t.kinds, func(n int64) int64 { return n }) {
		p.line(fmt.Sprintf("%9d  %-11s  %s", t.kinds[name], name, kindShort(name)))
	}
	t.malformed.print(p, "Lines that are not of the format", samplesShown)
	t.unheard.print(p, "Lines that name DKIM and say nothing of its trouble", shapesShown)
	t.ignored.print(p, "Other lines with nothing for dkimwatch, by their shape", shapesShown)
	if len(t.unread) == 0 {
		return
	}
	p.line("")
	p.line("Programs that are not read")
	names := byCount(t.unread, func(n int64) int64 { return n })
	for _, name := range names[:min(len(names), shapesShown)] {
		p.line(fmt.Sprintf("%9d  %s", t.unread[name], name))
	}
	if more := len(names) - shapesShown; more > 0 {
		p.line(fmt.Sprintf("           … and %d more programs", more))
	}
	p.text(11, "Read are "+programsRead+".")
}

// byCount returns the names with the highest counts first.
func byCount[T any](counts map[string]T, count func(T) int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(count(counts[b]), count(counts[a])), strings.Compare(a, b))
	})
}

// shapes counts lines that are alike but for numbers, names and addresses.
type shapes map[string]shapeCount

type shapeCount struct {
	n     int64
	first int64  // line
	text  string // of that
}

func (s shapes) add(line *sources.Line) {
	shape := shapeOf(line.Text)
	have, known := s[shape]
	if !known {
		if len(s) >= maxNames {
			return
		}
		have.first, have.text = line.Number, show(line.Text)
	}
	have.n++
	s[shape] = have
}

// print writes the most frequent shapes, each with its first line.
func (s shapes) print(p *prose, title string, most int) {
	if len(s) == 0 {
		return
	}
	p.line("")
	p.line(title)
	names := byCount(s, func(c shapeCount) int64 { return c.n })
	for _, name := range names[:min(len(names), most)] {
		c := s[name]
		p.line(fmt.Sprintf("%9d  such as line %d:", c.n, c.first))
		p.quote(11, cutRunes(c.text, 2*(p.width-11)))
	}
	if more := len(names) - most; more > 0 {
		p.line(fmt.Sprintf("           … and %d more shapes", more))
	}
}

// shapeOf is what is left of a line when all that differs from line to line is
// taken away: digits, and words with digits, dots, "@" or "=" in them.
func shapeOf(line []byte) string {
	var b strings.Builder
	for word := range bytes.FieldsSeq(line[:min(len(line), maxShown)]) {
		if key, _, ok := bytes.Cut(word, []byte("=")); ok {
			b.Write(key)
			b.WriteString("= ")
			continue
		}
		if name, _, ok := bytes.Cut(word, []byte("[")); ok && len(name) > 0 {
			word = name
		}
		if bytes.ContainsAny(word, "0123456789.@") {
			b.WriteString("# ")
			continue
		}
		b.Write(word)
		b.WriteByte(' ')
	}
	return b.String()
}
