package parsers

import "bytes"

// cutAddress cuts an address that ends at a blank, and the blank. Quoted local
// parts and characters after a backslash may be blanks themselves:
//
//	"odd local\"part"@bistro-nova.example H=mail.bistro-nova.example …
func cutAddress(b []byte) (addr, rest []byte) {
	i := bytes.IndexByte(b, ' ')
	if i < 0 {
		return b, nil
	}
	if plainAddress(b[:i]) {
		return b[:i], b[i+1:]
	}
	if n := addressEnd(b, ' '); n >= 0 {
		i = n
	}
	return b[:i], skipBlank(b[i:])
}

// cutAngle cuts an address in angle brackets, which b begins with, and the blank
// after it. It fails where nothing closes them.
func cutAngle(b []byte) (addr, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '<' {
		return nil, b, false
	}
	b = b[1:]
	i := bytes.IndexByte(b, '>')
	if i < 0 {
		return nil, b, false
	}
	if !plainAddress(b[:i]) {
		if n := addressEnd(b, '>'); n >= 0 && n < len(b) {
			i = n
		}
	}
	return b[:i], skipBlank(b[i+1:]), true
}

func plainAddress(b []byte) bool { return bytes.IndexByte(b, '"') < 0 && bytes.IndexByte(b, '\\') < 0 }

// addressEnd is the place of the first end that stands neither between quotes
// nor after a backslash, the length of b if there is none, or -1 if there is only
// half of a pair of quotes.
func addressEnd(b []byte, end byte) int {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == end && !quoted:
			return i
		}
	}
	if quoted {
		return -1
	}
	return len(b)
}

// cutQuoted cuts what stands between double quotes, the first of which b begins
// with, and the blank after them. Exim puts a backslash before quotes and
// backslashes within; they stay. A cut line may lack the second quote.
func cutQuoted(b []byte) (inner, rest []byte) {
	if i := bytes.IndexByte(b[1:], '"'); i >= 0 && bytes.IndexByte(b[1:1+i], '\\') < 0 {
		return b[1 : 1+i], skipBlank(b[i+2:])
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[1:i], skipBlank(b[i+1:])
		}
	}
	return b[1:], nil
}

func skipBlank(b []byte) []byte {
	if len(b) > 0 && b[0] == ' ' {
		return b[1:]
	}
	return b
}

// cutField cuts one of the fields of Exim's lines, and the blank after it: a
// word such as "PRDR", whose key is nil, or "KEY=value", whose value may stand
// in quotes or angle brackets. A colon and a blank, which begin a reason, end a
// field too and stay in rest. H= has its own readers.
func cutField(b []byte) (key, value, rest []byte) {
	i := 0
	for _, c := range b {
		if c == '=' || c == ' ' {
			break
		}
		i++
	}
	if i == len(b) {
		return nil, b, nil
	}
	if b[i] == '=' {
		key, b = b[:i], b[i+1:]
		if len(b) == 0 {
			return key, b, nil
		}
		switch b[0] {
		case '"':
			value, rest = cutQuoted(b)
			return key, value, rest
		case '<':
			if addr, rest, ok := cutAngle(b); ok {
				return key, addr, rest
			}
		}
		if i = bytes.IndexByte(b, ' '); i < 0 {
			return key, b, nil
		}
	}
	if i > 0 && b[i-1] == ':' && (key != nil || i > 1) { // a bare colon is a word
		return key, b[:i-1], b[i-1:]
	}
	return key, b[:i], b[i+1:]
}

// eximClient is the host that a message came from.
type eximClient struct {
	name, ip, helo []byte
	unsure         bool // what the client said could have been taken for our own words
}

// cutClient cuts what follows "H=" on lines about a client, up to the next
// field. name is verified, the text between parentheses is what the client said:
//
//	mail.birch-wood.example [127.1.2.109]
//	localhost (mx1.receiver.test) [127.0.0.1]:4711
//	([10.2.3.4]) [192.0.2.1]
//
// With helo_accept_junk_hosts that may be any text, "x) [192.0.2.1] P=esmtp
// DKIM=bank.example" for one. So the first place where a host can end is taken,
// and where the line has a second one the client is unsure.
func cutClient(b []byte) (c eximClient, rest []byte, ok bool) {
	if len(b) > 0 && b[0] != '(' && b[0] != '[' {
		i := bytes.IndexByte(b, ' ')
		if i < 0 {
			return c, b, false
		}
		c.name, b = b[:i], b[i+1:]
	}
	if len(b) == 0 {
		return c, b, false
	}
	if b[0] == '(' {
		n := heloEnd(b)
		if n < 0 {
			return c, b, false
		}
		c.helo, b = b[1:n], b[n+2:]
		c.unsure = heloEnd(b) >= 0
	}
	c.ip, rest, ok = cutIP(b)
	return c, rest, ok
}

// heloEnd is the place of the first ")" that an address in brackets follows, or
// -1.
func heloEnd(b []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(") ["))
		if i < 0 {
			return -1
		}
		from += i
		if _, _, ok := cutIP(b[from+2:]); ok {
			return from
		}
		from++
	}
}

// cutIP cuts "[192.0.2.1]" or "[192.0.2.1]:4711", and the blank after it. A
// colon that begins a reason stays.
func cutIP(b []byte) (ip, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '[' {
		return nil, b, false
	}
	i := bytes.IndexByte(b, ']')
	if i < 0 || i > 60 || !ipAddress(b[1:i]) {
		return nil, b, false
	}
	ip, rest = b[1:i], b[i+1:]
	if len(rest) > 1 && rest[0] == ':' {
		if _, tail, ok := cutUint(rest[1:]); ok {
			rest = tail
		}
	}
	if len(rest) > 0 && rest[0] != ' ' && rest[0] != ':' && rest[0] != '*' {
		return nil, b, false
	}
	return ip, skipBlank(rest), true
}

// cutRelay cuts what follows "H=" on lines about a delivery, up to the next
// field. An asterisk means that the connection was used before.
//
//	127.0.0.26 [127.0.0.26]
//	mx.example.net DS [2001:db8::1]:25*
func cutRelay(b []byte) (relay, ip, rest []byte) {
	i := bytes.IndexByte(b, ' ')
	if i < 0 {
		return b, nil, nil
	}
	at := i + 1
	if _, ok := after(b[at:], "DS "); ok {
		at += 3
	}
	ip, rest, ok := cutIP(b[at:])
	if !ok { // a local transport's host
		if i > 0 && b[i-1] == ':' {
			return b[:i-1], nil, b[i-1:]
		}
		return b[:i], nil, b[i+1:]
	}
	relay = b[:len(b)-len(rest)]
	if n := len(relay); relay[n-1] == ' ' {
		relay = relay[:n-1]
	}
	if len(rest) > 0 && rest[0] == '*' {
		rest = skipBlank(rest[1:])
	}
	return relay, ip, rest
}
