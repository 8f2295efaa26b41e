package parsers

import (
	"strings"
	"testing"
)

// parseExim reads a line with a fresh parser and prints its event.
func parseExim(line string) string {
	var ev Event
	new(Exim).Parse([]byte(line), received, &ev)
	return eventString(&ev)
}

func TestEximParse(t *testing.T) {
	tests := map[string]struct{ line, want string }{
		"arrival": {
			`2026-11-21 19:28:53 1xUqlZ-000000000Ja-3E2F <= noreply@birch-wood.example H=mail.birch-wood.example [127.1.2.109] P=esmtp S=3355 DKIM=birch-wood.example id=exim-v4.99-default-000002.tova45@birch-wood.example`,
			`arrived exim 2026-11-21T19:28:53Z id="1xUqlZ-000000000Ja-3E2F" sender="noreply@birch-wood.example" client="mail.birch-wood.example" ip="127.1.2.109" message-id="exim-v4.99-default-000002.tova45@birch-wood.example" size=3355 [pass d="birch-wood.example"]`,
		},
		"bounce": {
			`2026-03-28 21:36:21 1w6bKO-0001XR-1k <= <> R=1w5hxQ-0000Pv-29 U=Debian-exim P=local S=3165`,
			`arrived exim 2026-03-28T21:36:21Z id="1w6bKO-0001XR-1k" null-sender size=3165 local bounce-of="1w5hxQ-0000Pv-29"`,
		},
		"milliseconds, zone, process": {
			`2026-11-21 19:27:21.002 +0200 [1205] 1xUqk4-0000JR-3B DKIM: d=ember-coal.example s=s1 [failed key import]`,
			`signature exim 2026-11-21T17:27:21.002Z id="1xUqk4-0000JR-3B" [unknown key-unavailable d="ember-coal.example" s="s1" reason="failed key import"]`,
		},
		"verified": {
			`2026-11-21 19:29:20 [1209] 1xUqm0-0000JV-1n DKIM: d=xray-med.example s=strict c=relaxed/relaxed a=rsa-sha256 b=2048 i=@news.xray-med.example t=1795289360 [verification succeeded]`,
			`signature exim 2026-11-21T19:29:20Z id="1xUqm0-0000JV-1n" [pass d="xray-med.example" s="strict" a="rsa-sha256" reason="verification succeeded"]`,
		},
		"delivery": {
			`2026-03-28 11:05:16 1w5i1U-0001Im-2n => u041@receiver.test R=content_filter T=filter_smtp H=127.0.0.26 [127.0.0.26] K C="250- 1737 byte chunk, total 1737\\n250 OK id=1w5iDz-00018k-0S"`,
			`delivered exim 2026-03-28T11:05:16Z id="1w5i1U-0001Im-2n" addr="u041@receiver.test" relay="127.0.0.26 [127.0.0.26]" relay-ip="127.0.0.26" next-hop="1w5iDz-00018k-0S" text="250- 1737 byte chunk, total 1737\\\\n250 OK id=1w5iDz-00018k-0S"`,
		},
		"delivery to a local part": {
			`2026-11-21 19:26:53 1xUqjd-0000W7-0t => u047 <u047@receiver.test> R=local_user T=maildir_home`,
			`delivered exim 2026-11-21T19:26:53Z id="1xUqjd-0000W7-0t" addr="u047@receiver.test"`,
		},
		"deferral": {
			`2026-06-01 08:27:26 1wTxnw-0000JS-1R == u013@receiver.test R=content_filter T=filter_smtp defer (-46) H=127.0.0.26 [127.0.0.26]: SMTP error from remote mail server after pipelined end of data: 451-4.7.5 DKIM: public key record default._domainkey.acme-sf.example\n451 (currently?) unavailable`,
			`deferred exim 2026-06-01T08:27:26Z id="1wTxnw-0000JS-1R" addr="u013@receiver.test" relay="127.0.0.26 [127.0.0.26]" relay-ip="127.0.0.26" text="451-4.7.5 DKIM: public key record default._domainkey.acme-sf.example\\n451 (currently?) unavailable" DKIM key-unavailable d="acme-sf.example" s="default"`,
		},
		"no attempt": {
			`2026-09-14 07:56:07 1x5zqj-000000002qA-2JGG == u036@receiver.test routing defer (-52) DT=0s: retry time not reached`,
			`deferred exim 2026-09-14T07:56:07Z id="1x5zqj-000000002qA-2JGG" addr="u036@receiver.test" text="retry time not reached" no-attempt`,
		},
		"given up": {
			`2026-06-01 12:46:11 1wTxnw-0000JV-2D ** u018@receiver.test: retry timeout exceeded`,
			`failed exim 2026-06-01T12:46:11Z id="1wTxnw-0000JV-2D" addr="u018@receiver.test" text="retry timeout exceeded" no-attempt`,
		},
		"reply": {
			`2026-06-01 11:18:34 1wTxnz-0000KE-1Q H=127.0.0.26 [127.0.0.26]: SMTP error from remote mail server after pipelined end of data: 451-4.7.5 DKIM: public key record mandrill._domainkey.dobra-nx.co.example\n451 (currently?) unavailable`,
			`reply exim 2026-06-01T11:18:34Z id="1wTxnz-0000KE-1Q" relay="127.0.0.26 [127.0.0.26]" relay-ip="127.0.0.26" text="451-4.7.5 DKIM: public key record mandrill._domainkey.dobra-nx.co.example\\n451 (currently?) unavailable" DKIM key-unavailable d="dobra-nx.co.example" s="mandrill"`,
		},
		"refused by the DKIM ACL": {
			`2026-06-01 11:04:12 1wTxyI-0000Qk-2Z H=localhost (mx1.receiver.test) [127.0.0.1] temporarily rejected DKIM 3073 LAST: DKIM key lookup failure d=dobra-nx.co.example s=mandrill reason=pubkey_unavailable`,
			`refused exim 2026-06-01T11:04:12Z id="1wTxyI-0000Qk-2Z" client="localhost" ip="127.0.0.1" helo="mx1.receiver.test" text="DKIM key lookup failure d=dobra-nx.co.example s=mandrill reason=pubkey_unavailable" stage="DKIM" temporary DKIM key-unavailable d="dobra-nx.co.example" s="mandrill"`,
		},
		"warning": {
			`2026-11-21 19:36:38 1xUqsa-0000Kq-1H H=mail.whiskey-pub.example [127.1.2.173] Warning: DKIM: Failed. reason=signature_incorrect`,
			`warning exim 2026-11-21T19:36:38Z id="1xUqsa-0000Kq-1H" client="mail.whiskey-pub.example" ip="127.1.2.173" text="DKIM: Failed. reason=signature_incorrect" DKIM signature-mismatch`,
		},
		"completed": {
			`2026-03-28 11:05:21 1w5i1U-0001Im-2n Completed`,
			`completed exim 2026-03-28T11:05:21Z id="1w5i1U-0001Im-2n"`,
		},
		"nobody is told": {
			`2026-06-01 12:51:12 1wTxo8-0000Nc-32 u016@receiver.test: error ignored`,
			`unbounced exim 2026-06-01T12:51:12Z id="1wTxo8-0000Nc-32" addr="u016@receiver.test"`,
		},
		"no message":    {`2026-11-21 19:28:53 Start queue run: pid=1209`, `ignored exim 2026-11-21T19:28:53Z`},
		"another world": {`Nov 21 19:29:19 mx1 dovecot: imap-login: Login`, `malformed unknown`},
		"no such hour":  {`2026-11-21 25:28:53 1w5i1U-0001Im-2n Completed`, `malformed unknown`},
		"cut stamp":     {`2026-11-21 19:2`, `malformed unknown`},
		"stamp alone":   {`2026-11-21 19:28:53`, `ignored exim 2026-11-21T19:28:53Z`},
	}
	for name, tt := range tests {
		if got := parseExim(tt.line); got != tt.want {
			t.Errorf("%s: Parse(%q)\n got %s\nwant %s", name, tt.line, got, tt.want)
		}
	}
}

