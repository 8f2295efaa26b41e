package main

import "github.com/spf13/cobra"

func newConfigCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Write, check or show the configuration",
		Long: "Write an annotated configuration file, check one, or show the values in effect.\n\n" +
			"No file is needed. The first of these is read: --config, $DKIMWATCH_CONFIG,\n" +
			"/etc/dkimwatch/dkimwatch.yaml, the user's ~/.config/dkimwatch/dkimwatch.yaml.\n" +
			"A variable overrides it, DKIMWATCH_RECHECK_TIMEOUT=3s is recheck.timeout, and a\n" +
			"flag overrides both." + exitCodesHelp,
	}
	cmd.AddCommand(
		newConfigInitCommand(a),
		newConfigCheckCommand(a),
		newConfigShowCommand(a),
	)
	return cmd
}
