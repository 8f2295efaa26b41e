package dkim

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// KeyName names one key: the record at <Selector>._domainkey.<Domain>
// (RFC 6376 §3.6.2.1).
type KeyName struct {
	Selector string
	Domain   string
}

// String returns the owner name of the key record, absolute, with a final dot.
func (k KeyName) String() string { return k.Selector + "._domainkey." + k.Domain + "." }

// Canonical returns k as it is compared and stored: lower case, without a final
// dot on the domain, and with A-labels for international ones (RFC 8616 §2). What
// cannot be made an A-label stays as it is, and Check refuses it.
func (k KeyName) Canonical() KeyName {
	return KeyName{
		Selector: canonicalName(k.Selector),
		Domain:   canonicalName(strings.TrimSuffix(k.Domain, ".")),
	}
}

func canonicalName(name string) string {
	if isASCII(name) {
		return strings.ToLower(name)
	}
	if !utf8.ValidString(name) {
		return name
	}
	profile := idna.New(idna.MapForLookup(), idna.StrictDomainName(false)) // names of keys contain '_'
	if ascii, err := profile.ToASCII(name); err == nil {
		return ascii
	}
	return name
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Check says why k cannot be asked of DNS, or returns nil. Selector and domain
// come from strangers' mail: only letters, digits, '-' and '_' are let through,
// in labels of at most 63 bytes and a name of at most 253 (RFC 1035 §2.3.4).
func (k KeyName) Check() error {
	if k.Selector == "" {
		return errors.New("the selector is empty")
	}
	if k.Domain == "" {
		return errors.New("the signing domain is empty")
	}
	name := strings.TrimSuffix(k.String(), ".")
	if len(name) > 253 {
		return fmt.Errorf("the name has %d bytes, DNS allows 253", len(name))
	}
	for label := range strings.SplitSeq(name, ".") {
		if err := checkLabel(label); err != nil {
			return err
		}
	}
	return nil
}

func checkLabel(label string) error {
	switch {
	case label == "":
		return errors.New("the name has an empty label")
	case len(label) > 63:
		return fmt.Errorf("a label has %d bytes, DNS allows 63", len(label))
	}
	for _, c := range []byte(label) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return fmt.Errorf("the name has a byte %q that no host name has", c)
		}
	}
	return nil
}

// KeyStatus is the outcome of one key lookup.
type KeyStatus uint8

// The outcomes.
const (
	KeyUnknown     KeyStatus = iota // not looked up
	KeyValid                        // one usable record
	KeyNotFound                     // NXDOMAIN
	KeyNoData                       // the name exists, no TXT record
	KeyRevoked                      // empty p= (RFC 6376 §3.6.1)
	KeyMalformed                    // TXT there, no parseable key record
	KeyAmbiguous                    // several key records (RFC 6376 §3.6.2.2)
	KeyWeak                         // RSA of less than 1024 bits (RFC 8301 §3.2)
	KeyServFail                     // SERVFAIL: the zone's servers fail, or DNSSEC does
	KeyRefused                      // REFUSED or another error code
	KeyTimeout                      // no answer in time
	KeyDangling                     // a CNAME that leads nowhere, or in a circle
	KeyUnreachable                  // DNS cannot be reached from here: says nothing about the key
	KeyNameInvalid                  // the name cannot exist in DNS, so it was not asked

	keyStatusEnd
)

var keyStatusNames = [keyStatusEnd]string{
	"unknown", "valid", "nxdomain", "nodata", "revoked", "malformed", "ambiguous", "weak",
	"servfail", "refused", "timeout", "dangling-cname", "dns-unreachable", "name-invalid",
}

// String returns the stable identifier that machine output uses.
func (s KeyStatus) String() string {
	if s >= keyStatusEnd {
		return fmt.Sprintf("status(%d)", uint8(s))
	}
	return keyStatusNames[s]
}

// MarshalText writes the identifier of String.
func (s KeyStatus) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (s *KeyStatus) UnmarshalText(text []byte) error {
	for i, name := range keyStatusNames {
		if name == string(text) {
			*s = KeyStatus(i)
			return nil
		}
	}
	return fmt.Errorf("unknown key status %q", text)
}

// Temporary reports whether asking again may help with the zone unchanged
// (RFC 8601 "temperror", else "permerror").
func (s KeyStatus) Temporary() bool {
	switch s {
	case KeyServFail, KeyRefused, KeyTimeout, KeyUnreachable:
		return true
	}
	return false
}

// Trouble reports whether the status confirms that something is wrong with the
// key as the world sees it. It is false for a valid key, and for the outcomes
// that say nothing about the key.
func (s KeyStatus) Trouble() bool {
	switch s {
	case KeyUnknown, KeyValid, KeyUnreachable:
		return false
	}
	return true
}

// Fault says who can mend it.
type Fault uint8

// Whose fault it is.
const (
	FaultUnknown      Fault = iota // not known
	FaultNobody                    // nothing is wrong (any more)
	FaultSenderZone                // the signing domain's DNS records
	FaultSenderDNS                 // the signing domain's name servers
	FaultProvider                  // whoever a CNAME delegates the key to
	FaultOurResolver               // our own DNS
	FaultOurVerifier               // our own milter or filter
	FaultSenderMailer              // the sender's signing software

	faultEnd
)

var faultNames = [faultEnd]string{
	"unknown", "nobody", "sender-zone", "sender-dns", "sender-provider", "our-resolver", "our-verifier", "sender-mailer",
}

// String returns the stable identifier that machine output uses.
func (f Fault) String() string {
	if f >= faultEnd {
		return fmt.Sprintf("fault(%d)", uint8(f))
	}
	return faultNames[f]
}

// MarshalText writes the identifier of String.
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (f *Fault) UnmarshalText(text []byte) error {
	for i, name := range faultNames {
		if name == string(text) {
			*f = Fault(i)
			return nil
		}
	}
	return fmt.Errorf("unknown fault %q", text)
}

// Verdict is what DNS said about a key at one moment. The zero Verdict means
// that nobody asked.
type Verdict struct {
	Key          KeyName
	Status       KeyStatus
	Fault        Fault
	Confidence   string // "high", "medium" or "low"; empty if Status is KeyUnknown
	At           time.Time
	Record       string        // the TXT record judged, strings joined (RFC 6376 §3.6.2.2)
	Chain        []string      // CNAME targets in the order met
	TTL          time.Duration // of the record, or the negative TTL (RFC 2308 §5)
	Detail       string        // one sentence for people
	Observations []Observation
}

// Observation is one answer of one server, or its absence.
type Observation struct {
	Server    string // host:port
	Transport string // "udp" or "tcp"
	Name      string // the name asked for
	Rcode     string // "NOERROR", "NXDOMAIN", …; empty without an answer
	Err       string // why there is no answer: "timeout", "connection refused", …
	Answers   int    // TXT records in the answer
	RTT       time.Duration
	TTL       time.Duration
	Truncated bool   // the UDP answer was, so TCP was asked
	EDE       string // Extended DNS Error, if any (RFC 8914)
	At        time.Time
}
