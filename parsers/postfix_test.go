package parsers

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What the lines of a message's life say, in the words of eventString.
func TestPostfixLines(t *testing.T) {
	const head = "Nov 21 19:56:23 mx1 "
	tests := map[string]struct{ line, want string }{
		"arrival": {
			"postfix/smtpd[1307]: EB392178D4: client=mail.bistro-nova.example[127.1.1.42]",
			`arrived postfix id="EB392178D4" client="mail.bistro-nova.example" ip="127.1.1.42"`,
		},
		"message id": {
			"postfix/cleanup[1311]: EB392178D4: message-id=<postfix-dkimpy-milter-000000.tovbdy@bistro-nova.example>",
			`message-id postfix id="EB392178D4" message-id="postfix-dkimpy-milter-000000.tovbdy@bistro-nova.example"`,
		},
		"active": {
			"postfix/qmgr[1304]: EB392178D4: from=<anna.nowak@bistro-nova.example>, size=1874, nrcpt=1 (queue active)",
			`active postfix id="EB392178D4" sender="anna.nowak@bistro-nova.example" size=1874 count=1`,
		},
		"refused by a milter for a time": {
			"postfix/cleanup[1312]: 4jX2v811XNzXh1: milter-reject: END-OF-MESSAGE from mail.quartz-new.example[127.1.1.1]: 4.7.5 DKIM key retrieval failed; from=<news@quartz-new.example> to=<u018@receiver.test> proto=ESMTP helo=<mail.quartz-new.example>",
			`refused postfix id="4jX2v811XNzXh1" sender="news@quartz-new.example" client="mail.quartz-new.example" ip="127.1.1.1" helo="mail.quartz-new.example" addr="u018@receiver.test" text="4.7.5 DKIM key retrieval failed" stage="END-OF-MESSAGE" temporary DKIM key-unavailable`,
		},
		"refused by a milter that is down": {
			"postfix/smtpd[1308]: NOQUEUE: milter-reject: EHLO from mail.elita54.example.org[127.1.1.101]: 451 4.7.1 Service unavailable - try again later; proto=SMTP helo=<mail.elita54.example.org>",
			`refused postfix client="mail.elita54.example.org" ip="127.1.1.101" helo="mail.elita54.example.org" text="451 4.7.1 Service unavailable - try again later" stage="EHLO" temporary verifier-unavailable`,
		},
		"the milter that is down": {
			"postfix/smtpd[1311]: warning: connect to Milter service inet:127.0.0.1:8891: Connection refused",
			`verifier postfix text="connect to Milter service inet:127.0.0.1:8891: Connection refused" verifier-unavailable`,
		},
		"deferred by the next host": {
			"postfix/smtp[1340]: 7E0E91AC2D: to=<u031@receiver.test>, relay=127.0.0.26[127.0.0.26]:25, delay=641, delays=622/13/1.1/5.3, dsn=4.7.5, status=deferred (host 127.0.0.26[127.0.0.26] said: 451 4.7.5 DKIM key retrieval failed (in reply to end of DATA command))",
			`deferred postfix id="7E0E91AC2D" addr="u031@receiver.test" relay="127.0.0.26[127.0.0.26]:25" relay-ip="127.0.0.26" text="451 4.7.5 DKIM key retrieval failed" DKIM key-unavailable`,
		},
		"deferred by an Exim, with the key's name": {
			"postfix/smtp[1337]: 672988D2A: to=<u030@receiver.test>, relay=127.0.0.26[127.0.0.26]:25, delay=841, delays=752/17/30/43, dsn=4.0.0, status=deferred (host 127.0.0.26[127.0.0.26] said: 451-4.7.5 DKIM: public key record zendesk1._domainkey.zendesk-customer.example 451 (currently?) unavailable (in reply to end of DATA command))",
			`deferred postfix id="672988D2A" addr="u030@receiver.test" relay="127.0.0.26[127.0.0.26]:25" relay-ip="127.0.0.26" text="451-4.7.5 DKIM: public key record zendesk1._domainkey.zendesk-customer.example 451 (currently?) unavailable" DKIM key-unavailable d="zendesk-customer.example" s="zendesk1"`,
		},
		"delivered to an Exim": {
			"postfix/smtp[1309]: E074B8E43: to=<u014@receiver.test>, relay=127.0.0.26[127.0.0.26]:25, delay=52, delays=3.4/0.58/18/30, dsn=2.0.0, status=sent (250 OK id=1wOrEq-0000MW-19)",
			`delivered postfix id="E074B8E43" addr="u014@receiver.test" relay="127.0.0.26[127.0.0.26]:25" relay-ip="127.0.0.26" next-hop="1wOrEq-0000MW-19" text="250 OK id=1wOrEq-0000MW-19"`,
		},
		"given up": {
			"postfix/qmgr[1298]: D670E96EA: from=<noreply@bistro-nova.example>, status=expired, returned to sender",
			`expired postfix id="D670E96EA" sender="noreply@bistro-nova.example" text="expired, returned to sender"`,
		},
		"bounced": {
			"postfix/bounce[1368]: 579D393B1: sender non-delivery notification: 6019893CF",
			`bounce postfix id="579D393B1" bounce="6019893CF"`,
		},
		"late": {
			"postfix/bounce[1577]: AB58E19F82: sender delay notification: E55C61E050",
			`delayed postfix id="AB58E19F82" bounce="E55C61E050"`,
		},
		"gone": {
			"postfix-in/qmgr[1305]: C259918E2E: removed",
			`completed postfix instance="postfix-in" id="C259918E2E"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var ev Event
			new(Syslog).Parse([]byte(head+test.line), received, &ev)
			ev.Host, ev.Time = nil, time.Time{}
			if diff := cmp.Diff(test.want, eventString(&ev)); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", test.line, diff)
			}
		})
	}
}

func TestQueueID(t *testing.T) {
	tests := map[string]bool{
		"EB392178D4":     true,
		"672988D2A":      true,
		"4jX2v811XNzXh1": true,
		"4jX2v958yzzXkD": true, // a "z" in the time
		"4jX2vB1zPSzXl0": true,
		"NOQUEUE":        false,
		"warning":        false,
		"statistics":     false,
		"4jX2v811XNz":    false,
		"12345":          false,
		"":               false,
	}
	for id, want := range tests {
		if got := queueID([]byte(id)); got != want {
			t.Errorf("queueID(%q) = %v, want %v", id, got, want)
		}
	}
}
