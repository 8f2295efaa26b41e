package parsers

import (
	"bytes"
	"time"
)

// Syslog reads what mail servers and filters send to the system logger: files
// that syslogd, rsyslog, syslog-ng or postlogd wrote, journalctl's output, and
// messages as they come over the wire (RFC 3164 and RFC 5424, with or without
// "<priority>").
//
// The program that a line names decides how its text is read; no text does. A
// program that is not known gives KindIgnored, a line without a syslog header
// KindMalformed. Event.Host is empty where a line has no host.
//
// A text that the logger prints once for several, "message repeated 3 times: [
// …]", is the event that it would be alone, with the Count of the repetitions.
//
// The zero value is ready for use; stamps without a zone are then UTC.
type Syslog struct {
	Clock Clock
	Words Words

	exim Exim
}

// Parse reads one line. See Parser.
func (p *Syslog) Parse(line []byte, received time.Time, ev *Event) {
	ev.Reset()
	if len(line) == 0 {
		return
	}
	ev.Kind = KindMalformed
	h, ok := cutSyslogHeader(&p.Clock, line, received)
	if !ok {
		return
	}
	ev.Kind, ev.Time, ev.Host = KindIgnored, h.time, h.host
	text := unescapedEnd(h.text)
	if loggerNote(h.tag, text, ev) {
		return
	}
	if again, count, ok := repeatedText(text); ok {
		p.program(h, again, ev)
		ev.Count = count
		return
	}
	p.program(h, text, ev)
}

// program reads text as what the program says that h names.
func (p *Syslog) program(h header, text []byte, ev *Event) {
	if i := bytes.IndexByte(h.tag, '/'); i > 0 {
		p.postfix(h.tag[:i], h.tag[bytes.LastIndexByte(h.tag, '/')+1:], text, ev)
		return
	}
	switch string(h.tag) {
	case "opendkim":
		p.opendkim(text, ev)
	case "opendmarc":
		p.opendmarc(text, ev)
	case "rspamd":
		p.rspamd(text, ev)
	case "amavis", "amavisd", "amavisd-new":
		p.amavis(text, ev)
	case "authentication_milter":
		p.authenticationMilter(text, ev)
	case "dkimpy-milter":
		p.dkimpy(text, ev)
	default:
		if eximTag(h.tag) {
			p.eximText(h, text, ev)
		}
	}
}

// knownProgram reports whether program reads what tag says.
func knownProgram(tag []byte) bool {
	if i := bytes.LastIndexByte(tag, '/'); i > 0 {
		return postfixDaemon(tag[i+1:])
	}
	switch string(tag) {
	case "opendkim", "opendmarc", "rspamd", "amavis", "amavisd", "amavisd-new", "authentication_milter", "dkimpy-milter":
		return true
	}
	return eximTag(tag)
}

// eximTag reports whether tag is Exim's, whose binary may be called "exim4" or
// "exim-4.99".
func eximTag(tag []byte) bool {
	rest, ok := after(tag, "exim")
	return ok && (len(rest) == 0 || rest[0] == '4' || rest[0] == '-')
}

// header is what the system logger put before a text.
type header struct {
	time           time.Time
	zoned          bool // time is certain: the stamp has its zone
	host, tag, pid []byte
	text           []byte
}

// cutSyslogHeader reads a line up to its text:
//
//	Nov 21 19:56:23 mx1 postfix/smtpd[1307]: EB392178D4: client=…
//	2026-11-21T19:56:22.970229+00:00 mx1 postfix/smtpd[1307]: EB392178D4: client=…
//	2026-11-21T19:56:22.970229+00:00 WARNING postfix/smtpd[424]: warning: …
//	<22>Nov 21 19:56:23 mx1 postfix/smtpd[1307]: EB392178D4: client=…
//	<22>1 2026-11-21T19:56:22.970229Z mx1 postfix/smtpd 1307 - - EB392178D4: client=…
func cutSyslogHeader(c *Clock, line []byte, received time.Time) (h header, ok bool) {
	rest := line
	if rest[0] == '<' {
		var rfc5424 bool
		if rest, rfc5424, ok = priority(rest); !ok {
			return h, false
		}
		if rfc5424 {
			return structured(c, rest)
		}
	}
	h.time, h.zoned, rest, ok = syslogStamp(c, rest, received)
	if !ok {
		return h, false
	}
	i := bytes.IndexByte(rest, ' ')
	switch {
	case i <= 0:
		return h, false
	case rest[i-1] == ':': // a logger that leaves the host out
	case levelWord(rest[:i]):
		rest = rest[i+1:]
	default:
		h.host, rest = rest[:i], rest[i+1:]
	}
	h.tag, h.pid, h.text = cutTag(rest)
	return h, true
}

