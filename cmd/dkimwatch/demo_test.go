package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const demoCaptures = "../../testdata/captures"

// The demo must tell of what really happened: its logs are the captures', byte
// by byte, and few enough to be carried about in every binary.
func TestDemoLogsAreCaptures(t *testing.T) {
	total := 0
	for file, capture := range map[string]string{
		"demo/exim-mainlog.gz":            "exim-stuck-now-66min/mainlog.gz",
		"demo/postfix-mail.log.gz":        "postfix-stuck-now-66min/mail.log.gz",
		"demo/postfix-filter-mail.log.gz": "postfix-stuck-now-66min/filter-host/mail.log.gz",
	} {
		have, err := demoFiles.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(demoCaptures, capture))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is not %s", file, capture)
		}
		total += len(have)
	}
	if total > 300<<10 {
		t.Errorf("the demo's logs have %d bytes", total)
	}
}

// demoTruth is what really happened in a capture.
type demoTruth struct {
	End      time.Time `json:"capture_end"`
	Messages []struct {
		Sigs []struct {
			Domain   string `json:"d"`
			Selector string `json:"s"`
			State    string `json:"dns_condition"`
		} `json:"sigs"`
	} `json:"messages"`
}

// The demo's DNS must hold what DNS held when the captures ended.
func TestDemoZoneIsTrue(t *testing.T) {
	zone, err := demoFiles.ReadFile("demo/zone.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for line := range strings.Lines(string(zone)) {
		if !strings.HasPrefix(line, "#") {
			lines[strings.TrimSpace(line)] = true
		}
	}
	seen := map[string]bool{}
	for _, name := range []string{"exim-stuck-now-66min", "postfix-stuck-now-66min"} {
		truth := readDemoTruth(t, filepath.Join(demoCaptures, name, "truth.json.gz"))
		if truth.End.After(demoEnd().Add(time.Second)) {
			t.Errorf("%s ends at %v, after the story's %v", name, truth.End, demoEnd())
		}
		for _, m := range truth.Messages {
			for _, s := range m.Sigs {
				line := s.Domain + " " + s.Selector + " " + s.State
				if seen[line] = true; !lines[line] {
					t.Errorf("zone.txt lacks %q", line)
				}
			}
		}
	}
	for line := range lines {
		if !seen[line] {
			t.Errorf("zone.txt has %q, the captures have not", line)
		}
	}
}

func readDemoTruth(t *testing.T, path string) demoTruth {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var truth demoTruth
	if err := json.NewDecoder(text).Decode(&truth); err != nil {
		t.Fatal(err)
	}
	return truth
}

// The same story is told each time, whatever ports are free.
func TestDemoIsDeterministic(t *testing.T) {
	var first, second strings.Builder
	for _, out := range []io.Writer{&first, &second} {
		if err := runDemo(t.Context(), strings.NewReader(""), out, demoOptions{pause: true}); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() {
		t.Errorf("two runs differ:\n%s\n%s", first.String(), second.String())
	}
	for line := range strings.Lines(first.String()) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("a line has %d columns: %s", n, line)
		}
	}
}
