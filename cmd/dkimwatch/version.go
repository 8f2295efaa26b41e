package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker (-X main.version=v1.2.3); if it is not, the
// build information of Go speaks.
var version string

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and how it was built",
		Long:  "Print the version, the commit it was built from, Go's version and the platform." + exitCodesHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runVersion(cmd.OutOrStdout(), buildVersion())
		},
	}
}

func runVersion(w io.Writer, b build) error {
	_, err := fmt.Fprintln(w, b)
	return err
}

// build is what is known of this binary.
type build struct {
	version  string // v1.2.3, or (devel)
	revision string // the commit; empty if it was not built in a checkout
	modified bool   // the checkout had changes
}

func buildVersion() build {
	b := build{version: version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.version == "" {
		b.version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.revision = s.Value
		case "vcs.modified":
			b.modified = s.Value == "true"
		}
	}
	return b
}

// String returns one line: dkimwatch v1.2.3 (0a1b2c3d4e5f, go1.26.8, linux/amd64).
func (b build) String() string {
	commit := b.revision[:min(len(b.revision), 12)]
	if b.modified {
		commit += " modified"
	}
	if commit != "" {
		commit += ", "
	}
	return fmt.Sprintf("dkimwatch %s (%s%s, %s/%s)", b.version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
