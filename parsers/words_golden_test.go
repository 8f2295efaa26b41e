package parsers

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// update rewrites the goldens: go test ./parsers -update, then read the diff.
var update = flag.Bool("update", false, "rewrite the goldens")

// testdata/words/replies.txt has one genuine text a line: replies, reasons and
// ACL messages as Exim 4.85 to 4.99 and Postfix 3.7 logged them while servers,
// filters and routers refused mail for DKIM and for other reasons.
func TestWordsGenuineReplies(t *testing.T) {
	const file, golden = "testdata/words/replies.txt", "testdata/words/replies.golden"
	texts, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var w Words
	var got bytes.Buffer
	for line := range bytes.Lines(texts) {
		text := bytes.TrimSuffix(line, []byte("\n"))
		m := w.Reply(text)
		blame := "-"
		if m.DKIM {
			blame = "DKIM"
		}
		fmt.Fprintf(&got, "%s %s s=%s d=%s\n\t%s\n", m.Cause, blame, m.Selector, m.Domain, text)
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("meanings of %s differ from the golden (-want +got):\n%s", file, diff)
	}
}
