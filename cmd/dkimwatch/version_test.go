package main

import (
	"runtime"
	"testing"
)

func TestBuildString(t *testing.T) {
	platform := runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")"
	tests := map[string]struct {
		build build
		want  string
	}{
		"release":        {build{version: "v1.2.3", revision: "0a1b2c3d4e5f60718293"}, "dkimwatch v1.2.3 (0a1b2c3d4e5f, " + platform},
		"changed":        {build{version: "(devel)", revision: "0a1b2c3d4e5f60718293", modified: true}, "dkimwatch (devel) (0a1b2c3d4e5f modified, " + platform},
		"not a checkout": {build{version: "v1.2.3"}, "dkimwatch v1.2.3 (" + platform},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.build.String(); got != tt.want {
				t.Errorf("String() = %q, want %q", got, tt.want)
			}
		})
	}
}
