package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestExecute(t *testing.T) {
	tests := map[string]struct {
		err    error
		code   int
		stderr string
	}{
		"fine":        {nil, 0, ""},
		"error":       {errors.New("open mainlog: permission denied"), 1, "dkimwatch: open mainlog: permission denied\n"},
		"usage":       {&usageError{errors.New("--since wants a duration")}, 2, "dkimwatch: --since wants a duration\nRun 'dkimwatch run --help' for usage.\n"},
		"trouble":     {errTrouble, 3, ""},
		"interrupted": {fmt.Errorf("read mainlog: %w", context.Canceled), 1, "dkimwatch: interrupted\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			root := &cobra.Command{Use: "dkimwatch", SilenceErrors: true, SilenceUsage: true}
			root.AddCommand(&cobra.Command{Use: "run", RunE: func(*cobra.Command, []string) error {
				if errors.Is(tt.err, context.Canceled) {
					cancel()
				}
				return tt.err
			}})
			root.SetArgs([]string{"run"})
			finish(root)

			var stderr strings.Builder
			if code := execute(ctx, root, &stderr); code != tt.code || stderr.String() != tt.stderr {
				t.Errorf("execute = %d, stderr %q; want %d, %q", code, stderr.String(), tt.code, tt.stderr)
			}
		})
	}
}
