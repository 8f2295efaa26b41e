package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dkimwatch/dkimwatch/configs"
)

type configInitOptions struct {
	file  string // "-" is standard output
	force bool
}

func newConfigInitCommand(a *app) *cobra.Command {
	var o configInitOptions
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a configuration file that explains every setting",
		Long: "Write a configuration file with every setting at its default, and what it is\n" +
			"for. Without FILE it goes where --config says, else to\n" +
			"/etc/dkimwatch/dkimwatch.yaml for root and to\n" +
			"~/.config/dkimwatch/dkimwatch.yaml for others. FILE - is standard output. A file\n" +
			"that is there is kept, unless --force is given." + exitCodesHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 1:
				o.file = args[0]
			case a.configFile != "":
				o.file = a.configFile
			case os.Geteuid() == 0:
				o.file = configs.SystemFile
			default:
				o.file = configs.UserFile()
			}
			return runConfigInit(cmd.OutOrStdout(), o)
		},
	}
	cmd.Flags().BoolVar(&o.force, "force", false, "replace a file that is there")
	return cmd
}

func runConfigInit(w io.Writer, o configInitOptions) error {
	switch o.file {
	case "-":
		_, err := io.WriteString(w, configs.Annotated())
		return err
	case "":
		return errors.New("this user has no home directory: name a file")
	}
	if err := os.MkdirAll(filepath.Dir(o.file), 0o755); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	write := createFile
	if o.force {
		write = replaceFile
	}
	err := write(o.file, configs.Annotated())
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists; --force replaces it", o.file)
	}
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	_, err = fmt.Fprintf(w, "wrote %s\n", o.file)
	return err
}

// createFile writes a file that does not exist yet.
func createFile(path, content string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	return errors.Join(err, f.Close())
}

// replaceFile writes beside path and renames, so that there is a whole file at
// any moment.
func replaceFile(path, content string) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := createFile(next, content); err != nil {
		return err
	}
	return os.Rename(next, path)
}
