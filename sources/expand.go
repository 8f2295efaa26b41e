package sources

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Expand turns the arguments of a command into inputs. An argument is a file,
// Stdin, a pattern as of filepath.Match that the shell has left alone, or a
// directory, which stands for the files in it: rotated and compressed ones too,
// but not hidden ones, nor what is in folders below. Whether they are logs
// shows when they are read.
//
// Inputs come in the order of the arguments, then of names; a file that comes
// by several names, also links, comes once, by the first. Faults, each a
// *FileError, are what could not be found or read; they do not affect the rest.
func Expand(args []string, stdin io.Reader) (inputs []*Input, faults []error) {
	e := expander{stdin: stdin}
	for _, arg := range args {
		e.arg(arg)
	}
	return e.inputs, e.faults
}

type expander struct {
	stdin  io.Reader
	inputs []*Input
	infos  []fs.FileInfo // of inputs; nil if unknown
	faults []error
}

func (e *expander) arg(arg string) {
	if arg == Stdin {
		e.standardInput()
		return
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		e.directory(arg)
	case err == nil:
		e.file(arg, info, false)
	case errors.Is(err, fs.ErrNotExist) && isPattern(arg):
		e.pattern(arg)
	default:
		e.fail(fault("open", arg, err), false)
	}
}

func (e *expander) standardInput() {
	var info fs.FileInfo
	if s, ok := e.stdin.(interface{ Stat() (fs.FileInfo, error) }); ok {
		info, _ = s.Stat()
	}
	for _, in := range e.inputs {
		if in.stdin != nil {
			return
		}
	}
	e.add(&Input{Name: Stdin, stdin: e.stdin, once: true}, info)
}

func (e *expander) directory(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		e.fail(fault("list", dir, err), false)
		return
	}
	found := false
	for _, entry := range entries {
		if hidden(entry.Name()) {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		info, err := os.Stat(path) // the target of a link
		switch {
		case errors.Is(err, fs.ErrNotExist): // rotated away just now, or a dead link
		case err != nil:
			found = true
			e.fail(fault("open", path, err), true)
		case info.Mode().IsRegular():
			found = true
			e.file(path, info, true)
		}
	}
	if !found {
		e.fail(&FileError{Op: "list", Name: dir, Err: ErrNoMatch, Remedy: "folders in it are not searched"}, false)
	}
}

func (e *expander) pattern(pattern string) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		e.fail(fault("match", pattern, err), false)
		return
	}
	found := false
	for _, path := range paths {
		if hidden(filepath.Base(path)) && !hidden(filepath.Base(pattern)) {
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			found = true
			e.fail(fault("open", path, err), false)
		case !info.IsDir():
			found = true
			e.file(path, info, false)
		}
	}
	if !found {
		e.fail(fault("match", pattern, whyNoMatch(pattern)), false)
	}
}

// whyNoMatch returns why nothing matches: Glob does not tell that a directory
// could not be listed.
func whyNoMatch(pattern string) error {
	dir := filepath.Dir(pattern)
	for isPattern(dir) {
		dir = filepath.Dir(dir)
	}
	if _, err := os.ReadDir(dir); err != nil {
		return err
	}
	return ErrNoMatch
}

// file adds the file at path if it can be read.
func (e *expander) file(path string, info fs.FileInfo, listed bool) {
	regular := info.Mode().IsRegular()
	if regular { // opening a pipe would wait for its writer
		f, err := os.Open(path)
		if err != nil {
			e.fail(fault("open", path, err), listed)
			return
		}
		f.Close()
	}
	e.add(&Input{Name: path, Listed: listed, once: !regular}, info)
}

// add adds in unless the same file is there already.
func (e *expander) add(in *Input, info fs.FileInfo) {
	for i, other := range e.infos {
		if info != nil && other != nil && os.SameFile(info, other) {
			e.inputs[i].Listed = e.inputs[i].Listed && in.Listed
			return
		}
	}
	e.inputs = append(e.inputs, in)
	e.infos = append(e.infos, info)
}

func (e *expander) fail(err *FileError, listed bool) {
	err.Listed = listed
	e.faults = append(e.faults, err)
}

func isPattern(path string) bool { return strings.ContainsAny(path, `*?[\`) }

func hidden(name string) bool { return strings.HasPrefix(name, ".") }
