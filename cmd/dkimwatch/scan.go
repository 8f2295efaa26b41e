package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/reports"
)

type scanOptions struct {
	since, until, asOf string
	json, all, verbose bool
	store, noDNS, fail bool
	incidents          int
}

func newScanCommand(a *app) *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:   "scan [FILE|GLOB|DIRECTORY|-]...",
		Short: "Read logs once: which mail is held because of which key",
		Long: "Read logs once, plain or compressed, in any order, and print the keys that make\n" +
			"trouble and the messages that they hold. Without FILE the configured logs are\n" +
			"read, else those in the usual places. The keys are asked for again in DNS.\n\n" +
			"TIME is a duration before now (6h, 2d, 1w) or a date in this machine's zone\n" +
			"(2026-05-11, 2026-05-11 16:20, 2026-05-11T14:20:00Z). An input that cannot be\n" +
			"read makes the exit code 1; the others are read all the same." + exitCodesTroubleHelp,
		Example: "  dkimwatch scan\n" +
			"  dkimwatch scan '/var/log/exim4/mainlog*'\n" +
			"  journalctl -o short-iso -u 'postfix*' | dkimwatch scan --since 6h -",
		RunE: func(cmd *cobra.Command, args []string) error {
			flags, err := storePathFlag(cmd)
			if err != nil {
				return err
			}
			o.store = o.store || cmd.Flag("store-path").Changed
			for key, name := range map[string]string{"host": "host", "timezone": "timezone", "stuck_after": "stuck-after"} {
				flags[key] = cmd.Flag(name)
			}
			l, err := a.load(flags)
			if err != nil {
				return err
			}
			return runScan(cmd.Context(), terminals{cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()}, &l.Config, args, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.since, "since", "", "leave out what was over before `TIME`")
	f.StringVar(&o.until, "until", "", "do not look at lines after `TIME`, and judge as of then")
	f.StringVar(&o.asOf, "as-of", "", "judge ages and deadlines as of `TIME`, not before the log's end, and count durations back from it")
	f.BoolVar(&o.json, "json", false, "print one JSON object per line")
	f.BoolVar(&o.all, "all-messages", false, "with --json or --store, also those without any trouble; as text, no difference")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "as text, print more of everything")
	f.BoolVar(&o.store, "store", false, "keep the result, for report and stuck")
	f.BoolVar(&o.noDNS, "no-dns", false, "do not ask DNS for the keys")
	f.BoolVar(&o.fail, "fail", false, "exit with 3 if an incident is open or mail is held")
	f.IntVar(&o.incidents, "incidents", 10, "as text, print `N` incidents in full")
	f.String("host", "", "the `NAME` for lines that name no host")
	f.String("timezone", "", "the `ZONE` of stamps that name none, such as Europe/Warsaw")
	f.Duration("stuck-after", 0, "a message is stuck when undelivered for this `DURATION`")
	addStorePathFlag(cmd, "keep the result in this `FILE`")
	return cmd
}

// terminals is where a command reads and writes.
type terminals struct {
	in       io.Reader
	out, err io.Writer
}

// note tells people what is no error.
func (t terminals) note(format string, args ...any) {
	fmt.Fprintf(t.err, "dkimwatch: "+format+"\n", args...)
}

func runScan(ctx context.Context, std terminals, cfg *configs.Config, args []string, o scanOptions) error {
	now := time.Now()
	var path string
	if o.store {
		var err error
		if path, err = pathToKeep(cfg.Store.Path, systemStore, userStore()); err != nil {
			return err
		}
	}
	bar := newProgress(std.err)
	scan, at, err := newScan(cfg, &o, now, bar)
	if err != nil {
		return err
	}
	var faults []error
	scan.Inputs, faults = inputs(args, cfg, std.in)
	scan.Lifetime = lifetime(ctx, cfg.QueueLifetime, ownLogs(args, cfg))
	if len(scan.Inputs) == 0 {
		return faultList(faults)
	}
	if o.store {
		if ids := waiting(ctx, path); len(ids) > 0 {
			scan.Follow = func(m *correlate.Message) bool { return ids[[2]string{m.Host, m.QueueID}] }
		}
	}
	bar.reading(scan)
	res, err := runUntil(ctx, scan.Run)
	bar.end()
	if err != nil {
		return err
	}
	faults = append(faults, scanFaults(scan, res)...)
	if o.store {
		if err := keep(ctx, path, res); err != nil {
			if ctx.Err() != nil {
				return err
			}
			faults = append(faults, err)
		} else {
			defer func() { std.note("%s", keptWords(path, res)) }()
		}
	}
	defer scanNotes(std, scan, res, at, now)
	if err := written(writeScan(std.out, reportOf(res, scan), o)); err != nil {
		return err
	}
	switch {
	case len(faults) > 0:
		return faultList(faults)
	case o.fail && inTrouble(res.Incidents):
		return errTrouble
	}
	return nil
}

