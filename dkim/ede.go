package dkim

import (
	"fmt"
	"strconv"

	"github.com/miekg/dns"
)

// readEDE returns the first Extended DNS Error of m as "code name: text"
// (RFC 8914), and whether any says that the resolver withholds the truth:
// forged (4), blocked, censored, filtered or prohibited (15 to 18).
func readEDE(m *dns.Msg) (text string, filtered bool) {
	opt := m.IsEdns0()
	if opt == nil {
		return "", false
	}
	for _, o := range opt.Option {
		e, ok := o.(*dns.EDNS0_EDE)
		if !ok {
			continue
		}
		if text == "" {
			text = describeEDE(e)
		}
		switch e.InfoCode {
		case dns.ExtendedErrorCodeForgedAnswer, dns.ExtendedErrorCodeBlocked, dns.ExtendedErrorCodeCensored,
			dns.ExtendedErrorCodeFiltered, dns.ExtendedErrorCodeProhibited:
			filtered = true
		}
	}
	return text, filtered
}

func describeEDE(e *dns.EDNS0_EDE) string {
	text := strconv.Itoa(int(e.InfoCode))
	if name, ok := dns.ExtendedErrorCodeToString[e.InfoCode]; ok {
		text += " " + name
	}
	if e.ExtraText != "" {
		text += ": " + printable(e.ExtraText, 120)
	}
	return text
}

// rcode is the response code of m with its upper bits, which stand in the OPT
// record (RFC 6891 §6.1.3).
func rcode(m *dns.Msg) int {
	if opt := m.IsEdns0(); opt != nil {
		return m.Rcode | opt.ExtendedRcode()
	}
	return m.Rcode
}

// rcodeName is the mnemonic of a response code, or "RCODE23".
func rcodeName(code int) string {
	if name, ok := dns.RcodeToString[code]; ok {
		return name
	}
	return fmt.Sprintf("RCODE%d", code)
}

// printable keeps the printable ASCII of the first most bytes of a stranger's
// text, and puts '?' for the rest.
func printable(s string, most int) string {
	b := []byte(s[:min(most, len(s))])
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}
