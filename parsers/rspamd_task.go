package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// rspamdTask reads the line that ends a scan, Rspamd's own log_format: optional
// fields in this order, the scores, and the symbols.
//
//	id: <…>, qid: <9F0B51ACCC>, ip: 127.1.1.42, user: anna, from: <bounce@bistro-nova.example>, (default: F (no action): [-0.20/15.00] [R_DKIM_ALLOW(-0.20){fiolet155.example:s=google;},ARC_NA(0.00){}]), len: 1330, time: 453.019ms, …
//
// Text is the action. The options between braces may hold a stranger's text;
// symbols are therefore read one after the other, and not searched for.
func rspamdTask(w *Words, words []byte, ev *Event) {
	rest, ok := after(words, "id: <")
	if !ok {
		return
	}
	messageID, rest, ok := until(rest, ">, ")
	if !ok {
		return
	}
	if string(messageID) != "undef" {
		ev.MessageID = messageID
	}
	ev.Kind = KindScan
	if tail, ok := after(rest, "qid: <"); ok {
		id, tail, ok := until(tail, ">, ")
		if !ok {
			return
		}
		if rspamdQueueID(id) {
			ev.ID = id
		}
		rest = tail
	}
	if tail, ok := after(rest, "ip: "); ok {
		if ev.ClientIP, rest, ok = until(tail, ", "); !ok {
			return
		}
		if !ipAddress(ev.ClientIP) {
			ev.ClientIP = nil
		}
	}
	if tail, ok := after(rest, "user: "); ok {
		if _, rest, ok = until(tail, ", "); !ok {
			return
		}
		ev.Local = true
	}
	if tail, ok := after(rest, "from: "); ok {
		if ev.Sender, rest, ok = address(tail, ","); !ok {
			return
		}
		ev.NullSender = len(ev.Sender) == 0
		rest, _ = after(rest, ",")
		rest, _ = after(rest, " ")
	}
	// (default: F (no action): [-0.00/15.00] [
	if rest, ok = after(rest, "("); !ok {
		return
	}
	if _, rest, ok = until(rest, " ("); !ok {
		return
	}
	if ev.Text, rest, ok = until(rest, "): ["); !ok {
		return
	}
	if _, rest, ok = until(rest, "] ["); ok {
		rspamdSymbols(w, rest, ev)
	}
}

// rspamdSymbols reads "FORGED_SENDER(0.30){a;b;},R_DKIM_ALLOW(-0.20){fiolet155.example:s=google;}])…".
func rspamdSymbols(w *Words, b []byte, ev *Event) {
	for len(b) > 0 && len(ev.Sigs) < maxSigs {
		i := 0
		for i < len(b) && (isLetter(b[i]) || isDigit(b[i]) || b[i] == '_') {
			i++
		}
		if i == 0 {
			return
		}
		symbol := b[:i]
		b = b[i:]
		var ok bool
		if len(b) > 0 && b[0] == '(' {
			if _, b, ok = until(b, ")"); !ok {
				return
			}
		}
		if len(b) > 0 && b[0] == '{' {
			n := optionsEnd(b)
			if n < 0 {
				return
			}
			rspamdSigs(w, symbol, b[1:n], ev)
			b = b[n+1:]
		}
		if b, ok = after(b, ","); !ok {
			return
		}
	}
}

// optionsEnd is where the brace stands that ends a symbol's options: before the
// next symbol or the end of the list.
func optionsEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		if b[i] == '}' && (i+1 == len(b) || b[i+1] == ',' || b[i+1] == ']') {
			return i
		}
	}
	return -1
}

// rspamdSigs reads the options of a symbol that stands for a verdict on DKIM
// signatures, "fiolet155.example:s=google;".
func rspamdSigs(w *Words, symbol, options []byte, ev *Event) {
	if !bytes.HasPrefix(symbol, []byte("R_DKIM_")) {
		return
	}
	m := w.RspamdSymbol(symbol)
	if m.Result == dkim.ResultUnknown || m.Result == dkim.ResultNone {
		return
	}
	for len(options) > 0 && len(ev.Sigs) < maxSigs {
		var key []byte
		key, options, _ = cutBefore(options, ";")
		domain, selector, ok := until(key, ":s=")
		if !ok {
			continue
		}
		ev.addSig(Signature{Domain: domain, Selector: selector, Result: m.Result, Cause: m.Cause, Reason: symbol})
	}
}
