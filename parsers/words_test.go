package parsers

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// wordsMethods has the method of Words that reads each source.
var wordsMethods = [sourceEnd]struct {
	name string
	call func(*Words, []byte) Meaning
}{
	sourceReply:          {"Reply", (*Words).Reply},
	sourceMilter:         {"Milter", (*Words).Milter},
	sourceExim:           {"Exim", (*Words).Exim},
	sourceEximNote:       {"EximNote", (*Words).EximNote},
	sourceOpenDKIM:       {"OpenDKIM", (*Words).OpenDKIM},
	sourceOpenDKIMResult: {"OpenDKIMResult", (*Words).OpenDKIMResult},
	sourceRspamd:         {"Rspamd", (*Words).Rspamd},
	sourceRspamdSymbol:   {"RspamdSymbol", (*Words).RspamdSymbol},
	sourceMailDKIM:       {"MailDKIM", (*Words).MailDKIM},
	sourceDkimpy:         {"Dkimpy", (*Words).Dkimpy},
	sourceAuthResults:    {"AuthResults", (*Words).AuthResults},
}

// Every row's example must amount to what the row says, and must reach that
// row: a row that an earlier one shadows is dead.
func TestWordingExamples(t *testing.T) {
	var w Words
	for s, rows := range tables {
		method := wordsMethods[s]
		for i := range rows {
			row := &rows[i]
			text := []byte(row.example)
			if got := match(source(s), w.fold(text)); got != row {
				t.Errorf("%s row %d %q: its example %q is %q's", method.name, i, row.all, row.example, phrasesOf(got))
			}
			m := method.call(&w, text)
			if m.Cause != row.cause || m.Result != row.result {
				t.Errorf("%s(%q) = %v %v, want %v %v", method.name, row.example, m.Cause, m.Result, row.cause, row.result)
			}
			if row.from == "" {
				t.Errorf("%s row %d does not say whose words it has", method.name, i)
			}
		}
	}
}

func phrasesOf(row *wording) phrases {
	if row == nil {
		return nil
	}
	return row.all
}

// A phrase that folding cannot produce would never match.
func TestWordingPhrasesAreFolded(t *testing.T) {
	var w Words
	for s, rows := range tables {
		for i, row := range rows {
			if len(row.all) == 0 {
				t.Errorf("%s row %d has no phrase", wordsMethods[s].name, i)
			}
			for _, p := range row.all {
				bare := strings.TrimSuffix(strings.TrimPrefix(p, "^"), "$")
				if got := w.fold([]byte(bare)); bare == "" || string(got) != strings.TrimSpace(bare) {
					t.Errorf("%s row %d: phrase %q is folded to %q", wordsMethods[s].name, i, p, got)
				}
			}
		}
	}
}

// Only what triggered lets through is looked at.
func TestTriggersCoverReplies(t *testing.T) {
	for _, row := range replyWordings {
		if !triggered([]byte(row.example)) {
			t.Errorf("no trigger in %q", row.example)
		}
	}
}

