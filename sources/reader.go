package sources

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// blockSize is how much is read at a time.
const blockSize = 256 << 10

// maxEmptyReads is how often a source may return nothing, and no error, before
// it counts as broken, as in package bufio.
const maxEmptyReads = 100

// Limits bounds what is kept of the input. The zero value means the defaults.
type Limits struct {
	Line int // bytes of one line; MaxLine if it is not positive
}

func (l Limits) line() int {
	if l.Line > 0 {
		return l.Line
	}
	return MaxLine
}

// Reader yields the lines of one source, in order. Its memory is a block and
// the longest line it may keep, however long the input and its lines are. It
// is not safe for concurrent use, except for Progress.
type Reader struct {
	src      io.Reader
	split    splitter
	received time.Time // zero: lines are stamped when they are read
	stamp    time.Time
	replay   []Line // handed out by Head, to come again
	err      error  // what ended the input
}

// NewReader returns a Reader of src. If src is a *File with a modification
// time, that is when its lines were received; otherwise it is when they were
// read.
func NewReader(src io.Reader, limits Limits) *Reader {
	r := &Reader{src: src, split: newSplitter(limits.line(), blockSize)}
	if f, ok := src.(*File); ok {
		r.received = f.ModTime()
	}
	r.stamp = r.received
	return r
}

// Next returns the next line, whose Text is valid until the next call, and
// io.EOF after the last. Any other error comes after all the lines that could
// be read, says how many these were, and is final as well.
func (r *Reader) Next() (l Line, err error) {
	// l is filled in place: a copy of a Line costs as much as finding it.
	if len(r.replay) == 0 && r.split.next(&l) {
		l.Received = r.stamp
		return l, nil
	}
	if len(r.replay) > 0 {
		l, r.replay = r.replay[0], r.replay[1:]
		return l, nil
	}
	return r.read()
}

// read returns the next line that Head has not read, and reads on for it.
func (r *Reader) read() (l Line, err error) {
	for !r.split.next(&l) {
		if r.err != nil {
			if r.split.rest(&l) {
				break
			}
			return Line{}, r.failure()
		}
		r.fill()
	}
	l.Received = r.stamp
	return l, nil
}

// Head returns copies of the first n lines that are still to come, or of all
// if there are fewer. They are not lost: Next returns them again, so that a
// stream can be looked at before it is read. The caller must not change
// their text. It waits until it has n lines, or the input ends.
func (r *Reader) Head(n int) ([]Line, error) {
	for len(r.replay) < n {
		l, err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return slices.Clone(r.replay), err
		}
		l.Text = bytes.Clone(l.Text)
		r.replay = append(r.replay, l)
	}
	return slices.Clone(r.replay[:min(n, len(r.replay))]), nil
}

// fill reads one block.
func (r *Reader) fill() {
	space := r.split.space()
	for range maxEmptyReads {
		n, err := r.src.Read(space)
		r.split.filled(n)
		if n > 0 && r.received.IsZero() {
			r.stamp = time.Now()
		}
		r.err = err
		if n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}

// failure is the error that ended the input, as the caller gets to see it.
func (r *Reader) failure() error {
	if errors.Is(r.err, io.EOF) || errors.Is(r.err, ErrBinary) {
		return r.err
	}
	if r.split.number == 1 {
		return fmt.Errorf("%w; 1 line was read", r.err)
	}
	return fmt.Errorf("%w; %d lines were read", r.err, r.split.number)
}

// Lines returns how many lines were read so far, and how many of them were cut
// because they were longer than Limits.Line.
func (r *Reader) Lines() (read, cut int64) { return r.split.number, r.split.cuts }

// Progress returns how many bytes of the source were read, as they are on disk
// or in the pipe, and how many there are: 0 if that is unknown. A file that
// grows may give more than total. Any goroutine may call it at any time.
func (r *Reader) Progress() (read, total int64) {
	if f, ok := r.src.(*File); ok {
		return f.Progress()
	}
	return 0, 0
}

// Close closes the source, if it can be closed.
func (r *Reader) Close() error {
	if c, ok := r.src.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
