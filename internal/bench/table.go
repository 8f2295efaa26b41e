package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/dkimwatch/dkimwatch/internal/loggen"
)

// printTable prints what the programs took for a log, and how that compares:
// how many times the CPU of wc each needs, and how many times less than rival.
func printTable(w io.Writer, results []result, log loggen.Contents, rival string) {
	base, peer := cpuOf(results, wc), cpuOf(results, rival)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tCPU s\twall s\tMlines/s\tMB/s\t× %s\t× faster than %s\t\n", wc, rival)
	for _, r := range results {
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.2f\t%.0f\t%s\t%s\t\n", r.name, r.cpu.Seconds(), r.wall.Seconds(),
			float64(log.Lines)/1e6/r.wall.Seconds(), float64(log.Bytes)/1e6/r.wall.Seconds(),
			ratio(r.cpu, base), ratio(peer, r.cpu))
	}
	t.Flush()
}

// cpuOf returns the CPU time of the program so called, 0 if it did not run.
func cpuOf(results []result, name string) time.Duration {
	for _, r := range results {
		if r.name == name {
			return r.cpu
		}
	}
	return 0
}

// ratio prints a/b with two significant digits or more, "–" if one of them is
// not known.
func ratio(a, b time.Duration) string {
	if a == 0 || b == 0 {
		return "–"
	}
	r := float64(a) / float64(b)
	if r = math.Round(r*10) / 10; r < 10 {
		return fmt.Sprintf("%.1f", r)
	}
	return fmt.Sprintf("%.0f", r)
}
