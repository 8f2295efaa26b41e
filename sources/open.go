package sources

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz/lzma"
)

// File is an open log. Reading it gives its text, decompressed. It is not safe
// for concurrent use, except for Progress.
type File struct {
	name     string
	raw      rawReader
	text     io.Reader
	release  func()   // the decompressor; may be nil
	file     *os.File // to close; nil if it is the caller's
	modified time.Time
	total    int64
	judge    bool // what was read so far says nothing about it being text
	err      error
}

// Open opens the file at path. It is decompressed if its content, whatever its
// name, is gzip, bzip2, xz, lzma or zstd, in constant memory. Errors, those of
// Read too, are a *FileError; a damaged file gives what can be read of it
// before its error, and one that is no text gives ErrBinary at the first Read.
func Open(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault("open", path, err)
	}
	if info.IsDir() {
		return nil, fault("open", path, ErrDirectory)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fault("open", path, err)
	}
	f, err := OpenStream(path, file)
	if err != nil {
		file.Close()
		return nil, err
	}
	f.file = file
	return f, nil
}

// OpenStream is Open for a source that is open already, such as standard
// input; name is for messages. It waits for the first few bytes. Close does
// not close r.
func OpenStream(name string, r io.Reader) (*File, error) {
	f := &File{name: name, judge: true}
	f.raw.src = r
	if s, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := s.Stat(); err == nil && info.Mode().IsRegular() {
			f.modified, f.total = info.ModTime(), info.Size()
		}
	}
	br := bufio.NewReaderSize(&f.raw, 64<<10)
	head, _ := br.Peek(magicLen) // an error comes again, with the rest
	f.text = br
	for _, c := range compressions {
		if !c.magic(head) {
			continue
		}
		text, closeText, err := c.open(br)
		if errors.Is(err, io.EOF) { // within the header
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, f.fault(err)
		}
		f.text, f.release = text, closeText
		break
	}
	return f, nil
}

// Read reads text.
func (f *File) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.text.Read(p)
	if f.judge && n > 0 {
		var what *FileError
		if f.judge, what = f.inspect(p[:n]); what != nil {
			n, err = 0, what
		}
	}
	f.err = f.fault(err)
	return n, f.err
}

// inspect reports whether later bytes must be looked at as well, or that this
// is no text.
func (f *File) inspect(block []byte) (undecided bool, fe *FileError) {
	undecided, binary, what := judge(block)
	if !binary {
		return undecided, nil
	}
	return false, &FileError{Op: "read", Name: f.name, Err: ErrBinary, Remedy: what}
}

// fault makes an error of the raw input or of the decompressor a *FileError.
func (f *File) fault(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	if _, ok := errors.AsType[*FileError](err); ok {
		return err
	}
	if f.raw.err != nil {
		return fault("read", f.name, f.raw.err)
	}
	_, dict := errors.AsType[*lzma.ErrDictSize](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = ErrTruncated
	case dict, errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		err = ErrWindow
	case !errors.Is(err, ErrWindow) && !errors.Is(err, io.ErrNoProgress):
		err = fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	return fault("read", f.name, err)
}

// Name returns what the file was opened as.
func (f *File) Name() string { return f.name }

// ModTime returns when the file was last written, and the zero time if it is
// no regular file.
func (f *File) ModTime() time.Time { return f.modified }

// Progress is as Reader.Progress says.
func (f *File) Progress() (read, total int64) { return f.raw.n.Load(), f.total }

// Close releases the decompressor, and closes the file if Open opened it.
func (f *File) Close() error {
	f.err = fs.ErrClosed
	if f.release != nil {
		f.release()
		f.release = nil
	}
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// rawReader counts what is read, and keeps the error that ended it, so that it
// can be told from a decompressor's.
type rawReader struct {
	src io.Reader
	n   atomic.Int64
	err error // never io.EOF
}

func (r *rawReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	r.n.Add(int64(n))
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}
