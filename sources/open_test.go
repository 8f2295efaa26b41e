package sources

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// sampleLog is what testdata/6000-lines.log.bz2 holds: bzip2 -1 made it, three
// blocks, since there is no compressor in Go's library.
var sampleLog = func() []byte {
	var b bytes.Buffer
	for i := range 6000 {
		fmt.Fprintf(&b, "2026-03-01 06:%02d:%02d line %06d\n", i/60%60, i%60, i)
	}
	return b.Bytes()
}()

type makeWriter func(w io.Writer) (io.WriteCloser, error)

func compress(t testing.TB, data []byte, with makeWriter) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := with(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipWriter(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }

func zstdWriter(w io.Writer) (io.WriteCloser, error) {
	return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(64<<10))
}

// xzWriter makes several blocks, as xz -T does.
func xzWriter(w io.Writer) (io.WriteCloser, error) {
	return xz.WriterConfig{BlockSize: 50000, DictCap: 64 << 10}.NewWriter(w)
}

func lzmaWriter(w io.Writer) (io.WriteCloser, error) {
	return lzma.WriterConfig{DictCap: 64 << 10}.NewWriter(w)
}

// packed returns sampleLog in every format that is read.
func packed(t testing.TB) map[string][]byte {
	t.Helper()
	bz, err := os.ReadFile("testdata/6000-lines.log.bz2")
	if err != nil {
		t.Fatal(err)
	}
	half := len(sampleLog) / 2
	both := func(with makeWriter) []byte {
		return append(compress(t, sampleLog[:half], with), compress(t, sampleLog[half:], with)...)
	}
	skippable := []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00size")
	return map[string][]byte{
		"plain":         sampleLog,
		"gzip":          compress(t, sampleLog, gzipWriter),
		"gzip, two":     both(gzipWriter),
		"zstd":          compress(t, sampleLog, zstdWriter),
		"zstd, two":     both(zstdWriter),
		"zstd of pzstd": append(skippable, compress(t, sampleLog, zstdWriter)...),
		"xz":            compress(t, sampleLog, xzWriter),
		"xz, two":       both(xzWriter),
		"xz with padding": append(append(compress(t, sampleLog[:half], xzWriter), 0, 0, 0, 0, 0, 0, 0, 0),
			compress(t, sampleLog[half:], xzWriter)...),
		"lzma":  compress(t, sampleLog, lzmaWriter),
		"bzip2": bz,
	}
}

// write makes a file whose name says nothing of its content.
func write(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mainlog.1")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openLines(t *testing.T, path string) ([]Line, error) {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	r := NewReader(f, Limits{})
	defer func() {
		if err := r.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}()
	return readAll(t, r)
}

// join undoes the splitting of text whose lines end in "\n".
func join(lines []Line) []byte {
	var b bytes.Buffer
	for _, l := range lines {
		b.Write(l.Text)
		if !l.Partial {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

func TestOpenFormats(t *testing.T) {
	for name, data := range packed(t) {
		t.Run(name, func(t *testing.T) {
			lines, err := openLines(t, write(t, data))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(join(lines), sampleLog) {
				t.Errorf("%d lines, not the text that was packed", len(lines))
			}
		})
	}
}

func TestOpenEmpty(t *testing.T) {
	tests := map[string][]byte{
		"plain": nil,
		"gzip":  compress(t, nil, gzipWriter),
		"xz":    compress(t, nil, xzWriter),
		"zstd":  {0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x00, 0x01, 0x00, 0x00},
		"bzip2": []byte("BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			if lines, err := openLines(t, write(t, data)); len(lines) != 0 || err != nil {
				t.Errorf("%d lines, %v", len(lines), err)
			}
		})
	}
}

// Each archive is cut at many places: what comes before the error is the
// beginning of the text.
func TestOpenTruncated(t *testing.T) {
	for name, data := range packed(t) {
		if name == "plain" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for part := 1; part < 8; part++ {
				path := write(t, data[:len(data)*part/8])
				lines, err := openLines(t, path)
				if strings.Contains(name, "two") && err == nil {
					continue // between the two
				}
				if !errors.Is(err, ErrTruncated) {
					t.Fatalf("%d/8: error = %v, want ErrTruncated", part, err)
				}
				want := fmt.Sprintf("read %s: the compressed data ends early; %d lines were read", path, len(lines))
				if err.Error() != want {
					t.Errorf("%d/8: error = %q, want %q", part, err, want)
				}
				if text := join(lines); !bytes.HasPrefix(sampleLog, text) {
					t.Errorf("%d/8: the lines are not those of the log", part)
				}
				if part == 7 && len(lines) < 3000 {
					t.Errorf("only %d lines of %d/8 of the archive", len(lines), part)
				}
			}
		})
	}
}