// priority takes "<22>" off, and the version "1 " of RFC 5424 after it.
func priority(b []byte) (rest []byte, rfc5424, ok bool) {
	_, rest, ok = cutUint(b[1:])
	if !ok || len(b)-len(rest) > 4 {
		return b, false, false
	}
	rest, ok = after(rest, ">")
	if !ok {
		return b, false, false
	}
	if tail, ok := after(rest, "1 "); ok {
		return tail, true, true
	}
	return rest, false, true
}

// structured reads a header of RFC 5424 §6 from its stamp on:
//
//	2026-11-21T19:56:22.970229Z mx1 postfix/smtpd 1307 - [meta sequenceId="7"] EB392178D4: client=…
//
// A "-" stands for a missing part. The text may begin with a byte order mark.
func structured(c *Clock, b []byte) (h header, ok bool) {
	h.time, h.zoned, b, ok = syslogStamp(c, b, time.Time{})
	if !ok {
		b, ok = after(b, "- ")
		if !ok {
			return h, false
		}
	}
	var parts [4][]byte // host, program, process, message id
	for i := range parts {
		if parts[i], b, ok = until(b, " "); !ok {
			return h, false
		}
		if string(parts[i]) == "-" {
			parts[i] = nil
		}
	}
	h.host, h.tag, h.pid = parts[0], parts[1], parts[2]
	if rest, ok := after(b, "-"); ok {
		b = rest
	} else if b, ok = skipData(b); !ok {
		return h, false
	}
	b, _ = after(b, " ")
	h.text, _ = after(b, "\xef\xbb\xbf")
	return h, true
}

// skipData skips RFC 5424's structured data, elements in brackets whose values
// stand between double quotes.
func skipData(b []byte) (rest []byte, ok bool) {
	for len(b) > 0 && b[0] == '[' {
		quoted, i := false, 1
		for ; i < len(b); i++ {
			if b[i] == '\\' && quoted {
				i++
			} else if b[i] == '"' {
				quoted = !quoted
			} else if b[i] == ']' && !quoted {
				break
			}
		}
		if i >= len(b) {
			return b, false
		}
		b, ok = b[i+1:], true
	}
	return b, ok
}

// cutTag takes "postfix/smtpd[1307]: " or "exim4: " off. A text that no program
// put its name to, such as "last message repeated 3 times", has no tag.
func cutTag(b []byte) (tag, pid, text []byte) {
	for i, c := range b {
		switch c {
		case ':':
			if i == 0 || i+1 < len(b) && b[i+1] != ' ' {
				continue
			}
			text, _ = after(b[i+1:], " ")
			return b[:i], nil, text
		case '[':
			n := bytes.IndexByte(b[i:], ']')
			if i == 0 || n < 2 {
				return nil, nil, b
			}
			pid, text = b[i+1:i+n], b[i+n+1:]
			text, _ = after(text, ":")
			text, _ = after(text, " ")
			return b[:i], pid, text
		case ' ':
			return nil, nil, b
		}
	}
	return nil, nil, b
}

// levelWord reports whether b is a severity that a logger printed in the host's
// place.
func levelWord(b []byte) bool {
	switch string(b) {
	case "DEBUG", "INFO", "NOTICE", "WARNING", "WARN", "ERROR", "ERR", "CRITICAL", "CRIT", "ALERT", "EMERG", "FATAL", "PANIC":
		return true
	}
	return false
}

// eximText reads a text of Exim's, which by default begins with a stamp of its
// own. That has the year; where the logger's has a zone, it knows more.
//
//	2026-11-21T19:29:20.560056+00:00 mx1 exim[1208]: 2026-11-21 19:29:20 [1208] 1xUqm0-0000JU-1l DKIM: d=ember-coal.example s=s1 [failed key import]
func (p *Syslog) eximText(h header, text []byte, ev *Event) {
	p.exim.Clock.Location = p.Clock.Location
	p.exim.ParseText(text, h.time, h.pid, ev)
	if h.zoned {
		ev.Time = h.time
	}
}
