package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// SystemFile is where the configuration of a whole machine lives.
const SystemFile = "/etc/dkimwatch/dkimwatch.yaml"

// UserFile returns where a user's own configuration lives, or "" for a user
// without a home.
func UserFile() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "dkimwatch", "dkimwatch.yaml")
}

// Find returns the file that Load reads unless it is told one:
// $DKIMWATCH_CONFIG, which must then exist, else SystemFile, else UserFile. It
// returns "" if there is none, and an error for one that cannot be looked at.
func Find() (string, error) {
	if path := os.Getenv(EnvPrefix + "CONFIG"); path != "" {
		return path, nil
	}
	return firstFile(SystemFile, UserFile())
}

func firstFile(paths ...string) (string, error) {
	for _, path := range paths {
		if path == "" {
			continue
		}
		switch _, err := os.Stat(path); {
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("find the configuration: %w", err)
		}
	}
	return "", nil
}
