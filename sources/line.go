// Package sources is where lines come from: files, plain or compressed, and
// standard input. It knows positions and limits, and nothing of what a line
// means.
package sources

import "time"

// MaxLine is how much of a line is kept by default; the rest is skipped and
// counted.
const MaxLine = 64 << 10

// Line is one log line on loan: Text is valid until the next call to Next.
type Line struct {
	Text     []byte    // without its line ending, at most Limits.Line bytes
	Number   int64     // from 1
	Offset   int64     // of the line's first byte, decompressed
	Received time.Time // the file's mtime, or when it was read; gives a missing year
	Cut      bool      // the line was longer than the limit
	Partial  bool      // the last line had no line ending
}