func TestOpenDamaged(t *testing.T) {
	for name, data := range packed(t) {
		if name == "plain" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			bad := bytes.Clone(data)
			bad[len(bad)*3/4] ^= 0x55
			path := write(t, bad)
			lines, err := openLines(t, path)
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTruncated) {
				t.Fatalf("error = %v, want ErrDamaged", err)
			}
			fe, ok := errors.AsType[*FileError](err)
			if !ok || fe.Name != path {
				t.Errorf("error %v does not name %s", err, path)
			}
			if len(lines) == 0 {
				t.Error("no line was read")
			}
		})
	}
}

// A bomb is read in constant memory.
func TestOpenBomb(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.Copy(w, &endless{100 << 20}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := write(t, b.Bytes())
	before := allocated()
	lines, err := openLines(t, path)
	if used := allocated() - before; used > 4<<20 {
		t.Errorf("took %d bytes of memory", used)
	}
	if len(lines) != 1 || !lines[0].Cut || err != nil {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

// largeXzDict returns an .xz file whose block asks for a dictionary of 256 MiB.
func largeXzDict(t *testing.T) []byte {
	data := compress(t, sampleLog, xzWriter)
	header := data[12:]
	size := (int(header[0]) + 1) * 4
	i := bytes.Index(header[:size], []byte{0x21, 0x01})
	if i < 0 {
		t.Fatal("no LZMA2 filter in the block's header")
	}
	header[i+2] = 32 // §5.3.1: 2 << (32/2 + 11)
	binary.LittleEndian.PutUint32(header[size-4:], crc32.ChecksumIEEE(header[:size-4]))
	return data
}

func TestOpenLargeWindow(t *testing.T) {
	xzBad := largeXzDict(t)
	zstdBad := compress(t, sampleLog, zstdWriter)
	if zstdBad[4]&0x20 != 0 {
		t.Fatal("a frame without a window")
	}
	zstdBad[5] = (28 - 10) << 3 // RFC 8878 §3.1.1.1.2: 1 << 28
	lzmaBad := compress(t, sampleLog, lzmaWriter)
	binary.LittleEndian.PutUint32(lzmaBad[1:], 1<<28)
	tests := map[string]struct {
		data []byte
		text []byte // before the error
	}{
		"xz":           {xzBad, nil},
		"xz, second":   {append(compress(t, sampleLog, xzWriter), xzBad...), sampleLog},
		"zstd":         {zstdBad, nil},
		"zstd, second": {append(compress(t, sampleLog, zstdWriter), zstdBad...), sampleLog},
		"lzma":         {lzmaBad, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := write(t, tt.data)
			before := allocated()
			lines, err := openLines(t, path)
			if used := allocated() - before; used > 64<<20 {
				t.Errorf("took %d bytes of memory", used)
			}
			if !errors.Is(err, ErrWindow) || !bytes.Equal(join(lines), tt.text) {
				t.Errorf("%d lines, error = %v, want ErrWindow", len(lines), err)
			}
		})
	}
}

func TestOpenFaults(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct {
		path string
		err  error
		want string
	}{
		"no file":   {dir + "/none", fs.ErrNotExist, "open " + dir + "/none: no such file or directory; check its name, and whether it was rotated away"},
		"directory": {dir, ErrDirectory, "open " + dir + ": is a directory; name a file in it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Open(tt.path)
			if !errors.Is(err, tt.err) || err.Error() != tt.want {
				t.Errorf("Open(%q) = %v, want %q", tt.path, err, tt.want)
			}
		})
	}
}

func TestFaultPermission(t *testing.T) {
	err := error(fault("open", "/var/log/mail.log", &fs.PathError{Op: "open", Path: "/var/log/mail.log", Err: syscall.EACCES}))
	want := "open /var/log/mail.log: permission denied; read it as a member of its group, often adm, or with sudo"
	if !errors.Is(err, fs.ErrPermission) || err.Error() != want {
		t.Errorf("fault = %q, want %q", err, want)
	}
}

// A disk's error is not taken for a damaged archive.
func TestReadFault(t *testing.T) {
	for name, data := range packed(t) {
		t.Run(name, func(t *testing.T) {
			f, err := OpenStream("disk", &chunked{data: data[:len(data)/2], end: &fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = readAll(t, NewReader(f, Limits{}))
			if !errors.Is(err, syscall.EIO) || errors.Is(err, ErrDamaged) || errors.Is(err, ErrTruncated) {
				t.Errorf("error = %v, want EIO", err)
			}
		})
	}
}

func TestReadNoProgress(t *testing.T) {
	f, err := OpenStream("idle", &chunked{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(t, NewReader(f, Limits{})); !errors.Is(err, io.ErrNoProgress) || errors.Is(err, ErrDamaged) {
		t.Errorf("error = %v, want io.ErrNoProgress", err)
	}
}

func TestOpenReceived(t *testing.T) {
	path := write(t, compress(t, sampleLog, gzipWriter))
	when := time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
	lines, err := openLines(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if got := lines[0].Received; !got.Equal(when) {
		t.Errorf("Received = %v, want the file's %v", got, when)
	}
}

// Progress may be asked for while another goroutine reads, which the race
// detector sees; it counts what is on disk.
func TestProgress(t *testing.T) {
	for name, data := range packed(t) {
		t.Run(name, func(t *testing.T) {
			f, err := Open(write(t, data))
			if err != nil {
				t.Fatal(err)
			}
			r := NewReader(f, Limits{})
			defer r.Close()
			var wg sync.WaitGroup
			stop := make(chan struct{})
			wg.Go(func() {
				var last int64
				for {
					read, total := r.Progress()
					if read < last || total != int64(len(data)) {
						t.Errorf("Progress() = %d, %d after %d", read, total, last)
					}
					last = read
					select {
					case <-stop:
						return
					case <-time.After(time.Microsecond):
					}
				}
			})
			_, err = readAll(t, r)
			close(stop)
			wg.Wait()
			if read, total := r.Progress(); err != nil || read != total {
				t.Errorf("at the end: Progress() = %d, %d, error %v", read, total, err)
			}
		})
	}
}

func TestProgressUnknown(t *testing.T) {
	if read, total := NewReader(strings.NewReader("a"), Limits{}).Progress(); read != 0 || total != 0 {
		t.Errorf("Progress() = %d, %d", read, total)
	}
}

// Whatever a file holds, reading it ends, in lines or in an error that names it.
func FuzzOpen(f *testing.F) {
	for _, data := range packed(f) {
		f.Add(data[:min(len(data), 2000)])
	}
	f.Add([]byte("\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03mail")) // ends in the file's name
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := OpenStream("fuzzed", bytes.NewReader(data))
		if err == nil {
			r := NewReader(io.LimitReader(file, 1<<20), Limits{})
			_, err = readAll(t, r)
			file.Close()
		}
		if fe, ok := errors.AsType[*FileError](err); err != nil && (!ok || fe.Name != "fuzzed") {
			t.Errorf("error = %v, want a *FileError", err)
		}
	})
}
