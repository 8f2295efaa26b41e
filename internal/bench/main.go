// Command bench measures dkimwatch against what an administrator would use
// instead, side by side in one run: "make bench", or
//
//	go run ./internal/bench [-size MB] [-runs N] [-smoke] [-keep]
//
// It builds dkimwatch and generates the logs in a temporary directory, runs all
// programs on them in turn, and prints the medians. Only the ratios say anything
// about dkimwatch: the times are the machine's. Nothing is left behind.
//
// Exit status: 0, or 1 if dkimwatch could not be built or run; 2 for usage.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/dkimwatch/dkimwatch/internal/loggen"
)

type options struct {
	megabytes int
	runs      int
	keep      bool
}

func main() {
	var o options
	smoke := flag.Bool("smoke", false, "only see that it works: 1 MB, one run")
	flag.IntVar(&o.megabytes, "size", 100, "size of each log in `MB`")
	flag.IntVar(&o.runs, "runs", 5, "run each program `N` times and take the median")
	flag.BoolVar(&o.keep, "keep", false, "keep the logs and the program, and say where they are")
	flag.Parse()
	if *smoke {
		o.megabytes, o.runs = 1, 1
	}
	if flag.NArg() > 0 || o.megabytes < 1 || o.runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stdout io.Writer, o options) (err error) {
	dir, err := os.MkdirTemp("", "dkimwatch-bench-")
	if err != nil {
		return fmt.Errorf("make a temporary directory: %w", err)
	}
	defer func() {
		if o.keep {
			fmt.Fprintf(stdout, "\nKept in %s\n", dir)
			return
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()

	program, err := build(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s, %s/%s, %d cores. Medians of %s in turn.\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runs(o.runs))
	fmt.Fprintln(stdout, "Mlines/s and MB/s are by the clock, ratios by CPU time (user and system).")
	for _, s := range suites(ctx, program, dir) {
		if err := s.run(ctx, stdout, dir, o); err != nil {
			return err
		}
	}
	return nil
}

func runs(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}

// build builds dkimwatch in dir.
func build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "dkimwatch")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "github.com/dkimwatch/dkimwatch/cmd/dkimwatch")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build dkimwatch: %w\n%s", err, out)
	}
	return program, nil
}

// suite is one log and those who read it.
type suite struct {
	title    string
	file     string
	mta      loggen.MTA
	programs []program
	rival    string   // the program whose multiple the last column is
	notes    []string // who is missing, and why
}

func (s *suite) run(ctx context.Context, stdout io.Writer, dir string, o options) error {
	path := filepath.Join(dir, s.file)
	contents, err := generate(path, loggen.Options{MTA: s.mta, Size: int64(o.megabytes) * 1e6, Seed: 1})
	if err != nil {
		return err
	}
	results, notes, err := measureAll(ctx, s.programs, path, o.runs)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%s: %d MB, %d lines, %d messages, %d with key trouble, %d open at the end\n\n",
		s.title, contents.Bytes/1e6, contents.Lines, contents.Messages, contents.Trouble, contents.Open)
	printTable(stdout, results, contents, s.rival)
	for _, note := range append(s.notes, notes...) {
		fmt.Fprintln(stdout, note)
	}
	if o.keep {
		return nil
	}
	return os.Remove(path) // the next log needs the room
}

// generate writes a log to path.
func generate(path string, o loggen.Options) (loggen.Contents, error) {
	f, err := os.Create(path)
	if err != nil {
		return loggen.Contents{}, err
	}
	w := bufio.NewWriter(f)
	contents, err := loggen.Generate(w, o)
	if err := errors.Join(err, w.Flush(), f.Close()); err != nil {
		return contents, fmt.Errorf("write %s: %w", path, err)
	}
	return contents, nil
}
