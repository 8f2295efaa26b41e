package configs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dkimwatch.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnnotatedEqualsDefault(t *testing.T) {
	l, err := Load(writeFile(t, Annotated()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), l.Config); diff != "" {
		t.Errorf("dkimwatch.yaml differs from Default (-want +got):\n%s", diff)
	}
	for _, s := range Default().Settings() {
		if got := l.Origins[s.Key]; got != "file" {
			t.Errorf("%s is missing from dkimwatch.yaml: its origin is %q", s.Key, got)
		}
	}
}

func TestLoadValues(t *testing.T) {
	tests := map[string]struct {
		content string
		want    func(*Config)
	}{
		"empty file":           {"", func(*Config) {}},
		"only comments":        {"# nothing\n", func(*Config) {}},
		"empty section":        {"recheck:\n", func(*Config) {}},
		"text":                 {"host: mx1.example.org\n", func(c *Config) { c.Host = "mx1.example.org" }},
		"duration":             {"stuck_after: 1h30m\n", func(c *Config) { c.StuckAfter = 90 * time.Minute }},
		"days":                 {"queue_lifetime: 4d\n", func(c *Config) { c.QueueLifetime = 96 * time.Hour }},
		"zero needs no unit":   {"queue_lifetime: 0\n", func(*Config) {}},
		"number with exponent": {"max_open_messages: 2e6\n", func(c *Config) { c.MaxOpenMessages = 2_000_000 }},
		"off":                  {"recheck: {enabled: off}\n", func(c *Config) { c.Recheck.Enabled = false }},
		"empty list":           {"recheck: {public_resolvers: []}\n", func(c *Config) { c.Recheck.PublicResolvers = []string{} }},
		"shorter list":         {"recheck: {public_resolvers: [9.9.9.9:53]}\n", func(c *Config) { c.Recheck.PublicResolvers = []string{"9.9.9.9:53"} }},
		"one for a list":       {"sources: {paths: /var/log/mail.log}\n", func(c *Config) { c.Sources.Paths = []string{"/var/log/mail.log"} }},
		"dotted key":           {"recheck.max_cache_ttl: 0\n", func(c *Config) { c.Recheck.MaxCacheTTL = 0 }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := Default()
			tt.want(&want)
			l, err := Load(writeFile(t, tt.content), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, l.Config); diff != "" {
				t.Errorf("Load(%q) (-want +got):\n%s", tt.content, diff)
			}
		})
	}
}

func TestLoadFaults(t *testing.T) {
	tests := map[string]struct {
		content string
		want    Faults
	}{
		"not YAML": {"host: [\n", Faults{
			{"", "yaml: line 1: did not find expected node content"},
		}},
		"not a mapping": {"- host\n", Faults{
			{"", "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into map[string]interface {}"},
		}},
		"misspelt": {"stuk_after: 1h\n", Faults{
			{"stuk_after", "unknown setting; did you mean stuck_after?"},
		}},
		"outside its section": {"timeout: 1s\n", Faults{
			{"timeout", "unknown setting; did you mean recheck.timeout?"},
		}},
		"like nothing": {"kitchen: {sink: 1}\n", Faults{
			{"kitchen.sink", "unknown setting"},
		}},
		"section is a value": {"recheck: 5\n", Faults{
			{"recheck", "wants settings under it, not 5"},
		}},
		"value is a section": {"host: {name: x}\n", Faults{
			{"host", "wants text, not a section"},
		}},
		"duration without a unit": {"stuck_after: 10\n", Faults{
			{"stuck_after", "wants a duration with its unit, such as 30s, 10m or 4d, not 10"},
		}},
		"half a number": {"recheck: {queries_per_minute: 1.5}\n", Faults{
			{"recheck.queries_per_minute", "wants a whole number, not 1.5"},
		}},
		"list for text": {"timezone: [UTC]\n", Faults{
			{"timezone", "wants text, not a list"},
		}},
		"element of a list": {"recheck: {resolvers: [192.0.2.1:53, 7, null]}\n", Faults{
			{"recheck.resolvers[1]", "wants text, not 7"},
			{"recheck.resolvers[2]", `"" is no IP:port such as 192.0.2.53:53 or [2001:db8::53]:53`},
		}},
		"all kinds at once": {
			"stuk_after: 1h\nmax_line_bytes: many\nrecheck:\n  timeout: 0s\n  timout: 1s\n  enabled: perhaps\n  resolvers: [192.0.2.53]\n",
			Faults{
				{"max_line_bytes", `wants a whole number, not "many"`},
				{"recheck.enabled", `wants true or false, not "perhaps"`},
				{"recheck.resolvers[0]", `"192.0.2.53" has no port; write "192.0.2.53:53"`},
				{"recheck.timeout", "0s is less than 100ms"},
				{"recheck.timout", "unknown setting; did you mean recheck.timeout?"},
				{"stuk_after", "unknown setting; did you mean stuck_after?"},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load(writeFile(t, tt.content), nil)
			got, _ := errors.AsType[Faults](err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Load(%q) faults (-want +got):\n%s", tt.content, diff)
			}
		})
	}
}

