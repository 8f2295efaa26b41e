package parsers

import (
	"strings"
	"testing"
	"time"
)

func TestEximText(t *testing.T) {
	type text struct{ pid, text, want string }
	stamp := time.Date(2026, 11, 21, 19, 29, 21, 0, time.UTC)
	tests := map[string][]text{
		"a stamp of its own": {
			{"1208", `2026-11-21 19:29:20 [1208] 1xUqm0-0000JU-1l DKIM: d=ember-coal.example s=s1 [failed key import]`,
				`signature exim 2026-11-21T19:29:20Z id="1xUqm0-0000JU-1l" [unknown key-unavailable d="ember-coal.example" s="s1" reason="failed key import"]`},
		},
		"syslog_timestamp = false": {
			{"1208", `[1208] 1xUqm0-0000JU-1l Completed`, `completed exim 2026-11-21T19:29:21Z id="1xUqm0-0000JU-1l"`},
			{"1208", `1xUqm0-0000JU-1l Completed`, `completed exim 2026-11-21T19:29:21Z id="1xUqm0-0000JU-1l"`},
			{"1208", `Start queue run: pid=1209`, `ignored exim 2026-11-21T19:29:21Z`},
		},
		"a long line in pieces": {
			{"7", `[1/3] 2026-11-21 19:29:20 1xUqm0-0000JU-1l ** u018@receiver.test R=r T=t: SMTP error from remote mail server after end of da`, `ignored exim`},
			{"8", `[1/2] 1xUqm1-0000JU-1l Comp`, `ignored exim`},
			{"7", `[2/3] ta: 550 DKIM key s1._domain`, `ignored exim`},
			{"8", `[2/2] leted`, `completed exim 2026-11-21T19:29:21Z id="1xUqm1-0000JU-1l"`},
			{"7", `[3/3] key.a.example not found`,
				`failed exim 2026-11-21T19:29:20Z id="1xUqm0-0000JU-1l" addr="u018@receiver.test" text="550 DKIM key s1._domainkey.a.example not found" DKIM key-not-found d="a.example" s="s1"`},
		},
		"a rejectlog's record": {
			{"7", `[1\5] 2026-11-21 19:29:20 1xUqm0-0000JU-1l H=a.example [192.0.2.1] rejected DKIM : no`,
				`refused exim 2026-11-21T19:29:20Z id="1xUqm0-0000JU-1l" client="a.example" ip="192.0.2.1" text="no" stage="DKIM" DKIM acl-custom`},
			{"7", `[2\5] Envelope-from: <>`, `ignored exim`},
			{"7", `[3\5]   DKIM-Signature: d=a.example; s=s1;`, `signature exim 2026-11-21T19:29:20Z id="1xUqm0-0000JU-1l" [unknown d="a.example" s="s1"]`},
			{"7", `[4/5] I Message-ID: <a.very.long.`, `ignored exim`},
			{"7", `[5/5] one@a.example>`, `message-id exim 2026-11-21T19:29:20Z id="1xUqm0-0000JU-1l" null-sender message-id="a.very.long.one@a.example"`},
		},
		"a line end in a record is no record": {
			{"7", `[1\2] 2026-11-21 19:29:20 1xUqm0-0000JU-1l DKIM: d=evil.example s=x i=@evil`, `signature exim 2026-11-21T19:29:20Z id="1xUqm0-0000JU-1l" [unknown d="evil.example" s="x"]`},
			{"7", `[2/2] 2026-11-21 19:29:20 1xUqm9-0000JU-1l Completed`, `ignored exim`},
			{"7", `2026-11-21 19:29:20 1xUqm0-0000JU-1l Completed`, `completed exim 2026-11-21T19:29:20Z id="1xUqm0-0000JU-1l"`},
		},
		"a piece is missing": {
			{"7", `[2/3] rest`, `malformed unknown`},
			{"7", `[1/3] 1xUqm0-0000JU-1l Comp`, `ignored exim`},
			{"7", `[3/3] leted`, `malformed unknown`},
			{"7", `[1/3] 1xUqm0-0000JU-1l Comp`, `ignored exim`},
			{"7", `[2/4] leted`, `malformed unknown`},
		},
		"no piece": {
			{"7", `[3/2] 1xUqm0-0000JU-1l Completed`, `ignored exim 2026-11-21T19:29:21Z`},
			{"7", `[1/2]x`, `ignored exim 2026-11-21T19:29:21Z`},
		},
	}
	for name, texts := range tests {
		t.Run(name, func(t *testing.T) {
			var p Exim
			var ev Event
			for _, tt := range texts {
				ev.Reset()
				p.ParseText([]byte(tt.text), stamp, []byte(tt.pid), &ev)
				if got := eventString(&ev); got != tt.want {
					t.Errorf("ParseText(%q)\n got %s\nwant %s", tt.text, got, tt.want)
				}
			}
		})
	}
}

// Pieces of more processes than there is room for, and a line longer than any.
func TestEximTextBounds(t *testing.T) {
	var p Exim
	var ev Event
	feed := func(pid int, text string) Kind {
		ev.Reset()
		p.ParseText([]byte(text), received, []byte{byte('a' + pid)}, &ev)
		return ev.Kind
	}
	for pid := range eximJoins + 1 {
		feed(pid, "[1/2] 1xUqm0-0000JU-1l Comp")
	}
	if got := feed(0, "[2/2] leted"); got != KindMalformed {
		t.Errorf("the piece that gave way is %v", got)
	}
	if got := feed(eximJoins, "[2/2] leted"); got != KindCompleted {
		t.Errorf("the last piece is %v", got)
	}
	feed(0, "[1/40] 1xUqm0-0000JU-1l H=a [192.0.2.1] rejected DKIM : "+strings.Repeat("x", 800))
	for n := 2; n < 40; n++ {
		feed(0, "["+string([]byte{byte('0' + n/10), byte('0' + n%10)})+"/40] "+strings.Repeat("x", 870))
	}
	if got := feed(0, "[40/40] end"); got != KindRefused || len(ev.Text) > eximLineCap {
		t.Errorf("the long line is %v with %d bytes", got, len(ev.Text))
	}
}