func TestWordsKey(t *testing.T) {
	tests := map[string]struct{ text, domain, selector string }{
		"a name":                  {"no DKIM key record pm._domainkey.example.com", "example.com", "pm"},
		"a name, then a fold":     {`451-4.7.5 DKIM: public key record pm._domainkey.example.com\n451 (currently?) unavailable`, "example.com", "pm"},
		"a name after a fold":     {`451-4.7.5 DKIM: public key record\n451 nl._domainkey.example.com (currently?) unavailable`, "example.com", "nl"},
		"a name, twice escaped":   {`451-DKIM key lookup failed:\\n451 s1._domainkey.example.com: SERVFAIL`, "example.com", "s1"},
		"a name right after \\n":  {`DKIM key lookup failed:\ns1._domainkey.example.com`, "example.com", "s1"},
		"a name in quotes":        {"DKIM key query 's1._domainkey.example.com' timed out", "example.com", "s1"},
		"a name in brackets":      {"DKIM key missing [s1._domainkey.example.com]", "example.com", "s1"},
		"a selector with bracket": {"no DKIM key record selector[1]._domainkey.example.com", "example.com", "selector[1]"},
		"a dotted selector":       {"DKIM key lookup failed: 2026.k1._domainkey.example.com.", "example.com", "2026.k1"},
		"upper case":              {"DKIM KEY LOOKUP FAILED: S1._DomainKey.Example.COM", "Example.COM", "S1"},
		"tags in parentheses":     {"DKIM key retrieval failed (s=s1, d=example.com)", "example.com", "s1"},
		"tags":                    {"DKIM key lookup failure d=example.com s=pm reason=pubkey_unavailable", "example.com", "pm"},
		"tags across a fold":      {`451-DKIM key lookup failure d=example.com\n451 s=pm reason=pubkey_unavailable`, "example.com", "pm"},
		"long tags":               {`DKIM result temperror domain="example.com" selector="s1"`, "example.com", "s1"},
		"a missing selector":      {"DKIM key lookup failure d=example.com s=<UNSET>", "example.com", ""},
		"a signer":                {"DKIM Invalid: signer=example.com status=invalid reason=pubkey_unavailable", "example.com", ""},
		"in an ACL's sentence":    {"DKIM fail for golf-tiny.example selector s512: pubkey_too_short", "golf-tiny.example", "s512"},
		"the selector before it":  {"DKIM selector 's1': no key for domain example.com", "example.com", "s1"},
		"an odd selector":         {"DKIM fail for example.com selector selector[1]: pubkey_unavailable", "example.com", "selector[1]"},
		"a word for a selector":   {"no DKIM key for example.com, whatever the selector", "example.com", ""},
		"a signer's address":      {"DKIM Invalid: signer=user@news.example.com status=invalid reason=pubkey_unavailable", "news.example.com", ""},
		"a signer's bare @":       {"DKIM Invalid: signer=@example.com status=invalid reason=pubkey_unavailable", "example.com", ""},
		"key for":                 {"451 DKIM key for example.com unavailable", "example.com", ""},
		"signature of":            {`550-5.7.20 DKIM: signature of example.com did not verify:\n550 signature_incorrect`, "example.com", ""},
		"brackets, outbound":      {"550 5.7.26 DKIM = did not pass SPF [example.org] with ip: [192.0.2.1] = did not pass", "example.org", ""},
		"brackets, inbound":       {"4.7.5 DKIM key retrieval failed [example.org]", "", ""},
		"brackets, an address":    {"550 5.7.26 DKIM = did not pass SPF with ip: [192.0.2.1] = did not pass", "", ""},
		"none":                    {"4.7.5 DKIM key retrieval failed", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := new(Words).Reply([]byte(tt.text))
			if string(m.Domain) != tt.domain || string(m.Selector) != tt.selector {
				t.Errorf("Reply(%q) names %q of %q, want %q of %q", tt.text, m.Selector, m.Domain, tt.selector, tt.domain)
			}
			if !m.DKIM || m.Cause == dkim.CauseNone {
				t.Errorf("Reply(%q) = %v, DKIM %v", tt.text, m.Cause, m.DKIM)
			}
		})
	}
}

func TestWordsVerifierKeys(t *testing.T) {
	var w Words
	tests := map[string]struct {
		m                Meaning
		domain, selector string
	}{
		"OpenDKIM": {w.OpenDKIM([]byte("key revoked (s=old, d=example.com, a=rsa-sha256)")), "example.com", "old"},
		"Rspamd":   {w.Rspamd([]byte("x: bh value mismatch: got a, expected b; body length 1->1; d=example.com; s=s1")), "example.com", "s1"},
		"amavis":   {w.MailDKIM([]byte("dkim: FAILED Author signature by d=example.com, From: <a@example.net>, s=s1, i=@example.com")), "example.com", "s1"},
		"dkimpy":   {w.Dkimpy([]byte("DKIM: Fail (b'example.com')")), "example.com", ""},
		"time-out": {w.Dkimpy([]byte("DnsTimeoutError: Domain: example.com Selector: s1 Error message: x")), "example.com", "s1"},
		"A-R":      {w.AuthResults([]byte("mx.example.net; spf=pass; dkim=fail (a; b) header.i=@example.com header.d=example.com header.s=s1; dmarc=none")), "example.com", "s1"},
	}
	for name, tt := range tests {
		if string(tt.m.Domain) != tt.domain || string(tt.m.Selector) != tt.selector {
			t.Errorf("%s: %q of %q, want %q of %q", name, tt.m.Selector, tt.m.Domain, tt.selector, tt.domain)
		}
	}
}

