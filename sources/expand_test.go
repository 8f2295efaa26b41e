package sources

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree makes a folder with logs and much else.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mainlog", "mainlog.1", "mainlog.2.gz", "rejectlog", ".hidden", "odd[1]", "empty/.keep", "sub/deep"} {
		must(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(os.WriteFile(filepath.Join(dir, name), []byte("a\n"), 0o600))
	}
	must(os.Symlink("mainlog", filepath.Join(dir, "current")))
	must(os.Symlink("nowhere", filepath.Join(dir, "dead")))
	must(os.Link(filepath.Join(dir, "rejectlog"), filepath.Join(dir, "zlink")))
	return dir
}

func TestExpand(t *testing.T) {
	dir := tree(t)
	tests := map[string]struct {
		args   []string
		want   []string // "?" before what nobody named
		faults []string
	}{
		"nothing":                      {nil, nil, nil},
		"files in order":               {[]string{"rejectlog", "mainlog"}, []string{"rejectlog", "mainlog"}, nil},
		"twice":                        {[]string{"mainlog", "sub/../mainlog"}, []string{"mainlog"}, nil},
		"links":                        {[]string{"current", "mainlog", "zlink", "rejectlog"}, []string{"current", "zlink"}, nil},
		"pattern":                      {[]string{"mainlog*"}, []string{"mainlog", "mainlog.1", "mainlog.2.gz"}, nil},
		"pattern and file":             {[]string{"mainlog.1", "mainlog*"}, []string{"mainlog.1", "mainlog", "mainlog.2.gz"}, nil},
		"no pattern":                   {[]string{"odd[1]"}, []string{"odd[1]"}, nil},
		"not hidden":                   {[]string{"*dd*"}, []string{"odd[1]"}, nil},
		"hidden":                       {[]string{".h*"}, []string{".hidden"}, nil},
		"folders pass":                 {[]string{"s*/d*"}, []string{"sub/deep"}, nil},
		"standard input":               {[]string{"-", "mainlog", "-"}, []string{"-", "mainlog"}, nil},
		"directory":                    {[]string{"."}, []string{"?current", "?mainlog.1", "?mainlog.2.gz", "?odd[1]", "?rejectlog"}, nil},
		"directory, then a file of it": {[]string{".", "mainlog"}, []string{"current", "?mainlog.1", "?mainlog.2.gz", "?odd[1]", "?rejectlog"}, nil},
		"faults": {[]string{"none", "mainlog", "x*", "empty", "s*", "nodir/*", "a[", "dead", "rejectlog"}, []string{"mainlog", "rejectlog"}, []string{
			"open none: no such file or directory; check its name, and whether it was rotated away",
			"match x*: no file found; check the pattern",
			"list empty: no file found; folders in it are not searched",
			"match s*: no file found; check the pattern",
			"match nodir/*: no such file or directory; check its name, and whether it was rotated away",
			"match a[: syntax error in pattern",
			"open dead: no such file or directory; check its name, and whether it was rotated away",
		}},
	}
	t.Chdir(dir)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inputs, errs := Expand(tt.args, strings.NewReader(""))
			var got, faults []string
			for _, in := range inputs {
				if in.Listed {
					got = append(got, "?"+in.Name)
				} else {
					got = append(got, in.Name)
				}
			}
			for _, err := range errs {
				if _, ok := errors.AsType[*FileError](err); !ok {
					t.Errorf("%v is no *FileError", err)
				}
				faults = append(faults, err.Error())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("inputs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.faults, faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// Standard input from a file that is named as well is read once.
func TestExpandStdinTwice(t *testing.T) {
	path := write(t, sampleLog)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, args := range [][]string{{"-", path}, {path, "-"}} {
		if inputs, faults := Expand(args, file); len(inputs) != 1 || inputs[0].Name != args[0] || len(faults) != 0 {
			t.Errorf("Expand(%q) = %d inputs, %v", args, len(inputs), faults)
		}
	}
}

func TestExpandFaultKinds(t *testing.T) {
	t.Chdir(tree(t))
	for arg, want := range map[string]error{"none": fs.ErrNotExist, "x*": ErrNoMatch, "empty": ErrNoMatch, "a[": filepath.ErrBadPattern} {
		if _, faults := Expand([]string{arg}, nil); len(faults) != 1 || !errors.Is(faults[0], want) {
			t.Errorf("Expand(%q) faults = %v, want %v", arg, faults, want)
		}
	}
}
