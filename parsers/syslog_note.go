package parsers

import "bytes"

// loggerNote reads what the logging system says of itself.
//
//	Nov 21 19:29:20 mx1 last message repeated 3 times
//	Nov 21 19:29:20 mx1 rsyslogd: imuxsock lost 25 messages from pid 1307 due to rate-limiting
//	Nov 21 19:29:20 mx1 rsyslogd: imuxsock[pid: 1307, name: /usr/lib/postfix/sbin/smtpd] from <postfix/smtpd>: begin to drop messages due to rate-limiting
//	Nov 21 19:29:20 mx1 systemd-journald[312]: Suppressed 127 messages from postfix.service
//	Nov 21 19:29:20 mx1 journal: Suppressed 127 messages from /system.slice/opendkim.service
func loggerNote(tag, text []byte, ev *Event) bool {
	if rest, ok := after(text, "last message repeated "); ok {
		n, rest, ok := cutUint(rest)
		if ok && bytes.HasPrefix(rest, []byte(" time")) {
			ev.Kind, ev.Count = KindRepeated, int(n)
		}
		return ok
	}
	switch string(tag) {
	case "rsyslogd", "rsyslogd-2177":
		rest, ok := after(text, "imuxsock")
		if !ok {
			return false
		}
		if i := bytes.Index(rest, []byte("]: ")); i >= 0 && len(rest) > 0 && rest[0] == '[' {
			rest = rest[i+2:]
		}
		if rest, ok = after(rest, " lost "); ok {
			ev.Kind, ev.Text = KindLost, text
			n, _, _ := cutUint(rest)
			ev.Count = int(n)
		} else if bytes.HasSuffix(rest, []byte("begin to drop messages due to rate-limiting")) {
			ev.Kind, ev.Text = KindLost, text
		}
	case "systemd-journald", "journal":
		rest, ok := after(text, "Suppressed ")
		if !ok {
			return false
		}
		n, _, _ := cutUint(rest)
		ev.Kind, ev.Count, ev.Text = KindLost, int(n), text
	default:
		return false
	}
	return true
}

// repeatedText reads rsyslog's way to say that a program wrote the same again:
//
//	message repeated 3 times: [ DKIM: Fail (b'quartz-new.example')]
//
// The text is what was said, count times more.
func repeatedText(text []byte) (again []byte, count int, ok bool) {
	rest, ok := after(text, "message repeated ")
	if !ok {
		return nil, 0, false
	}
	n, rest, ok := cutUint(rest)
	if !ok || n < 1 || n > 1<<30 {
		return nil, 0, false
	}
	rest, ok = after(rest, " times: [")
	if !ok || len(rest) == 0 || rest[len(rest)-1] != ']' {
		return nil, 0, false
	}
	rest, _ = after(rest, " ")
	if len(rest) == 0 {
		return nil, 0, false
	}
	return rest[:len(rest)-1], int(n), true
}

// unescapedEnd takes the white space off a text's end that rsyslog prints as
// "#012" (newline), "#015" or "#011".
func unescapedEnd(text []byte) []byte {
	for {
		n := len(text) - 4
		if n < 0 || text[n] != '#' {
			return text
		}
		switch string(text[n+1:]) {
		case "011", "012", "015":
			text = text[:n]
		default:
			return text
		}
	}
}
