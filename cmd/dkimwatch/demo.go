package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

type demoOptions struct {
	pause bool
	brief bool
}

func newDemoCommand() *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show what dkimwatch does, on captured logs",
		Long: "Tell how mail that a missing DKIM key holds back is found and set free, on the\n" +
			"captured logs of an Exim and a Postfix server, with a DNS server of its own on\n" +
			"127.0.0.1. It needs no network, no configuration and no mail server, and leaves\n" +
			"nothing behind." + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), o)
		},
	}
	cmd.Flags().BoolVar(&o.pause, "pause", false, "wait for Enter between the steps, on a terminal")
	cmd.Flags().BoolVar(&o.brief, "brief", false, "tell each step in a few lines")
	return cmd
}

func runDemo(ctx context.Context, stdin io.Reader, w io.Writer, o demoOptions) (err error) {
	world, err := newDemoWorld()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.close()) }()
	text := textOptions(w, 1)
	text.Stored = true
	s := &story{world: world, out: newProse(w, text.Width), text: text}
	steps := []func(context.Context) error{s.complaint, s.finding, s.cure, s.report}
	if o.brief {
		steps = []func(context.Context) error{s.brief}
	}
	wait := o.waiter(stdin, w)
	for i, step := range steps {
		if i > 0 {
			if err := wait(ctx); err != nil {
				return err
			}
		}
		if err := step(ctx); err != nil {
			return err
		}
		if err := s.out.flush(); err != nil {
			return written(err)
		}
	}
	return nil
}

// waiter returns what waits between two steps: for Enter if that was asked for
// and somebody can press it, else not at all.
func (o demoOptions) waiter(stdin io.Reader, w io.Writer) func(context.Context) error {
	in, ok := stdin.(*os.File)
	if _, tty := terminal(w); !o.pause || !ok || !tty || !isTerminal(in) {
		return func(ctx context.Context) error { return ctx.Err() }
	}
	// A terminal cannot be waited for with a deadline. Whoever interrupts the
	// demo leaves this goroutine waiting until the process ends, which is next.
	pressed := make(chan error)
	lines := bufio.NewReader(in)
	return func(ctx context.Context) error {
		fmt.Fprint(w, "\n                                                    (Enter for the next step) ")
		go func() {
			_, err := lines.ReadString('\n')
			select {
			case pressed <- err:
			case <-ctx.Done():
			}
		}()
		select {
		case err := <-pressed:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		case <-ctx.Done():
			fmt.Fprintln(w)
			return ctx.Err()
		}
	}
}
