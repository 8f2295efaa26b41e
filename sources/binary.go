package sources

import (
	"bytes"
	"unicode/utf8"
)

// judgedBytes is how much of a block is looked at to tell text from binary.
const judgedBytes = 32 << 10

// nulRun is how many NUL bytes in a row are no sign of binary content: the hole
// that a crash, or truncation under a writer, leaves in a log.
const nulRun = 512

// fewBytes of any kind prove nothing: a pipe may give a name at first.
const fewBytes = 16

// foreign are files that people try and that hold no text, but something that
// can be had as text.
var foreign = [...]struct {
	offset int
	magic  string
	remedy string
}{
	{0, "LPKSHHRH", "it is a systemd journal: pass the output of journalctl -o json on standard input"},
	{0, "SQLite format 3\x00", "it is an SQLite database"},
	{0, "PK\x03\x04", "it is a zip archive: unpack it first"},
	{0, "\x04\x22\x4d\x18", "it is compressed with lz4: decompress it first"},
	{0, "\xff\xfe", "it is UTF-16: convert it with iconv -f UTF-16 -t UTF-8"},
	{0, "\xfe\xff", "it is UTF-16: convert it with iconv -f UTF-16 -t UTF-8"},
	{257, "ustar", "it is a tar archive: unpack it first"},
}

// judge tells whether the first block of a file is binary, and what can be done
// about that. It is binary if a fifth of it is neither UTF-8 nor white space;
// Latin-1 names and stray control characters in a log are fewer. A block of
// nothing but NUL leaves it undecided: the next one is the first.
func judge(block []byte) (undecided, binary bool, remedy string) {
	for _, f := range foreign {
		if len(block) >= f.offset && bytes.HasPrefix(block[f.offset:], []byte(f.magic)) {
			return false, true, f.remedy
		}
	}
	if hole := leadingNULs(block); hole >= nulRun {
		block = block[hole:]
	}
	block = block[:min(len(block), judgedBytes)]
	size := len(block)
	var seen, strange int
	for len(block) > 0 {
		if block[0] == 0 {
			n := leadingNULs(block)
			if n < nulRun && n < size {
				seen, strange = seen+n, strange+n
			}
			block = block[n:]
			continue
		}
		r, width := utf8.DecodeRune(block)
		if r == utf8.RuneError && width == 1 || isControl(r) {
			strange++
		}
		seen++
		block = block[width:]
	}
	return seen == 0, strange >= fewBytes && strange*5 > seen, ""
}

func leadingNULs(p []byte) int { return len(p) - len(bytes.TrimLeft(p, "\x00")) }

// isControl reports whether r is a control character that no text has: white
// space and the escape that begins a colour are none.
func isControl(r rune) bool {
	return r < ' ' && (r < '\t' || r > '\r') && r != 0x1b || r == 0x7f
}
