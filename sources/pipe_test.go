//go:build unix

package sources

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A named pipe is as much a stream as standard input: Head loses nothing of it,
// and finding it does not wait for its writer. A directory's pipes are no files.
func TestNamedPipe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if inputs, faults := Expand([]string{dir}, nil); len(inputs) != 0 || len(faults) != 1 {
		t.Errorf("directory with a pipe: %d inputs, %v", len(inputs), faults)
	}
	inputs, faults := Expand([]string{path}, nil)
	if len(inputs) != 1 || len(faults) != 0 {
		t.Fatalf("Expand = %v, %v", inputs, faults)
	}
	go func() {
		if w, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			_, _ = w.Write(sampleLog) // the reader may have had enough
			w.Close()
		}
	}()
	if head, err := inputs[0].Head(5); len(head) != 5 || err != nil {
		t.Errorf("Head gives %d lines, %v", len(head), err)
	}
	if got := inputText(t, inputs[0]); got != string(sampleLog) {
		t.Errorf("Open gives %d bytes, not the %d of the log", len(got), len(sampleLog))
	}
}
