package sources

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// chunked gives data in pieces whose sizes go round, and now and then nothing.
type chunked struct {
	data  []byte
	sizes []byte
	turn  int
	end   error
}

func (c *chunked) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, c.end
	}
	n := len(p)
	if len(c.sizes) > 0 {
		n = min(n, int(c.sizes[c.turn%len(c.sizes)]))
		c.turn++
		if c.turn%maxEmptyReads == 0 {
			n = max(n, 1) // so that it ends
		}
	}
	n = copy(p[:n], c.data)
	c.data = c.data[n:]
	return n, nil
}

// smallReader is a Reader with a block of a few bytes, so that lines straddle
// its end.
func smallReader(src io.Reader, limit, block int) *Reader {
	return &Reader{src: src, split: newSplitter(limit, block), stamp: time.Unix(1, 0), received: time.Unix(1, 0)}
}

// split is what a Reader must give, said as simply as possible.
func split(data []byte, limit int) []Line {
	var lines []Line
	var offset int64
	pieces := bytes.Split(data, []byte("\n"))
	for i, piece := range pieces {
		l := Line{Number: int64(i + 1), Offset: offset, Received: time.Unix(1, 0)}
		offset += int64(len(piece)) + 1
		if l.Partial = i == len(pieces)-1; l.Partial {
			if len(piece) == 0 {
				break
			}
		} else {
			piece = bytes.TrimSuffix(piece, []byte("\r"))
		}
		if l.Cut = len(piece) > limit; l.Cut {
			piece = piece[:limit]
		}
		l.Text = piece
		lines = append(lines, l)
	}
	return lines
}

func readAll(t *testing.T, r *Reader) ([]Line, error) {
	t.Helper()
	var lines []Line
	for {
		l, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			if _, again := r.Next(); again == nil || again.Error() != err.Error() {
				t.Errorf("Next after error %q = %v", err, again)
			}
			return lines, err
		}
		l.Text = bytes.Clone(l.Text)
		lines = append(lines, l)
	}
}

func TestReaderLines(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []Line
	}{
		"empty":              {"", nil},
		"one":                {"a\n", []Line{{Text: []byte("a")}}},
		"empty lines":        {"\n\r\n", []Line{{Text: []byte("")}, {Text: []byte("")}}},
		"no line ending":     {"a\nb", []Line{{Text: []byte("a")}, {Text: []byte("b"), Partial: true}}},
		"return at the end":  {"a\r", []Line{{Text: []byte("a\r"), Partial: true}}},
		"return inside":      {"a\rb\r\r\n", []Line{{Text: []byte("a\rb\r")}}},
		"NUL stays":          {"a\x00b\n\x00\n", []Line{{Text: []byte("a\x00b")}, {Text: []byte("\x00")}}},
		"at the limit":       {"12345678\n12345678\r\n", []Line{{Text: []byte("12345678")}, {Text: []byte("12345678")}}},
		"over the limit":     {"123456789\n12345678\r\r\n", []Line{{Text: []byte("12345678"), Cut: true}, {Text: []byte("12345678"), Cut: true}}},
		"far over the limit": {"1234567890123456789012345678901234567890\nb\n", []Line{{Text: []byte("12345678"), Cut: true}, {Text: []byte("b")}}},
		"cut and partial":    {"a\n1234567890123456789012345", []Line{{Text: []byte("a")}, {Text: []byte("12345678"), Cut: true, Partial: true}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			lines, err := readAll(t, smallReader(&chunked{data: []byte(tt.in), end: io.EOF}, 8, 4))
			if err != nil {
				t.Fatal(err)
			}
			var offset int64
			for i := range lines {
				if lines[i].Number != int64(i+1) || lines[i].Offset < offset {
					t.Errorf("line %d has Number %d, Offset %d", i, lines[i].Number, lines[i].Offset)
				}
				offset = lines[i].Offset
				lines[i].Number, lines[i].Offset, lines[i].Received = 0, 0, time.Time{}
			}
			if diff := cmp.Diff(tt.want, lines); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("a\nbb\r\nccc"), []byte{1}, uint8(8), uint8(4), uint8(2))
	f.Add([]byte("\n\n\r\n\r\r\n\x00"), []byte{0, 3}, uint8(1), uint8(1), uint8(0))
	f.Add(bytes.Repeat([]byte("0123456789"), 30), []byte{7, 0, 0, 1}, uint8(3), uint8(9), uint8(9))
	f.Add([]byte("12345678\r\n123456789\r\n1234567\r\r\n"), []byte{}, uint8(8), uint8(2), uint8(1))
	f.Fuzz(func(t *testing.T, data, sizes []byte, limit, block, head uint8) {
		lim, blk := int(limit)+1, int(block)+1
		want := split(data, lim)
		torn := errors.New("torn")
		for _, end := range []error{io.EOF, torn} {
			r := smallReader(&chunked{data: data, sizes: sizes, end: end}, lim, blk)
			first, err := r.Head(int(head))
			if err != nil && !errors.Is(err, torn) {
				t.Fatal(err)
			}
			if n := min(int(head), len(want)); len(first) != n || n > 0 && !cmp.Equal(first, want[:n]) {
				t.Errorf("Head(%d) of %q = %v, want %v", head, data, first, want[:n])
			}
			got, err := readAll(t, r)
			if errors.Is(end, torn) != (err != nil) {
				t.Errorf("error = %v", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("lines of %q, limit %d, block %d (-want +got):\n%s", data, lim, blk, diff)
			}
			cut := 0
			for _, l := range want {
				if l.Cut {
					cut++
				}
			}
			if n, c := r.Lines(); n != int64(len(want)) || c != int64(cut) {
				t.Errorf("Lines() = %d, %d, want %d, %d", n, c, len(want), cut)
			}
		}
	})
}