// Lines may be cut anywhere: at the end of a file, by a full disk, by syslog.
func TestEximCutLines(t *testing.T) {
	lines := corpus(t, "exim")
	for _, file := range []string{"testdata/exim/documented.log", "testdata/exim/hostile.log"} {
		for _, line := range lines[file] {
			for n := range line {
				parseExim(string(line[:n]))
			}
		}
	}
}

func TestEximRecordOfRejectlog(t *testing.T) {
	const record = `2026-11-21 19:41:12 1xUqxU-0000Jk-0U H=mail.ember-coal.example [127.1.1.24] temporarily rejected DKIM : no key
Envelope-from: <news@ember-coal.example>
Envelope-to: <u000@receiver.test>
P Received: from mail.ember-coal.example ([127.1.1.24])
	by mx1.receiver.test with esmtp (Exim 4.96)
  DKIM-Signature: v=1; c=relaxed/relaxed;
	s=s1; d=
	 ember-coal.example; h=From:To;
  dkim-signature: v=1; d=other.example; h=d:s;
   b=s=x
	; s=two
F From: "Ember-coal.example" <bounce@ember-coal.example>
  Subject: I Message-ID: <subject@ember-coal.example>
I Message-Id:
	<exim-acl-defer-data-000009.tovaol@ember-coal.example>
  MIME-Version: 1.0`
	want := []string{
		`refused exim 2026-11-21T19:41:12Z id="1xUqxU-0000Jk-0U" client="mail.ember-coal.example" ip="127.1.1.24" text="no key" stage="DKIM" temporary DKIM acl-custom`,
		`signature exim 2026-11-21T19:41:12Z id="1xUqxU-0000Jk-0U" [unknown d="ember-coal.example" s="s1"]`,
		`signature exim 2026-11-21T19:41:12Z id="1xUqxU-0000Jk-0U" [unknown d="other.example" s="two"]`,
		`message-id exim 2026-11-21T19:41:12Z id="1xUqxU-0000Jk-0U" sender="news@ember-coal.example" message-id="exim-acl-defer-data-000009.tovaol@ember-coal.example"`,
	}
	var p Exim
	var ev Event
	var got []string
	for line := range strings.SplitSeq(record, "\n") {
		p.Parse([]byte(line), received, &ev)
		if ev.Kind != KindIgnored {
			got = append(got, eventString(&ev))
		}
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("events\n%s\nwant\n%s", g, w)
	}
}

// A signature's i= may hold line ends: what follows a DKIM line without its
// bracket is withheld until the bracket comes, or can no longer come.
func TestEximForgery(t *testing.T) {
	const (
		open   = "2025-03-05 11:00:04 1tpiG0-000000016Qz-1abc DKIM: d=evil.example s=x c=relaxed/relaxed a=rsa-sha256 b=2048 i=@evil.example"
		forged = "2025-03-05 11:00:04 1tpiG0-000000016Qp-1abc Completed"
	)
	var p Exim
	var ev Event
	parse := func(line string) Kind {
		p.Parse([]byte(line), received, &ev)
		return ev.Kind
	}
	if got := parse(open); got != KindSignature {
		t.Errorf("the line without its end is %v", got)
	}
	if got := parse(forged); got != KindMalformed {
		t.Errorf("the line within the record is %v", got)
	}
	parse(" t=1741168800 [verification succeeded]")
	if got := parse(forged); got != KindCompleted {
		t.Errorf("the line after the record is %v", got)
	}
	parse(open)
	for range eximRecordSize/(len(forged)+1) + 1 {
		parse(forged)
	}
	if got := parse(forged); got != KindCompleted {
		t.Errorf("the line after what a record can hold is %v", got)
	}
}
