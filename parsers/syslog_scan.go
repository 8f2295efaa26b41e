package parsers

import "bytes"

// after returns what follows prefix in b.
func after(b []byte, prefix string) ([]byte, bool) {
	if len(b) < len(prefix) || string(b[:len(prefix)]) != prefix {
		return b, false
	}
	return b[len(prefix):], true
}

// until cuts b around the first mark, which must be there.
func until(b []byte, mark string) (before, rest []byte, ok bool) {
	i := bytes.Index(b, []byte(mark))
	if i < 0 {
		return nil, b, false
	}
	return b[:i], b[i+len(mark):], true
}

// peer cuts what Postfix prints of a client or server, "name[address]", with
// ":port" where that is logged. The name comes from DNS: a stranger's text, but
// one that Postfix has checked to be a host name.
func peer(b []byte) (name, addr, rest []byte, ok bool) {
	name, rest, ok = until(b, "[")
	if !ok {
		return nil, nil, b, false
	}
	addr, rest, ok = until(rest, "]")
	if !ok {
		return nil, nil, b, false
	}
	if len(rest) > 1 && rest[0] == ':' && rest[1]-'0' <= 9 {
		_, rest, _ = cutUint(rest[1:])
	}
	return name, addr, rest, true
}

// address cuts an address that begins b, "<local@domain>", at the bracket that
// closes it. What stands between double quotes is the address's own, brackets
// and all: Postfix 3.5 and later, and amavis, quote local parts with special
// characters. Of older Postfixes' unquoted addresses the first that ends before
// one of the characters in next is taken.
func address(b []byte, next string) (addr, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '<' {
		return nil, b, false
	}
	quoted := false
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == '>' && !quoted:
			if ends(b[i+1:], next) {
				return b[1:i], b[i+1:], true
			}
		}
	}
	for i := 1; i < len(b); i++ {
		if b[i] == '>' && ends(b[i+1:], next) {
			return b[1:i], b[i+1:], true
		}
	}
	return nil, b, false
}

// ends reports whether b is empty or begins with one of the characters in next.
func ends(b []byte, next string) bool {
	if len(b) == 0 {
		return true
	}
	for i := range len(next) {
		if b[0] == next[i] {
			return true
		}
	}
	return false
}

// alphanumeric reports whether b holds letters and digits only, and some.
func alphanumeric(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 && c|0x20-'a' > 25 {
			return false
		}
	}
	return len(b) > 0
}

// ipAddress reports whether b looks like an IP address, not like the path of a
// socket.
func ipAddress(b []byte) bool {
	for _, c := range b {
		if !ipCharacter[c] {
			return false
		}
	}
	return len(b) > 0
}

// ipCharacter says which bytes stand in IP addresses.
var ipCharacter = func() (t [256]bool) {
	for _, c := range "0123456789abcdefABCDEF.:" {
		t[c] = true
	}
	return t
}()

// unbracket takes the angle brackets off a Message-ID that has both.
func unbracket(b []byte) []byte {
	if len(b) >= 2 && b[0] == '<' && b[len(b)-1] == '>' {
		return b[1 : len(b)-1]
	}
	return b
}
