package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func newConfigShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Print the values in effect, and where each is from",
		Long: "Print the values in effect as a configuration file. A value that is not the\n" +
			"default has a comment that says where it is from." + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runConfigShow(cmd.OutOrStdout(), a)
		},
	}
}

func runConfigShow(w io.Writer, a *app) error {
	l, err := a.load(nil)
	if err != nil {
		return err
	}
	file := l.File
	if file == "" {
		file = "none"
	}
	if _, err := fmt.Fprintf(w, "# file: %s\n", file); err != nil {
		return err
	}
	return l.WriteYAML(w)
}
