package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dkimwatch/dkimwatch/configs"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata expect")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dkimwatch": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"dns":   serveDNS,
			"exits": exits,
			"waits": waits,
		},
		Condition: condition,
	})
}

// setup gives every script UTC as its zone, the captured logs in $CAPTURES, and
// some of them by name.
func setup(env *testscript.Env) error {
	captures, err := filepath.Abs(filepath.Join("..", "..", "testdata", "captures"))
	if err != nil {
		return err
	}
	env.Setenv("TZ", "UTC")
	env.Setenv("CAPTURES", captures)
	env.Setenv("STUCK", filepath.Join(captures, "exim-stuck-now-66min", "mainlog.gz"))
	env.Setenv("ROTATED", filepath.Join(captures, "exim-rotation-5days"))
	return nil
}

// condition knows [system-config]: this machine has a configuration of its own,
// which a script that names no file would read; [usual-logs]: it has mail logs,
// which a script that names none would read; and [root].
func condition(name string) (bool, error) {
	switch name {
	case "system-config":
		_, err := os.Stat(configs.SystemFile)
		return err == nil, nil
	case "usual-logs":
		return len(whatToRead(nil, &configs.Config{})) > 0, nil
	case "root":
		return os.Geteuid() == 0, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// waits waits until a file holds something:
//
//	waits FILE
func waits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waits FILE")
	}
	for range 500 {
		if info, err := os.Stat(ts.MkAbs(args[0])); err == nil && info.Size() > 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s is still empty", args[0])
}

// exits runs a program that must end with the given code:
//
//	exits 2 dkimwatch --nonsense
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, err := 0, ts.Exec(args[1], args[2:]...)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v ended with %d, want %d", args[1:], got, want)
	}
}
