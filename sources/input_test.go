package sources

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

func inputText(t *testing.T, in *Input) string {
	t.Helper()
	r, err := in.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	lines, err := readAll(t, r)
	if err != nil {
		t.Fatal(err)
	}
	return string(join(lines))
}

// What Head looked at, Open gives again, also of a pipe and also compressed.
func TestInputHead(t *testing.T) {
	pipe := func(data []byte) io.Reader {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		go func() {
			_, _ = w.Write(data) // the reader may have had enough
			w.Close()
		}()
		return r
	}
	gz := compress(t, sampleLog, gzipWriter)
	tests := map[string]struct {
		arg   string
		stdin io.Reader
	}{
		"file":            {write(t, sampleLog), nil},
		"gzip file":       {write(t, gz), nil},
		"pipe":            {Stdin, pipe(sampleLog)},
		"gzip from pipe":  {Stdin, pipe(gz)},
		"slowly, by byte": {Stdin, &chunked{data: sampleLog, sizes: []byte{1}, end: io.EOF}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inputs, faults := Expand([]string{tt.arg}, tt.stdin)
			if len(inputs) != 1 || len(faults) != 0 {
				t.Fatalf("Expand = %v, %v", inputs, faults)
			}
			in := inputs[0]
			for _, n := range []int{3, 200, 1} {
				lines, err := in.Head(n)
				if err != nil || len(lines) != n {
					t.Fatalf("Head(%d) gives %d lines, %v", n, len(lines), err)
				}
				if text := join(lines); !bytes.HasPrefix(sampleLog, text) {
					t.Errorf("Head(%d) = %q", n, text)
				}
			}
			if got := inputText(t, in); got != string(sampleLog) {
				t.Errorf("Open gives %d bytes, not the %d of the log", len(got), len(sampleLog))
			}
		})
	}
}

func TestInputHeadTruncated(t *testing.T) {
	gz := compress(t, sampleLog, gzipWriter)
	for name, in := range map[string]*Input{
		"file":  {Name: write(t, gz[:len(gz)/2])},
		"stdin": {Name: Stdin, stdin: bytes.NewReader(gz[:len(gz)/2]), once: true},
	} {
		t.Run(name, func(t *testing.T) {
			head, err := in.Head(1 << 20)
			if len(head) == 0 || !errors.Is(err, ErrTruncated) {
				t.Errorf("Head gives %d lines, %v", len(head), err)
			}
			r, err := in.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			lines, err := readAll(t, r)
			if len(lines) != len(head) || !errors.Is(err, ErrTruncated) {
				t.Errorf("%d lines after a Head of %d, error %v", len(lines), len(head), err)
			}
		})
	}
}

func TestInputLimits(t *testing.T) {
	in := &Input{Name: Stdin, stdin: strings.NewReader("123456789012345\n"), once: true, Limits: Limits{Line: 10}}
	for range 2 {
		if head, err := in.Head(1); err != nil || string(head[0].Text) != "1234567890" || !head[0].Cut {
			t.Errorf("Head = %q, %v", head[0].Text, err)
		}
	}
	if got := inputText(t, in); got != "1234567890\n" {
		t.Errorf("Open gives %q", got)
	}
}

// "dkimwatch scan - < file" knows as much as "dkimwatch scan file".
func TestInputRedirected(t *testing.T) {
	file, err := os.Open(write(t, sampleLog))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	inputs, _ := Expand([]string{Stdin}, file)
	r, err := inputs[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, total := r.Progress(); total != int64(len(sampleLog)) {
		t.Errorf("total = %d, want %d", total, len(sampleLog))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Stat(); err != nil {
		t.Errorf("Close closed standard input: %v", err)
	}
}
