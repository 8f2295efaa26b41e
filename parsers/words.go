package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// Meaning is what some words amount to.
type Meaning struct {
	// Cause is CauseNone if the words do not speak of DKIM, nor of anything
	// else that keeps a signature from being judged. CauseUnknown without DKIM
	// is a mention in passing: advice to "set up DKIM", for example.
	Cause dkim.Cause

	// Result is the verifier's own word where it has one, else what RFC 6376
	// and RFC 8601 call such a case. A reply that does not say has
	// ResultUnknown.
	Result dkim.Result

	DKIM             bool   // the words blame DKIM or a DKIM key
	Domain, Selector []byte // the key they name, as views into the words; empty if none
}

// maxWords is how much of a text is looked at. No log line of Exim (8 KiB) or
// Postfix (2,000 bytes) is longer.
const maxWords = 8192

// Words says what the words of mail servers, verifiers, filters and remote hosts
// amount to. What it knows is in the tables of words_reply.go and its siblings:
// see wording for how to add a line.
//
// Texts are matched without regard to case, white space and the places where
// SMTP replies are folded. Strangers' addresses, links, key names and the values
// of tags such as "d=" are left out of the comparison, so that a selector called
// "nxdomain" decides nothing. No method allocates, and each looks at the first
// 8 KiB only.
//
// The zero value is ready for use. It is not safe for concurrent use.
type Words struct {
	buf [maxWords]byte // the text in hand, normalised
}

// Reply judges an SMTP reply, the reason of a delivery record, or the message of
// an ACL: "451-4.7.5 DKIM: public key record s._domainkey.example.com\n451
// (currently?) unavailable". Which side refused is not in such a text:
// CauseRemoteRefused means that somebody refused because of DKIM without saying
// what is wrong with it.
func (w *Words) Reply(text []byte) Meaning {
	text = head(text)
	if !triggered(text) {
		return Meaning{}
	}
	folded := w.fold(text)
	row := match(sourceReply, folded)
	switch mentioned := mention(folded); {
	case row == nil && mentioned == mentionNone:
		return Meaning{}
	case row == nil || mentioned == mentionAdvice && row.cause != dkim.CausePolicyAlignment:
		m := Meaning{Cause: dkim.CauseUnknown, DKIM: mentioned == mentionBlame}
		m.Domain, m.Selector = findKey(text)
		return m
	case row.cause == dkim.CauseNone:
		return Meaning{Result: row.result}
	case row.cause == dkim.CausePolicyAlignment, row.cause.Verifier():
		m := Meaning{Cause: row.cause, Result: row.result, DKIM: mentioned == mentionBlame}
		m.Domain, m.Selector = findKey(text)
		if m.Domain == nil {
			m.Domain = findBracketed(text)
		}
		return m
	default:
		m := row.meaning(text)
		if m.Domain == nil && row.cause.Remote() {
			m.Domain = findBracketed(text)
		}
		return m
	}
}

// Milter judges what Postfix says of a milter: the text of a milter-reject
// record ("4.7.5 DKIM key retrieval failed") or of a warning ("connect to Milter
// service inet:127.0.0.1:8891: Connection refused"). It is our own milter that
// speaks, so what would be a remote host's refusal in Reply is CauseUnknown.
func (w *Words) Milter(text []byte) Meaning {
	text = head(text)
	if row := match(sourceMilter, w.fold(text)); row != nil {
		return Meaning{Cause: row.cause, Result: row.result, DKIM: !row.cause.Verifier()}
	}
	m := w.Reply(text)
	if m.Cause.Remote() {
		m.Cause, m.Domain = dkim.CauseUnknown, nil
	}
	return m
}

// Exim judges the text in brackets at the end of Exim's line about one
// signature, with the brackets or without: "invalid - public key record
// (currently?) unavailable", "failed key import". A status and reason that an
// ACL has set are CauseACLCustom, unless they speak of weak keys or hashes.
func (w *Words) Exim(bracket []byte) Meaning {
	bracket = head(bracket)
	bracket = bytes.TrimSuffix(bytes.TrimPrefix(bracket, []byte("[")), []byte("]"))
	if row := match(sourceExim, w.fold(bracket)); row != nil {
		return Meaning{Cause: row.cause, Result: row.result, DKIM: true}
	}
	return Meaning{Cause: dkim.CauseACLCustom, Result: eximStatus(bracket), DKIM: true}
}

