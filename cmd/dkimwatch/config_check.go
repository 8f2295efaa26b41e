package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func newConfigCheckCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Tell everything that is wrong with a configuration file",
		Long: "Read FILE, or the configuration that the other commands would read, with the\n" +
			"variables over it, and tell everything that is wrong with it." + exitCodesHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				a.configFile = args[0]
			}
			return runConfigCheck(cmd.OutOrStdout(), a)
		},
	}
}

func runConfigCheck(w io.Writer, a *app) error {
	l, err := a.load(nil)
	if err != nil {
		return err
	}
	if l.File == "" {
		_, err = fmt.Fprintln(w, "no configuration file, the defaults hold")
		return err
	}
	_, err = fmt.Fprintf(w, "%s: no faults\n", l.File)
	return err
}
