package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/dkimwatch/dkimwatch/internal/loggen"
)

// program is a command that reads a log, whose path follows args.
type program struct {
	name string
	path string
	args []string
	env  []string // beside the environment
	ours bool     // its failure ends the benchmark
}

// suites returns the benchmarks that can be run here.
func suites(ctx context.Context, dkimwatch, dir string) []suite {
	exim := suite{
		title: "Exim main log, log_selector = +dkim_verbose", file: "mainlog", mta: loggen.Exim,
		programs: basics(dkimwatch, dir), rival: "exigrep",
	}
	if path := find("EXIGREP", "exigrep"); path == "" {
		exim.notes = append(exim.notes, "exigrep is not here: install exim4-base, or say where it is with EXIGREP=PATH.")
	} else {
		exim.programs = append(exim.programs, program{name: "exigrep", path: path, args: []string{"-l", "failed key import"}})
		if !knowsNewIDs(ctx, path, dir) {
			exim.mta = loggen.EximOld
			exim.notes = append(exim.notes, "This exigrep does not know the message ids of Exim 4.97: the log has those of 4.96.")
		}
	}
	postfix := suite{
		title: "Postfix maillog with OpenDKIM", file: "maillog", mta: loggen.Postfix,
		programs: basics(dkimwatch, dir), rival: "pflogsumm",
	}
	if path := find("PFLOGSUMM", "pflogsumm"); path == "" {
		postfix.notes = append(postfix.notes, "pflogsumm is not here: install pflogsumm, or say where it is with PFLOGSUMM=PATH.")
	} else {
		postfix.programs = append(postfix.programs, program{name: "pflogsumm", path: path})
	}
	return []suite{exim, postfix}
}

// basics are the programs that read every log. dkimwatch gets a home of its own,
// so that nobody's configuration counts.
func basics(dkimwatch, dir string) []program {
	dir = filepath.Join(dir, "home")
	home := []string{"HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_STATE_HOME=" + dir}
	scan := []string{"scan", "--no-dns"}
	return []program{
		{name: wc, path: "wc", args: []string{"-l"}, ours: true},
		{name: "grep -c DKIM", path: "grep", args: []string{"-c", "DKIM"}, env: []string{"LC_ALL=C"}},
		{name: "dkimwatch scan", path: dkimwatch, args: scan, env: home, ours: true},
		{name: "dkimwatch scan, 1 core", path: dkimwatch, args: scan, env: append([]string{"GOMAXPROCS=1"}, home...), ours: true},
	}
}

// wc is the program whose multiple the others are.
const wc = "wc -l"

// find returns the path of a program: what the variable says, else what is in
// PATH or where Debian puts administrators' programs; "" if it is nowhere.
func find(variable, name string) string {
	if path := os.Getenv(variable); path != "" {
		return path
	}
	for _, try := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(try); err == nil {
			return path
		}
	}
	return ""
}

// knowsNewIDs reports whether exigrep groups the lines of a message whose id has
// 23 characters. Up to Exim 4.96 it takes them for lines without an id, which is
// much less work.
func knowsNewIDs(ctx context.Context, exigrep, dir string) bool {
	path := filepath.Join(dir, "ids")
	const log = "2026-03-01 00:00:00 1vwUE4-000000009oA-1eOD <= needle@example.com U=root P=local S=1\n" +
		"2026-03-01 00:00:01 1vwUE4-000000009oA-1eOD Completed\n"
	if err := os.WriteFile(path, []byte(log), 0o600); err != nil {
		return false
	}
	out, err := exec.CommandContext(ctx, exigrep, "needle", path).Output()
	return err == nil && bytes.Contains(out, []byte("Completed"))
}
