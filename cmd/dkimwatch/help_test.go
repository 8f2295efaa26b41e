package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every command's help must fit a terminal and state the exit codes.
func TestHelpOfEveryCommand(t *testing.T) {
	var walk func(*testing.T, *cobra.Command)
	walk = func(t *testing.T, cmd *cobra.Command) {
		var help strings.Builder
		cmd.SetOut(&help)
		cmd.InitDefaultHelpFlag()
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(help.String(), "\nExit codes: 0 fine, 1 error, 2 wrong usage") {
			t.Errorf("%s --help does not state the exit codes", cmd.CommandPath())
		}
		for line := range strings.Lines(help.String()) {
			if cmd.Parent() != nil && cmd.Parent().Name() == "completion" {
				break // cobra's words
			}
			if len(strings.TrimRight(line, "\n")) > 80 {
				t.Errorf("%s --help has a line of more than 80 columns: %s", cmd.CommandPath(), line)
			}
		}
		for _, sub := range cmd.Commands() {
			walk(t, sub)
		}
	}
	walk(t, newRootCommand(newApp(io.Discard)))
}
