package sources

import "bytes"

// splitter cuts bytes into lines. It does no I/O: its owner reads into space,
// says filled, and takes lines until next has no more. So a reader of whole
// files and a follower of growing ones share it. Lines are views into one
// buffer, which never grows: of a line longer than limit only the head stays.
type splitter struct {
	buf     []byte
	limit   int
	start   int   // of the line in hand
	scan    int   // buf[start:scan] holds no newline
	end     int   // of the bytes that were read
	skipped int64 // bytes of the line in hand that were dropped from buf
	offset  int64 // of the line in hand in the input: where to resume
	number  int64 // lines handed out
	cuts    int64 // of them, the ones that were cut
}

// newSplitter keeps limit bytes of a line and has room to read block bytes at
// a time. Two more let "\r\n" end a line of exactly limit bytes.
func newSplitter(limit, block int) splitter {
	return splitter{buf: make([]byte, limit+block+1), limit: limit}
}

// next sets l to the next line that has its line ending, without it. Its text
// is valid until the next call to space. It leaves l.Received alone.
func (s *splitter) next(l *Line) bool {
	i := bytes.IndexByte(s.buf[s.scan:s.end], '\n')
	if i < 0 {
		s.scan = s.end
		return false
	}
	newline := s.scan + i
	text := s.buf[s.start:newline]
	if n := len(text); n > 0 && text[n-1] == '\r' && s.skipped == 0 {
		text = text[:n-1]
	}
	s.hand(l, text, newline+1)
	l.Partial = false
	return true
}

// rest sets l to what follows the last line ending, for an owner that knows
// that no more will come. It reports false if there is nothing.
func (s *splitter) rest(l *Line) bool {
	if s.start == s.end {
		return false
	}
	s.hand(l, s.buf[s.start:s.end], s.end)
	l.Partial = true
	return true
}

// hand fills l with text, whose line ends before buf[after].
func (s *splitter) hand(l *Line, text []byte, after int) {
	l.Cut = len(text) > s.limit || s.skipped > 0
	if l.Cut {
		text = text[:s.limit]
		s.cuts++
	}
	s.number++
	l.Text, l.Number, l.Offset = text, s.number, s.offset
	s.offset += int64(after-s.start) + s.skipped
	s.start, s.scan, s.skipped = after, after, 0
}

// space returns where to put more bytes; it is never empty. It may only be
// called when next has reported false, and it moves what lines point to.
func (s *splitter) space() []byte {
	if s.end-s.start > s.limit+1 {
		// Even if "\n" follows and the last byte is "\r", the line is too
		// long. So all but its head can go.
		keep := s.start + s.limit
		s.skipped += int64(s.end - keep)
		s.end, s.scan = keep, keep
	}
	if s.start > 0 {
		s.end = copy(s.buf, s.buf[s.start:s.end])
		s.scan -= s.start
		s.start = 0
	}
	return s.buf[s.end:]
}

// filled says that n bytes were put into space.
func (s *splitter) filled(n int) { s.end += n }
