package configs

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"
)

// Loaded is a valid configuration and where its values are from.
type Loaded struct {
	Config  Config
	File    string            // that was read; "" if there was none
	Origins map[string]string // by setting: "default", "file", "$DKIMWATCH_…" or "--flag"
}

// Flags are the command line flags that override settings, by setting. One that
// was not given overrides nothing.
type Flags map[string]*pflag.Flag

// Load lays the file at path, then the environment, then flags over Default.
// With an empty path it reads what Find finds, which may be nothing.
//
// Everything wrong is reported at once: an error that is about the content
// wraps Faults. Unknown keys are faults, and so are variables that resemble a
// setting and are none.
func Load(path string, flags Flags) (*Loaded, error) {
	if path == "" {
		var err error
		if path, err = Find(); err != nil {
			return nil, err
		}
	}
	var content []byte
	if path != "" {
		var err error
		if content, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
	}

	l := &layers{config: Default(), flags: flags, origins: map[string]string{}}
	if faults := l.read(content); len(faults) > 0 {
		return nil, wrapFaults(path, faults)
	}
	return &Loaded{Config: l.config, File: path, Origins: l.origins}, nil
}

func wrapFaults(path string, faults Faults) error {
	if path == "" {
		path = "configuration"
	}
	if len(faults) == 1 {
		return fmt.Errorf("%s: %w", path, faults)
	}
	return fmt.Errorf("%s: %d faults\n%w", path, len(faults), faults)
}
