package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// sample is what one run of a program took.
type sample struct{ cpu, wall time.Duration }

// result is what a program took, as the median of its runs.
type result struct {
	name string
	sample
}

// slow is a run after which a program is not run again.
const slow = time.Minute

// measureAll runs the programs on the log at path, all of them in each round, so
// that what disturbs the machine disturbs them all. A program of others that
// fails is left out, with a note.
func measureAll(ctx context.Context, programs []program, path string, runs int) (results []result, notes []string, err error) {
	if _, err := measure(ctx, programs[0], path); err != nil { // the log is in the page cache from here on
		return nil, nil, err
	}
	samples := make([][]sample, len(programs))
	done := make([]bool, len(programs))
	for range runs {
		for i, p := range programs {
			if done[i] {
				continue
			}
			s, err := measure(ctx, p, path)
			switch {
			case err != nil && (p.ours || ctx.Err() != nil):
				return nil, nil, err
			case err != nil:
				notes = append(notes, fmt.Sprintf("%s is left out: %v", p.name, err))
				samples[i], done[i] = nil, true
				continue
			}
			samples[i] = append(samples[i], s)
			if runs > 1 && s.wall > slow {
				notes = append(notes, fmt.Sprintf("%s is slow here: %d of %d runs.", p.name, len(samples[i]), runs))
				done[i] = true
			}
		}
	}
	for i, p := range programs {
		if len(samples[i]) > 0 {
			results = append(results, result{p.name, median(samples[i])})
		}
	}
	return results, notes, nil
}

// measure runs a program on the log at path once. What it prints is thrown away.
func measure(ctx context.Context, p program, path string) (sample, error) {
	cmd := exec.CommandContext(ctx, p.path, append(slices.Clone(p.args), path)...)
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Stdout = io.Discard // through a pipe: grep stops at the first match if it writes to /dev/null
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w: %s", p.name, err, firstLine(complaints.Bytes()))
	}
	return sample{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall: wall}, nil
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	return line
}

// median returns the median of each time by itself.
func median(samples []sample) sample {
	of := func(get func(sample) time.Duration) time.Duration {
		times := make([]time.Duration, len(samples))
		for i, s := range samples {
			times[i] = get(s)
		}
		slices.Sort(times)
		return (times[(len(times)-1)/2] + times[len(times)/2]) / 2
	}
	return sample{
		cpu:  of(func(s sample) time.Duration { return s.cpu }),
		wall: of(func(s sample) time.Duration { return s.wall }),
	}
}
