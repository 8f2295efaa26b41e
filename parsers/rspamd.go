package parsers

import (
	"bytes"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// Rspamd reads Rspamd's own log file, in the format of its file and console
// loggers (src/libserver/logger, Rspamd 3 and 4). Through syslog the same words
// come to Syslog.
//
// The zero value is ready for use; stamps, which have no zone, are then UTC.
type Rspamd struct {
	Clock Clock
	Words Words
}

// Parse reads one line. See Parser.
//
//	2026-11-21 19:58:05 #1209(rspamd_proxy) <94ab04>; proxy; dkim_module_key_handler: cannot get key for domain …
//	2026-11-21 19:58:05.123456 #1209(rspamd_proxy) rdns; rdns_write_name_compressed: too large label: 64
func (p *Rspamd) Parse(line []byte, _ time.Time, ev *Event) {
	ev.Reset()
	if len(line) == 0 {
		return
	}
	ev.Kind = KindMalformed
	h, ok := cutRspamdHeader(line)
	if !ok {
		return
	}
	ev.Kind = KindIgnored
	ev.Time = p.Clock.Wall(h.year, h.month, h.mday, h.hour, h.minute, h.sec, h.nsec)
	rspamdText(&p.Words, h.text, ev)
}

// rspamdHeader is what stands before an Rspamd line's text.
type rspamdHeader struct {
	year, month, mday, hour, minute, sec, nsec int

	text []byte
}

// cutRspamdHeader reads "2026-11-21 19:58:05.123456 #1209(rspamd_proxy) ".
func cutRspamdHeader(line []byte) (h rspamdHeader, ok bool) {
	var rest []byte
	if h.year, h.month, h.mday, rest, ok = cutDate(line); !ok || len(rest) == 0 || rest[0] != ' ' {
		return h, false
	}
	if h.hour, h.minute, h.sec, rest, ok = cutClock(rest[1:]); !ok {
		return h, false
	}
	h.nsec, rest = cutFraction(rest)
	if rest, ok = after(rest, " #"); !ok {
		return h, false
	}
	if _, rest, ok = cutUint(rest); !ok {
		return h, false
	}
	if rest, ok = after(rest, "("); !ok {
		return h, false
	}
	worker, rest, ok := until(rest, ") ")
	if !ok || len(worker) == 0 || len(worker) > 64 {
		return h, false
	}
	h.text = rest
	return h, true
}

// rspamd reads a line that came through syslog: the same without the stamp.
func (p *Syslog) rspamd(text []byte, ev *Event) {
	if rest, ok := after(text, "("); ok { // (rspamd_proxy) <94ab04>; …
		if _, rest, ok := until(rest, ") "); ok {
			text = rest
		}
	}
	rspamdText(&p.Words, text, ev)
}

// rspamdText reads "<94ab04>; proxy; dkim_module_key_handler: words". The tag
// belongs to one scan; the lines without one are about no message.
//
//	<5cfae8>; proxy; rspamd_message_parse: loaded message; id: <…>; queue-id: <9F0B51ACCC>; size: 1330; checksum: <…>
//	<94ab04>; proxy; dkim_module_key_handler: cannot get key for domain fresh._domainkey.quartz-new.example: dns request to fresh._domainkey.quartz-new.example failed: no records with this name
//	<a9907d>; proxy; dkim_symbol_callback: cannot parse DKIM signature: signature has expired
//	<cea90f>; dkim; rspamd_dkim_check: dkim: headers RSA verification failure; body length 490->472; …; d=cyan-wk.example; s=mail; …
//	<5cfae8>; proxy; rspamd_task_write_log: id: <…>, qid: <9F0B51ACCC>, …
//
// What Lua modules say is passed over: nothing of theirs is about keys, and their
// words may be a stranger's.
func rspamdText(w *Words, text []byte, ev *Event) {
	ev.Program = ProgramRspamd
	if len(text) == 0 || text[0] != '<' {
		return
	}
	tag, rest, ok := until(text[1:], ">; ")
	if !ok || !alphanumeric(tag) {
		return
	}
	module, rest, ok := until(rest, "; ")
	if !ok || string(module) == "lua" {
		return
	}
	function, words, ok := until(rest, ": ")
	if !ok {
		return
	}
	switch string(function) {
	case "rspamd_task_write_log":
		ev.Tag = tag
		rspamdTask(w, words, ev)
	case "rspamd_message_parse":
		ev.Tag = tag
		rspamdLoaded(words, ev)
	default:
		ev.Tag = tag
		rspamdDKIM(w, words, ev)
	}
	if ev.Kind == KindIgnored {
		ev.Tag = nil
	}
}

// rspamdLoaded reads the first line about a scan. Its fields are taken from the
// end, for the Message-ID is a stranger's.
//
//	loaded message; id: <postfix-rspamd-default-000000.tovbgs@bistro-nova.example>; queue-id: <9F0B51ACCC>; size: 1330; checksum: <9df03a72520035d1794b256789e834fa>
func rspamdLoaded(words []byte, ev *Event) {
	const middle = ">; queue-id: <"
	rest, ok := after(words, "loaded message; id: <")
	if !ok {
		return
	}
	i := bytes.LastIndex(rest, []byte(middle))
	if i < 0 {
		return
	}
	id, size, ok := until(rest[i+len(middle):], ">; size: ")
	if !ok || !rspamdQueueID(id) {
		return
	}
	ev.Kind, ev.ID, ev.MessageID = KindScan, id, rest[:i]
	ev.Size, _, _ = cutUint(size)
}

// rspamdDKIM reads what the DKIM modules say of one signature.
func rspamdDKIM(w *Words, words []byte, ev *Event) {
	var s Signature
	switch {
	case bytes.HasPrefix(words, []byte("cannot get key for domain ")):
		name, reason, ok := until(words[len("cannot get key for domain "):], ": ")
		if !ok {
			return
		}
		s.Selector, s.Domain, _ = until(name, "._domainkey.")
		s.Reason = reason
	case bytes.HasPrefix(words, []byte("cannot parse DKIM signature: ")):
		s.Reason = words[len("cannot parse DKIM signature: "):]
	case bytes.HasPrefix(words, []byte("dkim: ")):
		// dkim: bh value mismatch: got …, expected …; body length 490->472; d=example.com; s=mail
		words, _, _ = cutBefore(words, "; orig header: ")
		reason, rest, ok := until(words[len("dkim: "):], ";")
		if !ok {
			return
		}
		s.Reason = reason
		if _, rest, ok = until(rest, " d="); ok {
			if s.Domain, rest, ok = until(rest, "; s="); ok {
				s.Selector, _, _ = cutBefore(rest, ";")
			}
		}
	case bytes.HasPrefix(words, []byte("cannot load dkim key ")):
		// Rspamd tries a key for every domain that mail goes out for; that there
		// is none is no fault.
		if !bytes.HasSuffix(words, []byte("No such file or directory")) {
			ev.signingFailed(words, w.Rspamd(words))
		}
		return
	default:
		return
	}
	m := w.Rspamd(words)
	if m.Cause == dkim.CauseNone {
		return
	}
	s.Result, s.Cause = m.Result, m.Cause
	ev.Kind = KindSignature
	ev.addSig(s)
}

// cutBefore is b up to mark, or all of it.
func cutBefore(b []byte, mark string) (before, rest []byte, ok bool) {
	if before, rest, ok = until(b, mark); ok {
		return before, rest, true
	}
	return b, nil, false
}

// rspamdQueueID reports whether b is a queue id of Postfix or Exim, and not
// "undef".
func rspamdQueueID(b []byte) bool {
	return len(b) >= 6 && len(b) <= 64 && alphanumericDash(b)
}