func TestLoadLayers(t *testing.T) {
	path := writeFile(t, "host: file.example\ntimezone: UTC\nrecheck: {timeout: 1s, queries_per_minute: 1}\n")
	t.Setenv("DKIMWATCH_TIMEZONE", "Europe/Warsaw")
	t.Setenv("DKIMWATCH_RECHECK_TIMEOUT", "2s")
	t.Setenv("DKIMWATCH_RECHECK_RESOLVERS", "192.0.2.1:53, 192.0.2.2:53")
	t.Setenv("DKIMWATCH_RECHECK", "does not hide the section of the file")
	t.Setenv("DKIMWATCH_HOST", "") // empty is unset

	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.Duration("timeout", 7*time.Second, "")
	flags.Duration("stuck-after", 7*time.Second, "")
	if err := flags.Parse([]string{"--timeout", "3s"}); err != nil {
		t.Fatal(err)
	}
	l, err := Load(path, Flags{
		"recheck.timeout": flags.Lookup("timeout"),
		"stuck_after":     flags.Lookup("stuck-after"),
	})
	if err != nil {
		t.Fatal(err)
	}

	want := Default()
	want.Host = "file.example"
	want.Timezone = "Europe/Warsaw"
	want.Recheck.Timeout = 3 * time.Second
	want.Recheck.QueriesPerMinute = 1
	want.Recheck.Resolvers = []string{"192.0.2.1:53", "192.0.2.2:53"}
	if diff := cmp.Diff(want, l.Config); diff != "" {
		t.Errorf("Config (-want +got):\n%s", diff)
	}
	for key, origin := range map[string]string{
		"host":                       "file",
		"timezone":                   "$DKIMWATCH_TIMEZONE",
		"recheck.timeout":            "--timeout",
		"recheck.resolvers":          "$DKIMWATCH_RECHECK_RESOLVERS",
		"recheck.queries_per_minute": "file",
		"stuck_after":                "default",
	} {
		if got := l.Origins[key]; got != origin {
			t.Errorf("Origins[%s] = %q, want %q", key, got, origin)
		}
	}
}

func TestLoadFaultyVariables(t *testing.T) {
	t.Setenv("DKIMWATCH_RECHECK_QUERIES_PER_MINUTE", "few")
	t.Setenv("DKIMWATCH_RECHECK_TIMOUT", "1s")
	t.Setenv("DKIMWATCH_PORT", "tcp://10.0.0.1:80") // what Kubernetes sets is none of ours
	_, err := Load(writeFile(t, ""), nil)
	got, _ := errors.AsType[Faults](err)
	want := Faults{
		{"$DKIMWATCH_RECHECK_TIMOUT", "no such variable; did you mean $DKIMWATCH_RECHECK_TIMEOUT?"},
		{"recheck.queries_per_minute", `wants a whole number, not "few" (from $DKIMWATCH_RECHECK_QUERIES_PER_MINUTE)`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestLoadFindsTheFile(t *testing.T) {
	named := writeFile(t, "host: named.example\n")
	t.Setenv("DKIMWATCH_CONFIG", named)
	l, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if l.File != named || l.Config.Host != "named.example" {
		t.Errorf("Load read %q, host %q; want %q", l.File, l.Config.Host, named)
	}

	t.Setenv("DKIMWATCH_CONFIG", named+".gone")
	if _, err := Load("", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load with a missing $DKIMWATCH_CONFIG: %v, want ErrNotExist", err)
	}
}

func TestFirstFile(t *testing.T) {
	here := writeFile(t, "")
	gone := here + ".gone"
	if got, err := firstFile("", gone, here, gone); got != here || err != nil {
		t.Errorf("firstFile = %q, %v, want %q", got, err, here)
	}
	if got, err := firstFile(gone); got != "" || err != nil {
		t.Errorf("firstFile of none = %q, %v", got, err)
	}
	if _, err := firstFile(filepath.Join(here, "below-a-file")); err == nil {
		t.Error("firstFile hides a path that cannot be looked at")
	}
}
