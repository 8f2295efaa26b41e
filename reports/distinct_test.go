package reports

import (
	"strings"
	"testing"
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// A message that waits here and that the next host, ours too, put off is one
// message, in the headline and in the numbers.
func TestDistinct(t *testing.T) {
	here := held("1uAAAA-000000-2x", time.Hour, zendesk, correlate.Explicit, "451")
	there := held("4F00000001", 50*time.Minute, zendesk, correlate.Explicit, "451")
	there.Outcome, there.Ended, there.Stuck, there.MessageID = correlate.OutcomeTempfailed, true, false, here.MessageID
	there.Findings[0].Harm = correlate.HarmTempfailed
	nothing := held("1uBBBB-000000-2x", time.Hour, zendesk, correlate.Explicit, "")
	nothing.Findings = nil
	for _, messages := range [][]*correlate.Message{{here, there, nothing}, {there, nothing, here}} {
		if list := distinct(messages); len(list) != 1 || list[0] != here {
			t.Errorf("distinct = %d messages, want what waits here", len(list))
		}
		var b strings.Builder
		if err := WriteText(&b, &Report{AsOf: now, Messages: messages}, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"1 message is held", "Numbers: 1 message with key trouble, under 2 queue ids", "Outcome   queued 1\n"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("lacks %q:\n%s", want, b.String())
			}
		}
		if strings.Contains(b.String(), "put off") {
			t.Errorf("tells of it twice:\n%s", b.String())
		}
	}
}
