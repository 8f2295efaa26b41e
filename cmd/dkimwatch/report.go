package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/reports"
)

type reportOptions struct {
	since, until, asOf string
	format, domain     string
	messages, fail     bool
	verbose            bool
	incidents          int
}

// reportFormats is what --format takes.
var reportFormats = []string{"text", "json", "csv", "markdown"}

func newReportCommand(a *app) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Sum up a period: keys in trouble, and what became of the mail",
		Long: "Sum up a period from the history that `dkimwatch scan --store` keeps: the keys\n" +
			"that made trouble, what became of the mail, and what is held since before.\n\n" +
			"TIME is a duration before now (6h, 2d, 1w) or a date in this machine's zone\n" +
			"(2026-05-11, 2026-05-11 16:20, 2026-05-11T14:20:00Z)." + exitCodesTroubleHelp,
		Example: "  dkimwatch report --since 6h\n" +
			"  dkimwatch report --since 2026-05-11 --until 2026-05-12 --format markdown\n" +
			"  dkimwatch report --since 7d --domain example.org --format csv --messages",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := historyConfig(cmd, a)
			if err != nil {
				return err
			}
			return runReport(cmd.Context(), cmd.OutOrStdout(), cfg, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.since, "since", "24h", "begin at `TIME`")
	f.StringVar(&o.until, "until", "", "end at `TIME`; else now")
	f.StringVar(&o.asOf, "as-of", "", "judge ages and deadlines as of `TIME`, and count durations back from it")
	f.StringVar(&o.format, "format", "text", "print as `FORMAT`: "+strings.Join(reportFormats, ", "))
	f.BoolVar(&o.messages, "messages", false, "with --format csv, print the messages instead of the incidents")
	f.StringVar(&o.domain, "domain", "", "only keys of this signing `DOMAIN`, and messages from it")
	f.IntVar(&o.incidents, "incidents", 10, "as text, print `N` incidents in full")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "as text, print more of everything")
	f.BoolVar(&o.fail, "fail", false, "exit with 3 if an incident is open or mail is held")
	addStorePathFlag(cmd, "read the history in this `FILE`")
	return cmd
}

// historyConfig loads the configuration for a command that reads the history.
func historyConfig(cmd *cobra.Command, a *app) (*configs.Config, error) {
	flags, err := storePathFlag(cmd)
	if err != nil {
		return nil, err
	}
	l, err := a.load(flags)
	if err != nil {
		return nil, err
	}
	return &l.Config, nil
}

func runReport(ctx context.Context, w io.Writer, cfg *configs.Config, o reportOptions) error {
	if !slices.Contains(reportFormats, o.format) {
		return &usageError{fmt.Errorf("--format: %q is none of %s", o.format, strings.Join(reportFormats, ", "))}
	}
	if o.messages && o.format != "csv" {
		return &usageError{errors.New("--messages goes with --format csv")}
	}
	now := time.Now()
	at, err := parsePeriod(o.since, o.until, o.asOf, now)
	if err != nil {
		return err
	}
	if at.asOf.IsZero() {
		at.asOf = now
		if !at.until.IsZero() && at.until.Before(now) {
			at.asOf = at.until
		}
	}
	h, err := openHistory(ctx, cfg)
	if err != nil {
		return err
	}
	defer h.Close()
	r, err := h.report(ctx, at.since, at.until, at.asOf, o.domain)
	if err != nil {
		return err
	}
	r.Title = "dkimwatch report"
	if err := written(writeReport(w, r, o)); err != nil {
		return err
	}
	if o.format == "text" {
		if err := written(h.age(w, now)); err != nil {
			return err
		}
	}
	if o.fail && inTrouble(r.Incidents) {
		return errTrouble
	}
	return nil
}

func writeReport(w io.Writer, r *reports.Report, o reportOptions) error {
	switch {
	case o.format == "json":
		return reports.WriteJSON(w, r)
	case o.format == "markdown":
		return reports.WriteMarkdown(w, r)
	case o.format == "csv" && o.messages:
		return reports.WriteMessagesCSV(w, r, false)
	case o.format == "csv":
		return reports.WriteCSV(w, r)
	}
	text := textOptions(w, o.incidents)
	text.Stored, text.Verbose = true, o.verbose
	return reports.WriteText(w, r, text)
}
