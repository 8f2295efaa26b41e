package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/internal/loggen"
)

func TestMedian(t *testing.T) {
	s := func(cpu, wall int) sample {
		return sample{time.Duration(cpu) * time.Second, time.Duration(wall) * time.Second}
	}
	tests := map[string]struct {
		samples []sample
		want    sample
	}{
		"one":  {[]sample{s(3, 4)}, s(3, 4)},
		"odd":  {[]sample{s(9, 1), s(1, 9), s(2, 2)}, s(2, 2)},
		"even": {[]sample{s(1, 8), s(3, 2)}, s(2, 5)},
	}
	for name, tt := range tests {
		if got := median(tt.samples); got != tt.want {
			t.Errorf("%s: median = %v, want %v", name, got, tt.want)
		}
	}
}

func TestPrintTable(t *testing.T) {
	results := []result{
		{wc, sample{20 * time.Millisecond, 25 * time.Millisecond}},
		{"dkimwatch scan", sample{60 * time.Millisecond, 50 * time.Millisecond}},
		{"exigrep", sample{2400 * time.Millisecond, 2500 * time.Millisecond}},
	}
	var out strings.Builder
	printTable(&out, results, loggen.Contents{Lines: 500_000, Bytes: 100e6}, "exigrep")
	want := `
                  CPU s  wall s  Mlines/s  MB/s  × wc -l  × faster than exigrep
           wc -l  0.020   0.025     20.00  4000      1.0                    120
  dkimwatch scan  0.060   0.050     10.00  2000      3.0                     40
         exigrep  2.400   2.500      0.20    40      120                    1.0
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("printTable =%s\nwant%s", got, want)
	}
	out.Reset()
	printTable(&out, results[:2], loggen.Contents{Lines: 1, Bytes: 1}, "exigrep")
	if !strings.Contains(out.String(), "–") {
		t.Errorf("printTable without exigrep =\n%s", out.String())
	}
}

// A program of others that fails must not spoil the rest; ours must.
func TestMeasureAll(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	works := program{name: wc, path: self, args: []string{"-test.run=^$"}, ours: true}
	fails := program{name: "exigrep", path: self, args: []string{"-no-such-flag"}}
	results, notes, err := measureAll(t.Context(), []program{works, fails}, "unread", 2)
	if err != nil || len(results) != 1 || len(notes) != 1 || !strings.Contains(notes[0], "exigrep is left out") {
		t.Errorf("measureAll = %v, %q, %v", results, notes, err)
	}
	fails.ours = true
	if _, _, err := measureAll(t.Context(), []program{works, fails}, "unread", 1); err == nil {
		t.Error("measureAll overlooked that our program fails")
	}
}

func TestFind(t *testing.T) {
	t.Setenv("EXIGREP", "/opt/exigrep")
	if got := find("EXIGREP", "exigrep"); got != "/opt/exigrep" {
		t.Errorf("find = %q, want what EXIGREP says", got)
	}
	if got := find("NO_SUCH_VARIABLE", "no-such-program"); got != "" {
		t.Errorf("find = %q for a program that is not there", got)
	}
}
