package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/reports"
	"github.com/dkimwatch/dkimwatch/sources"
)

type explainOptions struct {
	what    string // a line, a file, or sources.Stdin
	lines   int
	message string
	json    bool
}

func newExplainCommand(a *app) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain [LINE|FILE|-]",
		Short: "How a log line or a log file is understood",
		Long: "Tell how a log line is understood: its format and program, every field, what it\n" +
			"means, which message it belongs to, and what finding and incident that makes.\n" +
			"Of a FILE the format is told, and why it is that or none, what its lines say in\n" +
			"numbers, and which messages have a finding. Lines on standard input are\n" +
			"explained one by one. DNS is not asked." + exitCodesHelp,
		Example: "  dkimwatch explain /var/log/exim4/mainlog\n" +
			"  dkimwatch explain --message 1wMRwR-0000Mm-0U /var/log/exim4/mainlog\n" +
			"  grep 158A212F90 /var/log/mail.log | dkimwatch explain",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := a.load(configs.Flags{"host": cmd.Flag("host"), "timezone": cmd.Flag("timezone")})
			if err != nil {
				return err
			}
			o.what = strings.Join(args, "")
			return runExplain(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), &l.Config, o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.lines, "lines", 0, "explain the first `N` lines of the file one by one")
	f.StringVar(&o.message, "message", "", "explain every line of the message with this queue `ID`")
	f.BoolVar(&o.json, "json", false, "print one JSON object per line of the log")
	f.String("host", "", "the `NAME` for lines that name no host")
	f.String("timezone", "", "the `ZONE` of stamps that name none, such as Europe/Warsaw")
	return cmd
}

// explanation is one run of explain.
type explanation struct {
	options  explainOptions
	cfg      *configs.Config
	input    *sources.Input
	whole    bool           // it is a file
	source   string         // the input's name, for people
	location *time.Location // of stamps without a zone
	out      *prose
	json     *json.Encoder
	briefed  bool // a line was told by brief
}

func runExplain(ctx context.Context, stdin io.Reader, w io.Writer, cfg *configs.Config, o explainOptions) error {
	if o.lines < 0 {
		return &usageError{errors.New("--lines wants a number of lines")}
	}
	location, err := zone(cfg.Timezone)
	if err != nil {
		return err
	}
	x := &explanation{options: o, cfg: cfg, location: location, out: newProse(w, textOptions(w, 0).Width)}
	if o.json {
		x.json = json.NewEncoder(x.out.w)
	}
	if err := x.open(stdin); err != nil {
		return err
	}
	switch {
	case o.message != "":
		err = x.message(ctx)
	case x.whole && o.lines == 0 && !o.json:
		err = x.overview(ctx)
	default:
		err = x.oneByOne(ctx)
	}
	if err != nil {
		return err
	}
	return written(x.out.flush())
}

func isTerminal(f *os.File) bool {
	_, ok := terminal(f)
	return ok
}

// open finds out what is to be explained.
func (x *explanation) open(stdin io.Reader) error {
	what := x.options.what
	if what == "" {
		if f, ok := stdin.(*os.File); ok && isTerminal(f) {
			return &usageError{errors.New("give a line in quotes, name a file, or pipe lines in")}
		}
		what = sources.Stdin
	}
	x.source = "standard input"
	if what != sources.Stdin {
		info, err := os.Stat(what)
		switch {
		case err == nil && info.IsDir():
			return fmt.Errorf("%s is a directory: name one file in it", what)
		case err == nil:
			x.source, x.whole = what, true
		case !strings.Contains(strings.TrimSpace(what), " "):
			return fmt.Errorf("%q is no file that can be read, and no log line", reports.Clean(what, 100))
		default:
			x.source = "the line"
			stdin, what = strings.NewReader(what), sources.Stdin
		}
	}
	list, faults := sources.Expand([]string{what}, stdin)
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	x.input = list[0]
	x.input.Limits.Line = x.cfg.MaxLineBytes
	return nil
}

// each hands every line of the input to f, until f says that it is enough.
func (x *explanation) each(ctx context.Context, f func(*sources.Line) (more bool)) error {
	r, err := x.input.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	for n := 1; ; n++ {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !f(&line) {
			return nil
		}
	}
}

// parser returns what reads the input's lines: of a file all by the format of its
// first ones, elsewhere each line by its own.
func (x *explanation) parser() (func(*sources.Line, *parsers.Event) parsers.Format, error) {
	mixed := &mixedParser{options: parsers.Options{Location: x.local()}}
	if !x.whole {
		return mixed.parse, nil
	}
	head, err := x.head()
	if err != nil {
		return nil, err
	}
	if head.format == parsers.FormatNone {
		return mixed.parse, nil
	}
	p := head.format.New(parsers.Options{Location: head.location})
	return func(line *sources.Line, ev *parsers.Event) parsers.Format {
		p.Parse(line.Text, line.Received, ev)
		return head.format
	}, nil
}

func (x *explanation) local() *time.Location {
	if x.location != nil {
		return x.location
	}
	return time.Local
}

// oneByOne explains each line, or the first ones of a file, and then the messages
// that they belong to, as the whole input tells them.
func (x *explanation) oneByOne(ctx context.Context) error {
	parse, err := x.parser()
	if err != nil {
		return err
	}
	follow := newFollower(x.cfg, x.source, true)
	var ev parsers.Event
	shown := 0
	err = x.each(ctx, func(line *sources.Line) bool {
		format := parse(line, &ev)
		ev.Seq = uint64(line.Number)
		if (x.options.lines == 0 || shown < x.options.lines) && len(bytes.TrimSpace(line.Text)) > 0 {
			shown++
			x.show(line, format, &ev)
			if len(ev.ID) > 0 {
				follow.wanted[string(ev.ID)] = true
			}
		}
		follow.add(&ev)
		return true
	})
	if err != nil {
		return err
	}
	if shown == 0 {
		return fmt.Errorf("%s: no line in it", x.source)
	}
	return x.close(follow)
}

// close tells what the lines amount to.
func (x *explanation) close(follow *follower) error {
	follow.finish()
	if x.json != nil {
		return reports.WriteNDJSON(x.out.w, follow.report(), true)
	}
	follow.printMessages(x.out)
	return nil
}

// show explains one line.
func (x *explanation) show(line *sources.Line, format parsers.Format, ev *parsers.Event) {
	e := explainEvent(x.source, line.Number, line.Text, format, ev)
	e.UnknownProgram = unreadProgram(format, ev, line.Text)
	if x.json != nil {
		_ = x.json.Encode(&e) // the flush returns its error
		return
	}
	if line.Number > 1 {
		x.out.line("")
	}
	if x.source != "the line" {
		x.out.line(fmt.Sprintf("Line %d of %s", line.Number, reports.Clean(x.source, maxShown)))
	}
	e.print(x.out)
}