// eximStatus reads the status before " - " that an ACL has set.
func eximStatus(bracket []byte) dkim.Result {
	status, _, _ := bytes.Cut(bracket, []byte(" "))
	switch string(status) {
	case "pass":
		return dkim.ResultPass
	case "fail":
		return dkim.ResultFail
	case "invalid":
		return dkim.ResultPermerror
	case "none":
		return dkim.ResultNone
	}
	return dkim.ResultUnknown
}

// EximNote judges what follows "DKIM: " or "PDKIM: " on Exim's lines that are
// not about one signature: "validation error: …", "signing failed: …", "message
// could not be signed, and dkim_strict is set. …". What it does not know is
// CauseUnknown.
func (w *Words) EximNote(text []byte) Meaning {
	text = head(text)
	if row := match(sourceEximNote, w.fold(text)); row != nil {
		return row.meaning(text)
	}
	return Meaning{Cause: dkim.CauseUnknown, DKIM: true}
}

// OpenDKIM judges a line of OpenDKIM without its queue id: "key retrieval failed
// (s=mail, d=example.com): 'mail._domainkey.example.com' record not found". A
// line that is about no trouble gives the zero Meaning, or ResultPass.
func (w *Words) OpenDKIM(text []byte) Meaning { return w.judge(sourceOpenDKIM, text) }

// OpenDKIMResult judges the text between the quotes of result="…" on OpenDKIM's
// LogResults line: "key not found in DNS". One it does not know is CauseUnknown.
func (w *Words) OpenDKIMResult(result []byte) Meaning {
	if row := match(sourceOpenDKIMResult, w.fold(head(result))); row != nil {
		return row.meaning(nil)
	}
	return Meaning{Cause: dkim.CauseUnknown, DKIM: true}
}

// Rspamd judges the text of an Rspamd line after the module and function:
// "cannot get key for domain s._domainkey.example.com: dns request to … failed:
// no records with this name". Lines about no trouble give the zero Meaning.
func (w *Words) Rspamd(text []byte) Meaning { return w.judge(sourceRspamd, text) }

// RspamdSymbol judges the name of an Rspamd symbol, such as "R_DKIM_PERMFAIL".
// What follows the name in "(" or "{" is ignored, and symbols that are not about
// DKIM give the zero Meaning.
func (w *Words) RspamdSymbol(symbol []byte) Meaning {
	if i := bytes.IndexAny(symbol, "({"); i >= 0 {
		symbol = symbol[:i]
	}
	if row := match(sourceRspamdSymbol, w.fold(head(symbol))); row != nil {
		return row.meaning(nil)
	}
	return Meaning{}
}

// MailDKIM judges the words of Mail::DKIM and of those who use it, amavis,
// SpamAssassin and authentication_milter: "invalid (public key: not available)",
// "dkim: FAILED Author signature by d=example.com, …", "DKIM_INVALID".
func (w *Words) MailDKIM(text []byte) Meaning { return w.judge(sourceMailDKIM, text) }

// Dkimpy judges a line of dkimpy-milter: "DKIM: missing public key: …", "DKIM:
// Fail (b'example.com')".
func (w *Words) Dkimpy(text []byte) Meaning { return w.judge(sourceDkimpy, text) }

func (w *Words) judge(s source, text []byte) Meaning {
	text = head(text)
	if row := match(s, w.fold(text)); row != nil {
		return row.meaning(text)
	}
	return Meaning{}
}

// AuthResults judges what an Authentication-Results field (RFC 8601) says of
// DKIM: the first "dkim=" of text with the comment, reason and properties up to
// the next ";". The words count for the cause, and the bare result only where
// there are none. Exim's misspelt "tmperror" is understood.
func (w *Words) AuthResults(text []byte) Meaning {
	text = dkimResult(head(text))
	if text == nil {
		return Meaning{}
	}
	folded := w.fold(text)
	m := Meaning{Cause: dkim.CauseUnknown, DKIM: true}
	if row := match(sourceAuthResults, folded); row != nil {
		m = row.meaning(text)
	} else {
		m.Domain, m.Selector = findKey(text)
	}
	if r := resultWord(folded); r != dkim.ResultUnknown {
		m.Result = r
	}
	return m
}

// head is the part of text that is looked at.
func head(text []byte) []byte { return text[:min(len(text), maxWords)] }

// meaning is what the row says of text, with the key that text names.
func (row *wording) meaning(text []byte) Meaning {
	m := Meaning{Cause: row.cause, Result: row.result, DKIM: row.cause != dkim.CauseNone || row.result != dkim.ResultUnknown}
	m.Domain, m.Selector = findKey(text)
	return m
}