// However a reply was folded, and however the fold was logged, it says the same.
func TestWordsFolds(t *testing.T) {
	const want = "public key record _domainkey (currently?) unavailable"
	var w Words
	for _, text := range []string{
		"public key record s1._domainkey.example.com (currently?) unavailable",
		"Public  KEY\trecord s1._domainkey.example.com (currently?) unavailable ",
		`451-4.7.5 public key record s1._domainkey.example.com\n451 (currently?) unavailable`,
		`451-4.7.5 public key record s1._domainkey.example.com\n451-4.7.5 (currently?)\n451 4.7.5 unavailable`,
		`451-4.7.5 public key record s1._domainkey.example.com (currently?)\\n451 unavailable`,
		"451-4.7.5 public key record s1._domainkey.example.com#012451 (currently?) unavailable",
		"451-4.7.5 public key record s1._domainkey.example.com\n451 (currently?) unavailable",
		"451-4.7.5 public key record s1._domainkey.example.com\r\n451 (currently?) unavailable",
		`451-4.7.5 public key record s1._domainkey.example.com\r\n451 (currently?) unavailable`,
		"451-4.7.5 public key record s1._domainkey.example.com 451 (currently?) unavailable",
		"451-4.7.5 public key record 451-4.7.5 s1._domainkey.example.com 451 4.7.5 (currently?) unavailable",
	} {
		if got := w.fold([]byte(text)); !strings.HasSuffix(string(got), want) {
			t.Errorf("fold(%q) = %q, want …%q", text, got, want)
		}
		if m := w.Reply([]byte("DKIM: " + text)); m.Cause != dkim.CauseKeyUnavailable {
			t.Errorf("Reply(%q) = %v", text, m.Cause)
		}
	}
	if got, want := w.fold([]byte("552 message of 552 bytes")), "552 message of 552 bytes"; string(got) != want {
		t.Errorf("fold of a reply of one line = %q, want %q", got, want)
	}
}

// What strangers choose must not decide: names, addresses, links, advice.
func TestWordsIgnoreStrangers(t *testing.T) {
	tests := map[string]struct {
		text  string
		cause dkim.Cause
		dkim  bool
	}{
		"nothing of ours":       {"450 4.2.1 <user@example.com>: mailbox temporarily disabled", dkim.CauseNone, false},
		"an address":            {"550 5.1.1 <dkim-key-not-found@example.com>: user unknown", dkim.CauseNone, false},
		"a quoted local part":   {`550 5.1.1 <"no dkim key record"@example.com>: user unknown`, dkim.CauseNone, false},
		"quotes in quotes":      {`550 5.1.1 <"x \"y no dkim key record"@example.com>: user unknown`, dkim.CauseNone, false},
		"a host name":           {"host mx.dkim.example[192.0.2.1] said: 450 4.1.2 Domain not found", dkim.CauseNone, false},
		"a link":                {"421 4.7.0 see https://support.example.com/dkim#key-not-found", dkim.CauseNone, false},
		"Gmail's link":          {`421-4.7.0 Our system has detected an unusual rate of\n421-4.7.0 unsolicited mail. Visit\n421-4.7.0  https://support.google.com/mail/answer/81126#authentication`, dkim.CauseNone, false},
		"advice":                {"550 5.7.1 Message refused as spam. For better delivery set up DKIM and SPF.", dkim.CauseUnknown, false},
		"advice beside a fault": {"550 5.1.1 user not found. How to set up a DKIM key: ask your provider.", dkim.CauseUnknown, false},
		"a DKIM domain":         {"421-4.7.28 unusual rate of unsolicited mail from your DKIM domain [example.org 36]", dkim.CauseNone, false},
		"a selector":            {"451 DKIM key lookup failed: nxdomain._domainkey.example.com: pubkey_unavailable", dkim.CauseKeyUnavailable, true},
		"a selector's tag":      {"DKIM key lookup failure d=servfail.example.com s=pubkey_syntax reason=pubkey_unavailable", dkim.CauseKeyUnavailable, true},
		"a signer":              {"DKIM Invalid: signer=pubkey_too_short@example.com status=invalid reason=pubkey_unavailable", dkim.CauseKeyUnavailable, true},
		"a forged end":          {"451 4.7.5 DKIM key lookup failed, status=sent (250 ok)", dkim.CauseKeyUnavailable, true},
		"an IP address":         {"550 5.7.1 [192.5.7.20] is listed", dkim.CauseNone, false},
		"a longer number":       {"550 15.7.26 nor 5.7.261 is a code", dkim.CauseNone, false},
		"a passing signature":   {"550 5.7.1 SPF fails, DKIM=pass is not enough", dkim.CauseNone, false},
		"a size":                {"552 5.3.4 message signed off as too big", dkim.CauseNone, false},
		"Polish":                {"451 4.7.5 Brak klucza DKIM nadawcy, spróbuj później", dkim.CauseUnknown, true},
		"German":                {"451 4.7.5 Der DKIM-Schlüssel ist nicht abrufbar", dkim.CauseUnknown, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if m := new(Words).Reply([]byte(tt.text)); m.Cause != tt.cause || m.DKIM != tt.dkim {
				t.Errorf("Reply(%q) = %v, DKIM %v, want %v, %v", tt.text, m.Cause, m.DKIM, tt.cause, tt.dkim)
			}
		})
	}
}

