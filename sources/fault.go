package sources

import (
	"errors"
	"io/fs"
)

// What can be wrong with a source, beside what package fs has a word for
// (fs.ErrNotExist, fs.ErrPermission). They are wrapped in a *FileError.
var (
	ErrDirectory = errors.New("is a directory")
	ErrNoMatch   = errors.New("no file found")
	ErrTruncated = errors.New("the compressed data ends early")
	ErrDamaged   = errors.New("the compressed data is damaged")
	ErrWindow    = errors.New("decompressing it takes too much memory")
	ErrBinary    = errors.New("not a text file")
)

// FileError says what is wrong with one source, and what to do about it.
type FileError struct {
	Op     string // what was tried: open, read, list, match
	Name   string // of the file, as the user would write it
	Err    error  // what went wrong
	Remedy string // for people; may be empty
	Listed bool   // nobody named the file: it is from a directory's list
}

func (e *FileError) Error() string {
	s := e.Op + " " + e.Name + ": " + e.Err.Error()
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

func (e *FileError) Unwrap() error { return e.Err }

// fault makes a *FileError of err, with the remedy for its kind.
func fault(op, name string, err error) *FileError {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err // which leaves out what Op and Name say
	}
	e := &FileError{Op: op, Name: name, Err: err}
	switch {
	case errors.Is(err, fs.ErrPermission):
		e.Remedy = "read it as a member of its group, often adm, or with sudo"
	case errors.Is(err, fs.ErrNotExist):
		e.Remedy = "check its name, and whether it was rotated away"
	case errors.Is(err, ErrNoMatch):
		e.Remedy = "check the pattern"
	case errors.Is(err, ErrDirectory):
		e.Remedy = "name a file in it"
	case errors.Is(err, ErrWindow):
		e.Remedy = "decompress it first and pass the text on standard input"
	}
	return e
}
