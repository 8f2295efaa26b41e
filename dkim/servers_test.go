package dkim

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServersFrom(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		conf string
		want []string
		err  error
	}{
		"two": {
			conf: "# local\nsearch example.com\nnameserver 192.0.2.1\nnameserver 2001:db8::1\noptions edns0\n",
			want: []string{"192.0.2.1:53", "[2001:db8::1]:53"},
		},
		"none":  {conf: "search example.com\n", err: errNoNameserver},
		"empty": {err: errNoNameserver},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "resolv.conf")
			if err := os.WriteFile(path, []byte(tt.conf), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := serversFrom(path)
			if !errors.Is(err, tt.err) {
				t.Errorf("serversFrom = %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("serversFrom (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := serversFrom(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("serversFrom without a file = %v, want os.ErrNotExist", err)
	}
}
