package sources

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// endless gives n bytes of 'x' and nothing else.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	n := int(min(e.n, int64(len(p))))
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.n -= int64(n)
	return n, nil
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func TestReaderLongLine(t *testing.T) {
	const size = 100 << 20
	before := allocated()
	r := NewReader(io.MultiReader(strings.NewReader("before\n"), &endless{size}, strings.NewReader("\nafter\n")), Limits{})
	lines, err := readAll(t, r)
	if used := allocated() - before; used > 2<<20 {
		t.Errorf("a line of %d bytes took %d bytes of memory", size, used)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 3 || string(lines[0].Text) != "before" || string(lines[2].Text) != "after" {
		t.Fatalf("got %d lines", len(lines))
	}
	if l := lines[1]; !l.Cut || len(l.Text) != MaxLine || l.Offset != 7 {
		t.Errorf("long line: Cut %v, %d bytes, Offset %d", l.Cut, len(l.Text), l.Offset)
	}
	if want := int64(7 + size + 1); lines[2].Offset != want {
		t.Errorf("line after it: Offset %d, want %d", lines[2].Offset, want)
	}
	if n, cut := r.Lines(); n != 3 || cut != 1 {
		t.Errorf("Lines() = %d, %d, want 3, 1", n, cut)
	}
}

func TestReaderAllocations(t *testing.T) {
	r := NewReader(&repeat{data: benchLog, n: 1 << 40}, Limits{})
	next := func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(20000, next); n != 0 {
		t.Errorf("Next makes %v allocations", n)
	}
}

func TestReaderError(t *testing.T) {
	torn := errors.New("torn")
	tests := map[string]struct {
		in, want string
		lines    int
	}{
		"none": {"", "torn; 0 lines were read", 0},
		"one":  {"a\n", "torn; 1 line was read", 1},
		"two":  {"a\nb", "torn; 2 lines were read", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			lines, err := readAll(t, NewReader(&chunked{data: []byte(tt.in), end: torn}, Limits{}))
			if !errors.Is(err, torn) || err.Error() != tt.want || len(lines) != tt.lines {
				t.Errorf("got %d lines and %v, want %d and %q", len(lines), err, tt.lines, tt.want)
			}
		})
	}
}

func TestReaderNoProgress(t *testing.T) {
	_, err := readAll(t, NewReader(&chunked{}, Limits{}))
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error = %v, want io.ErrNoProgress", err)
	}
}

func TestReaderHead(t *testing.T) {
	r := NewReader(strings.NewReader("a\nb\nc\n"), Limits{})
	for _, n := range []int{2, 1, 2, 9} {
		lines, err := r.Head(n)
		if err != nil || len(lines) != min(n, 3) || string(lines[0].Text) != "a" {
			t.Errorf("Head(%d) = %v, %v", n, lines, err)
		}
	}
	for _, want := range []string{"a", "b"} {
		if l, err := r.Next(); string(l.Text) != want || err != nil {
			t.Errorf("Next() = %q, %v, want %q", l.Text, err, want)
		}
	}
	if lines, err := r.Head(1); len(lines) != 1 || string(lines[0].Text) != "c" || err != nil {
		t.Errorf("Head(1) after two lines = %v, %v", lines, err)
	}
	if lines, err := readAll(t, r); len(lines) != 1 || err != nil {
		t.Errorf("rest = %v, %v", lines, err)
	}
}

func TestReaderReceivedNow(t *testing.T) {
	before := time.Now()
	lines, err := readAll(t, NewReader(strings.NewReader("a\n"), Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	if got := lines[0].Received; got.Before(before) || got.After(time.Now()) {
		t.Errorf("Received = %v, want now", got)
	}
}

// benchLog has lines as long as those of a mail log.
var benchLog = func() []byte {
	var b bytes.Buffer
	for i := range 10000 {
		b.WriteString("2026-03-01 06:25:01 1wAbCd-000000001Xy-2aBc => user@example.org R=dnslookup T=remote_smtp"[:60+i%30])
		b.WriteString(strings.Repeat("x", i*7%60))
		b.WriteByte('\n')
	}
	return b.Bytes()
}()

// repeat gives data again and again, n bytes in all.
type repeat struct {
	data []byte
	pos  int
	n    int64
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n <= 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data[r.pos:])
	r.pos = (r.pos + n) % len(r.data)
	r.n -= int64(n)
	return n, nil
}

const benchBytes = 64 << 20

func BenchmarkReader(b *testing.B) {
	b.SetBytes(benchBytes)
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(&repeat{data: benchLog, n: benchBytes}, Limits{})
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}

// BenchmarkCountNewlines is the least that reading lines can cost.
func BenchmarkCountNewlines(b *testing.B) {
	b.SetBytes(benchBytes)
	b.ReportAllocs()
	buf := make([]byte, blockSize)
	for b.Loop() {
		src := &repeat{data: benchLog, n: benchBytes}
		count := 0
		for {
			n, err := src.Read(buf)
			if err != nil {
				break
			}
			count += bytes.Count(buf[:n], []byte{'\n'})
		}
	}
}

// BenchmarkIndexNewlines finds each newline as the Reader does, and no more.
func BenchmarkIndexNewlines(b *testing.B) {
	b.SetBytes(benchBytes)
	b.ReportAllocs()
	buf := make([]byte, blockSize)
	for b.Loop() {
		src := &repeat{data: benchLog, n: benchBytes}
		for {
			n, err := src.Read(buf)
			if err != nil {
				break
			}
			for p := buf[:n]; ; {
				i := bytes.IndexByte(p, '\n')
				if i < 0 {
					break
				}
				p = p[i+1:]
			}
		}
	}
}
