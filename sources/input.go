package sources

import "io"

// Stdin is how standard input is written on the command line.
const Stdin = "-"

// Input is one thing to read: a file, or standard input. It is not safe for
// concurrent use.
type Input struct {
	Name   string // the path, or Stdin
	Listed bool   // nobody named the file: it is from a directory's list
	Limits Limits // for its readers; set them before the first use

	stdin io.Reader // not nil: this is standard input
	once  bool      // what was read of it cannot be read again: a pipe
	held  *Reader   // of such a one, opened by Head
}

// Open returns a Reader of the whole input, whatever Head looked at. The caller
// closes it. Errors are as those of Open and OpenStream. Standard input can be
// opened once.
func (in *Input) Open() (*Reader, error) {
	if r := in.held; r != nil {
		in.held = nil
		return r, nil
	}
	f, err := in.file()
	if err != nil {
		return nil, err
	}
	return NewReader(f, in.Limits), nil
}

// Head returns copies of the first n lines, or of all if there are fewer, to
// see what the input is and when it began. It takes nothing away from what
// Open will give. After an error there may still be lines.
func (in *Input) Head(n int) ([]Line, error) {
	r, err := in.Open()
	if err != nil {
		return nil, err
	}
	if in.once {
		in.held = r
	} else {
		defer r.Close()
	}
	return r.Head(n)
}

func (in *Input) file() (*File, error) {
	if in.stdin != nil {
		return OpenStream("standard input", in.stdin)
	}
	return Open(in.Name)
}