func writeScan(w io.Writer, r *reports.Report, o scanOptions) error {
	if o.json {
		return reports.WriteNDJSON(w, r, o.all)
	}
	text := textOptions(w, o.incidents)
	text.Stored, text.Verbose = o.store, o.verbose
	return reports.WriteText(w, r, text)
}

// newScan sets a scan up as the options say, all but what depends on its inputs.
func newScan(cfg *configs.Config, o *scanOptions, now time.Time, bar *progress) (*pipeline.Scan, period, error) {
	location, err := zone(cfg.Timezone)
	if err != nil {
		return nil, period{}, err
	}
	at, err := parsePeriod(o.since, o.until, o.asOf, now)
	if err != nil {
		return nil, period{}, err
	}
	scan := &pipeline.Scan{
		Host: host(cfg.Host), Location: location, Local: time.Local,
		Since: at.since, Until: at.until, AsOf: at.asOf, Now: now,
		StuckAfter: cfg.StuckAfter, MaxOpen: cfg.MaxOpenMessages, All: o.all && (o.json || o.store),
	}
	if o.noDNS {
		return scan, at, nil
	}
	checker, err := newChecker(&cfg.Recheck)
	if err != nil {
		return nil, period{}, err
	}
	if checker != nil {
		scan.Checker = &recheck{checker, bar}
	}
	return scan, at, nil
}

// runUntil runs f, but returns as soon as ctx ends even if f does not: a read
// from a pipe cannot be interrupted. The process is about to end then.
func runUntil[T any](ctx context.Context, f func(context.Context) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f(ctx)
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// scanFaults is what was wrong with the inputs: that one could not be read, or
// that none of them is a mail log.
func scanFaults(scan *pipeline.Scan, res *pipeline.Result) []error {
	var faults []error
	others := 0
	for i, src := range res.Sources {
		switch {
		case notALog(scan.Inputs[i], src):
			others++
		case src.Err != nil:
			faults = append(faults, withRemedy(src.Err))
		}
	}
	if others > 0 && others == len(res.Sources) {
		faults = append(faults, fmt.Errorf("none of %s is a mail log that dkimwatch knows, with a line in it; `dkimwatch explain FILE` tells how one is understood",
			plural(others, "file")))
	}
	return faults
}

// How far ahead of the clock a log may be before it is worth a word.
const futureAllowed = time.Hour

// scanNotes tells what may surprise the reader of the result.
func scanNotes(std terminals, scan *pipeline.Scan, res *pipeline.Result, at period, now time.Time) {
	others := 0
	present := now.Add(futureAllowed)
	if at.asOf.After(now) {
		present = at.asOf.Add(futureAllowed)
	}
	for i, src := range res.Sources {
		switch {
		case notALog(scan.Inputs[i], src):
			others++
		case isEmpty(src):
			std.note("%s is empty; if it was rotated just now, read the one before it too", src.Name)
		}
		if src.Last.After(present) {
			std.note("%s: its last line is of %s, in the future; if the clock was wrong leave such lines out with --until, if the zone is wrong name it with --timezone",
				src.Name, local(src.Last))
		}
	}
	if others > 0 && others < len(res.Sources) {
		std.note("%s left out that nobody named and that hold no mail log", plural(others, "file"))
	}
	if !res.Last.IsZero() && res.Last.Before(at.since) {
		std.note("the last line is of %s, before --since; --as-of sets another time to count back from", local(res.Last))
	}
	if !at.asOf.IsZero() && res.AsOf.After(at.asOf) {
		std.note("judged as of %s, the logs' end, which is after --as-of; --until leaves out what came later", local(res.AsOf))
	}
}

// local writes a time for people, in their zone.
func local(t time.Time) string { return t.In(time.Local).Format("2006-01-02 15:04") }
