package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newRootCommand returns the whole tree of commands. A command is added to the
// list here; it gets what all commands share from a.
func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "dkimwatch",
		Short: "Find the mail that a broken DKIM key holds back",
		Long: "dkimwatch reads the logs of Exim, Postfix and their DKIM verifiers, finds the\n" +
			"messages that are held, refused or bounced because a DKIM key cannot be had,\n" +
			"asks DNS what is wrong with the key, and says whose fault it is and what to do." +
			exitCodesTroubleHelp,
		Version:           buildVersion().String(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetUsageTemplate(usageTemplate(root.UsageTemplate()))
	root.SetHelpCommand(newHelpCommand())
	root.PersistentFlags().StringVar(&a.configFile, "config", "", "read this configuration `FILE`")
	root.PersistentFlags().TextVar(&a.logLevel, "log-level", &a.logLevel, "log from this `LEVEL` on: debug, info, warn, error")

	root.AddCommand(
		newConfigCommand(a),
		newDemoCommand(),
		newExplainCommand(a),
		newManCommand(),
		newReportCommand(a),
		newScanCommand(a),
		newStuckCommand(a),
		newVersionCommand(),
	)
	root.InitDefaultHelpCmd() // adds the one set above
	root.InitDefaultCompletionCmd()
	finish(root)
	return root
}

// usageTemplate makes cobra's fit 80 columns, and say of a group only that it
// wants a command.
func usageTemplate(cobras string) string {
	return strings.NewReplacer(
		".FlagUsages", ".FlagUsagesWrapped 80",
		" for more information about a command", "",
		"{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}",
	).Replace(cobras)
}

// finish gives cmd and every command below it what all have alike: a group
// refuses a subcommand it does not have, errors of a command that has begun can
// be told from those of the command line, and --help states the exit codes.
func finish(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		if sub.HasSubCommands() {
			sub.Args = cobra.ArbitraryArgs
			sub.RunE = runGroup
			sub.SuggestionsMinimumDistance = 2
		}
		finish(sub)
	}
	if !strings.Contains(cmd.Long, "Exit codes:") { // cobra's own commands
		cmd.Long = strings.TrimSpace(cmd.Long) + exitCodesHelp
	}
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if err := run(cmd, args); err != nil {
				return &runError{err}
			}
			return nil
		}
	}
}

// runGroup is what a command does that only has subcommands: help, or a
// usageError for one that it does not have.
func runGroup(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	text := fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return &usageError{errors.New(text)}
}