func TestWordsMilter(t *testing.T) {
	tests := map[string]struct {
		text  string
		cause dkim.Cause
		dkim  bool
	}{
		"OpenDKIM":    {"4.7.5 DKIM key retrieval failed", dkim.CauseKeyUnavailable, true},
		"our milter":  {"5.7.1 No valid DKIM signature found", dkim.CauseUnknown, true},
		"a dead one":  {"451 4.7.1 Service unavailable - try again later", dkim.CauseVerifierUnavailable, false},
		"its default": {"5.7.1 Command rejected", dkim.CauseNone, false},
		"spam":        {"5.7.1 Spam message rejected", dkim.CauseNone, false},
		"OpenDMARC":   {"5.7.1 rejected by DMARC policy for example.com", dkim.CausePolicyAlignment, false},
	}
	for name, tt := range tests {
		if m := new(Words).Milter([]byte(tt.text)); m.Cause != tt.cause || m.DKIM != tt.dkim {
			t.Errorf("%s: Milter(%q) = %v, DKIM %v, want %v, %v", name, tt.text, m.Cause, m.DKIM, tt.cause, tt.dkim)
		}
	}
}

func TestWordsEximCustom(t *testing.T) {
	tests := map[string]struct {
		bracket string
		cause   dkim.Cause
		result  dkim.Result
	}{
		"brackets":      {"[failed key import]", dkim.CauseKeyUnavailable, dkim.ResultUnknown},
		"an ACL's":      {"[fail - spammers sign this]", dkim.CauseACLCustom, dkim.ResultFail},
		"an ACL's pass": {"pass - I like it", dkim.CauseACLCustom, dkim.ResultPass},
		"nonsense":      {"public key record (currently?) unavailable", dkim.CauseACLCustom, dkim.ResultUnknown},
	}
	for name, tt := range tests {
		if m := new(Words).Exim([]byte(tt.bracket)); m.Cause != tt.cause || m.Result != tt.result || !m.DKIM {
			t.Errorf("%s: Exim(%q) = %v %v", name, tt.bracket, m.Cause, m.Result)
		}
	}
}

