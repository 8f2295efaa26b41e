package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

type manOptions struct {
	dir  string
	page []string // the command the page is of; none is the program
}

func newManCommand() *cobra.Command {
	var o manOptions
	cmd := &cobra.Command{
		Use:   "man [COMMAND]...",
		Short: "Print manual pages",
		Long: "Print the manual page of a command, or with --dir write all of them.\n" +
			"The date in them is today, or that of $SOURCE_DATE_EPOCH." + exitCodesHelp,
		Example: "  dkimwatch man | man -l -\n" +
			"  dkimwatch man config check | man -l -\n" +
			"  dkimwatch man --dir /usr/local/share/man/man1",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.page = args
			return runMan(cmd.OutOrStdout(), cmd.Root(), o)
		},
	}
	cmd.Flags().StringVar(&o.dir, "dir", "", "write every page into this `DIRECTORY`")
	return cmd
}

func runMan(w io.Writer, root *cobra.Command, o manOptions) error {
	header := &doc.GenManHeader{Section: "1", Source: "dkimwatch " + buildVersion().version, Manual: "dkimwatch"}
	if o.dir != "" {
		if err := os.MkdirAll(o.dir, 0o755); err != nil {
			return fmt.Errorf("write manual pages: %w", err)
		}
		if err := doc.GenManTree(root, header, o.dir); err != nil {
			return fmt.Errorf("write manual pages: %w", err)
		}
		return nil
	}
	cmd, err := findCommand(root, o.page)
	if err != nil {
		return err
	}
	return doc.GenMan(cmd, header, w)
}
