package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/reports"
)

type stuckOptions struct {
	asOf, domain string
	json         bool
}

func newStuckCommand(a *app) *cobra.Command {
	var o stuckOptions
	cmd := &cobra.Command{
		Use:   "stuck",
		Short: "List the mail that is held because of a key, the oldest first",
		Long: "List the mail that is held because of a key, the oldest first, with when it\n" +
			"bounces, why it is held and the command that retries it. The history that\n" +
			"`dkimwatch scan --store` keeps is read: what the last scan saw is what is known." + exitCodesHelp,
		Example: "  dkimwatch scan --store >/dev/null; dkimwatch stuck\n" +
			"  dkimwatch stuck --domain example.org --json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := historyConfig(cmd, a)
			if err != nil {
				return err
			}
			return runStuck(cmd.Context(), cmd.OutOrStdout(), cfg, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.asOf, "as-of", "", "judge ages and deadlines as of `TIME`, such as 2026-05-11 16:20")
	f.StringVar(&o.domain, "domain", "", "only what keys of this signing `DOMAIN` hold, and messages from it")
	f.BoolVar(&o.json, "json", false, "print one JSON object per line")
	addStorePathFlag(cmd, "read the history in this `FILE`")
	return cmd
}

func runStuck(ctx context.Context, w io.Writer, cfg *configs.Config, o stuckOptions) error {
	now := time.Now()
	at, err := parsePeriod("", "", o.asOf, now)
	if err != nil {
		return err
	}
	if at.asOf.IsZero() {
		at.asOf = now
	}
	h, err := openHistory(ctx, cfg)
	if err != nil {
		return err
	}
	defer h.Close()
	r, err := h.stuck(ctx, at.asOf, o.domain)
	if err != nil {
		return err
	}
	r.Title = "dkimwatch stuck"
	if o.json {
		return written(reports.WriteNDJSON(w, reports.StuckOnly(r), false))
	}
	if err := written(reports.WriteStuck(w, r, textOptions(w, 0))); err != nil {
		return err
	}
	return written(h.age(w, now))
}