func TestWordsAuthResults(t *testing.T) {
	tests := map[string]struct {
		text   string
		cause  dkim.Cause
		result dkim.Result
	}{
		"bare fail":        {"dkim=fail header.d=example.com", dkim.CauseUnknown, dkim.ResultFail},
		"of several":       {"mx; spf=fail (body hash) smtp.mailfrom=a; dkim=pass (2048-bit key) header.d=a.example; dmarc=pass", dkim.CauseNone, dkim.ResultPass},
		"; in a comment":   {"dkim=fail (body hash mismatch; body probably modified in transit) header.d=a.example", dkim.CauseBodyHashMismatch, dkim.ResultFail},
		"no DKIM":          {"mx; spf=pass", dkim.CauseNone, dkim.ResultUnknown},
		"another's method": {"mx; x-dkim=fail (no key for signature)", dkim.CauseNone, dkim.ResultUnknown},
		"another result":   {"dkim=temperror (no key for signature) header.d=a.example", dkim.CauseKeyNotFound, dkim.ResultTemperror},
		"Exim's newline":   {`mx.example;\n` + "\t" + `dkim=tmperror (pubkey unavailable) header.d=a.example header.s=s1`, dkim.CauseKeyUnavailable, dkim.ResultTemperror},
	}
	for name, tt := range tests {
		if m := new(Words).AuthResults([]byte(tt.text)); m.Cause != tt.cause || m.Result != tt.result {
			t.Errorf("%s: AuthResults(%q) = %v %v, want %v %v", name, tt.text, m.Cause, m.Result, tt.cause, tt.result)
		}
	}
}

func TestWordsLongText(t *testing.T) {
	var w Words
	long := []byte(strings.Repeat("DKIM key lookup failed ", 1+(64<<10)/23))
	for s, method := range wordsMethods {
		if m := method.call(&w, long); source(s) == sourceReply && m.Cause != dkim.CauseKeyUnavailable {
			t.Errorf("Reply of 64 KiB = %v", m.Cause)
		}
	}
	for _, part := range []string{"._domainkey.", "d=", "[", `\n451-`, "dkim ", "<\"", "x@", "dkim=", "5.7.26"} {
		text := []byte(strings.Repeat(part, (64<<10)/len(part)))
		for _, method := range wordsMethods {
			method.call(&w, text)
		}
	}
}

func TestWordsDoNotAllocate(t *testing.T) {
	var w Words
	for s, rows := range tables {
		method := wordsMethods[s]
		for _, row := range rows {
			text := []byte(row.example)
			if n := testing.AllocsPerRun(1, func() { method.call(&w, text) }); n != 0 {
				t.Errorf("%s(%q) allocates %v times", method.name, row.example, n)
			}
		}
	}
}

func FuzzWords(f *testing.F) {
	for s, rows := range tables {
		for _, row := range rows {
			f.Add(uint8(s), []byte(row.example))
		}
	}
	f.Add(uint8(sourceReply), []byte(`451 DKIM selector[1]._domainkey.example.com\n451 status=sent (250 ok)`))
	f.Fuzz(func(t *testing.T, s uint8, text []byte) {
		method := wordsMethods[s%uint8(sourceEnd)]
		keep := bytes.Clone(text)
		var w Words
		m := method.call(&w, text)
		if !bytes.Equal(text, keep) {
			t.Fatalf("%s changed its input", method.name)
		}
		for _, view := range [][]byte{m.Domain, m.Selector} {
			if !within(view, text) {
				t.Fatalf("%s: %q is no view of the text", method.name, view)
			}
		}
		method.call(&w, []byte("DKIM key for example.net revoked, reason=bodyhash_mismatch"))
		again := method.call(&w, text)
		if again.Cause != m.Cause || again.Result != m.Result || again.DKIM != m.DKIM ||
			!bytes.Equal(again.Domain, m.Domain) || !bytes.Equal(again.Selector, m.Selector) {
			t.Fatalf("%s(%q) = %+v, and then %+v", method.name, text, m, again)
		}
	})
}

// within reports whether view is empty or part of the memory of text.
func within(view, text []byte) bool {
	if len(view) == 0 {
		return true
	}
	for i := range text {
		if &text[i] == &view[0] {
			return i+len(view) <= len(text)
		}
	}
	return false
}

func BenchmarkWordsReply(b *testing.B) {
	for name, text := range map[string]string{
		"other":   "host mx1.example.net[192.0.2.1] said: 450 4.2.0 <user@example.net>: Recipient address rejected: Greylisted (in reply to RCPT TO command)",
		"trouble": `SMTP error from remote mail server after pipelined end of data: 451-4.7.5 DKIM: public key record s1._domainkey.example.com\n451 (currently?) unavailable`,
		"generic": "451 4.7.5 Brak klucza DKIM nadawcy, spróbuj później",
	} {
		b.Run(name, func(b *testing.B) {
			var w Words
			line := []byte(text)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				w.Reply(line)
			}
		})
	}
}
