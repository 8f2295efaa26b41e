package pipeline_test

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// evidence is what a reader with grep would find in the logs, without any of the
// program's own understanding: lines with a queue id, and what they name.
type evidence struct {
	lines map[string][]string // by queue id
	text  map[string]bool     // Message-IDs that occur
}

var (
	anyID     = regexp.MustCompile(`\b([0-9A-Za-z]{6}-[0-9A-Za-z]{6}(?:[0-9A-Za-z]{5})?-[0-9A-Za-z]{2}(?:[0-9A-Za-z]{2})?)\b|\]: ([0-9A-Za-z]{8,20}): |qid: <([0-9A-Za-z]{8,20})>`)
	anyMID    = regexp.MustCompile(`message-id=<([^>]*)>| id=(\S+)|id: <([^>]*)>|^I Message-I[dD]: <([^>]*)>`)
	keyWords  = regexp.MustCompile(`failed key import|public key record|pubkey_|key not found|key retrieval failed \(|key DNS|key revoked|multiple keys|unknown key|key type|key too|cannot get key|key lookup fail|R_DKIM_(PERM|TEMP)FAIL|No DKIM key|no DKIM key|key missing|not an e-mail key|hash mismatch"`)
	symbols   = regexp.MustCompile(`R_DKIM_[A-Z]+\([^)]*\)\{[^}]*\}`)
	goodWords = regexp.MustCompile(`verification succeeded`)
)

func readEvidence(t *testing.T, files []string) evidence {
	t.Helper()
	e := evidence{map[string][]string{}, map[string]bool{}}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var r io.Reader = f
		if strings.HasSuffix(name, ".gz") {
			if r, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			e.add(lines.Text())
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func (e evidence) add(line string) {
	if m := anyMID.FindStringSubmatch(line); m != nil {
		e.text[m[1]+m[2]+m[3]+m[4]] = true
	}
	m := anyID.FindStringSubmatch(line)
	if m == nil {
		return
	}
	id := m[1] + m[2] + m[3]
	for _, part := range parts(line) {
		if keyWords.MatchString(part) && !goodWords.MatchString(part) {
			e.lines[id] = append(e.lines[id], part)
		}
	}
}

// parts cuts a line that speaks of several signatures.
func parts(line string) []string {
	if strings.Contains(line, "rspamd_task_write_log") {
		return symbols.FindAllString(line, -1)
	}
	return strings.Split(line, "; signature=")
}

// named reports whether the Message-ID stands anywhere in the logs.
func (e evidence) named(messageID string) bool { return e.text[strings.Trim(messageID, "<>")] }

// says reports whether a line of the message, or of an earlier attempt, speaks
// of key trouble and names the signature's domain and selector.
func (e evidence) says(m *correlate.Message, id string, sig truthSig) bool {
	ids := []string{m.QueueID, id}
	for _, r := range m.Related {
		if r.Kind == "attempt" {
			ids = append(ids, r.QueueID)
		}
	}
	for _, id := range ids {
		for _, line := range e.lines[id] {
			line = strings.ToLower(line)
			if sig.Domain != "" && sig.Selector != "" && strings.Contains(line, strings.ToLower(sig.Domain)) && strings.Contains(line, strings.ToLower(sig.Selector)) {
				return true
			}
		}
	}
	return false
}
