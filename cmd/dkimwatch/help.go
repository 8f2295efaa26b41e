package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newHelpCommand replaces cobra's own, which calls an unknown command fine.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]...",
		Short: "Print the help of a command",
		Long:  "Print the help of a command, as its --help does." + exitCodesHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := findCommand(cmd.Root(), args)
			if err != nil {
				return err
			}
			target.InitDefaultHelpFlag() // so that it is listed
			return target.Help()
		},
	}
}

// findCommand returns the command at path below root, or a usageError.
func findCommand(root *cobra.Command, path []string) (*cobra.Command, error) {
	cmd, rest, err := root.Find(path)
	if err != nil {
		return nil, &usageError{err}
	}
	if len(rest) > 0 {
		return nil, &usageError{fmt.Errorf("unknown command %q for %q", rest[0], cmd.CommandPath())}
	}
	return cmd, nil
}
