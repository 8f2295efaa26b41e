// Command dkimwatch finds the mail that is held back because a DKIM key cannot
// be had, says whose fault it is, and what to do.
//
// Each command has a file of its own: flags go into an options struct, and
// runX is plain Go that could be called from anywhere. main alone ends the
// process.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // small systems have no zone files
)

func main() {
	os.Exit(run())
}

// run executes the command line. The first SIGINT or SIGTERM cancels the
// context, the second ends the process at once.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(ctx, newRootCommand(newApp(os.Stderr)), os.Stderr)
}
