package configs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is shown must be a file that means the same.
func TestWriteYAMLRoundTrip(t *testing.T) {
	t.Setenv("DKIMWATCH_RECHECK_TIMEOUT", "1m")
	first, err := Load(writeFile(t, "host: mx1.example\ntimezone: \"UTC\"\nqueue_lifetime: 5d\nsources:\n  paths: [/var/log/a b.log, \"/var/log/#c\"]\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := first.WriteYAML(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"host: mx1.example # file\n",
		"queue_lifetime: 5d # file\n",
		"stuck_after: 10m\n",
		"  paths: [/var/log/a b.log, /var/log/#c] # file\n",
		"  timeout: 1m # $DKIMWATCH_RECHECK_TIMEOUT\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing from:\n%s", want, text.String())
		}
	}
	t.Setenv("DKIMWATCH_RECHECK_TIMEOUT", "")
	second, err := Load(writeFile(t, text.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Config, second.Config); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}
