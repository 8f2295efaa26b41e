package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitFine    = 0
	exitError   = 1
	exitUsage   = 2
	exitTrouble = 3
)

// What --help says of them.
const (
	exitCodesHelp        = "\n\nExit codes: 0 fine, 1 error, 2 wrong usage."
	exitCodesTroubleHelp = "\n\nExit codes: 0 fine, 1 error, 2 wrong usage, 3 trouble found."
)

// errTrouble is what a command returns that did its work and found trouble. It
// has told the user already, so nothing more is printed.
var errTrouble = errors.New("trouble found")

// usageError is a command line that makes no sense.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// runError is what went wrong in a command that had begun. Errors that cobra
// returns without it are about the command line.
type runError struct{ err error }

func (e *runError) Error() string { return e.err.Error() }
func (e *runError) Unwrap() error { return e.err }

// execute runs the command line, prints the error there is to stderr, and
// returns the exit code.
func execute(ctx context.Context, root *cobra.Command, stderr io.Writer) int {
	cmd, err := root.ExecuteContextC(ctx)
	_, begun := errors.AsType[*runError](err)
	_, usage := errors.AsType[*usageError](err)
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errTrouble):
		return exitTrouble
	case usage || !begun:
		fmt.Fprintf(stderr, "dkimwatch: %s\nRun '%s --help' for usage.\n", strings.TrimSpace(err.Error()), cmd.CommandPath())
		return exitUsage
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fmt.Fprintln(stderr, "dkimwatch: interrupted")
		return exitError
	}
	fmt.Fprintf(stderr, "dkimwatch: %s\n", err)
	return exitError
}
