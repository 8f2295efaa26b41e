package dkim

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Why a text is no usable key record. ParseKeyRecord wraps one of them.
var (
	ErrRecordSyntax = errors.New("not a DKIM key record")
	ErrKeyRevoked   = errors.New("the key is revoked")                                // empty p= (RFC 6376 §3.6.1)
	ErrKeyUnusable  = errors.New("the key is not for signing mail")                   // k=, h= or s= exclude it
	ErrKeyData      = errors.New("p= holds no public key")                            // not base64, not DER, wrong type or length
	ErrPrivateKey   = errors.New("the private key is published: it must be replaced") // in p=
	ErrKeyWeak      = errors.New("verifiers refuse RSA keys of less than 1024 bits")  // RFC 8301 §3.2
)

// minRSABits is the least modulus that a verifier may accept (RFC 8301 §3.2).
const minRSABits = 1024

// KeyRecord is a key record, read (RFC 6376 §3.6.1).
type KeyRecord struct {
	Version  string   // v=, "DKIM1", or empty: it is optional
	Type     string   // k=, "rsa" if it is absent, lower case
	Hashes   []string // h=, empty: any
	Services []string // s=, empty: any
	Flags    []string // t=: "y" for testing, "s" for no subdomains
	Notes    string   // n=, as published
	Data     []byte   // p=, decoded

	Key   crypto.PublicKey // *rsa.PublicKey or ed25519.PublicKey
	Bits  int              // of the RSA modulus, or 256
	PKCS1 bool             // the RSA key is a bare RSAPublicKey, not a SubjectPublicKeyInfo
}

// ParseKeyRecord reads the text of one TXT record, its strings joined without
// anything between (RFC 6376 §3.6.2.2). An error wraps one of ErrRecordSyntax,
// ErrKeyRevoked, ErrKeyUnusable, ErrKeyData, ErrPrivateKey and ErrKeyWeak; the
// record then holds what was read before it, all of it with ErrKeyWeak. The
// text of an error is printable ASCII and short, whatever the record.
//
// It is as strict as the strictest widespread verifier where they differ in what
// they refuse, and lenient where all but one accept: v= need not stand first,
// ";;" is no error, and k= may be in capitals.
func ParseKeyRecord(txt string) (KeyRecord, error) {
	tags, err := parseTags(txt)
	if err != nil {
		return KeyRecord{}, err
	}
	rec := KeyRecord{
		Version:  tags["v"],
		Type:     "rsa",
		Hashes:   splitList(tags["h"]),
		Services: splitList(tags["s"]),
		Flags:    splitList(tags["t"]),
		Notes:    tags["n"],
	}
	if k, ok := tags["k"]; ok {
		rec.Type = strings.ToLower(k)
	}
	if v, ok := tags["v"]; ok && v != "DKIM1" {
		return rec, fmt.Errorf("%w: v=%s instead of v=DKIM1", ErrRecordSyntax, excerpt(v))
	}
	p, ok := tags["p"]
	if !ok {
		return rec, fmt.Errorf("%w: it has no p= tag", ErrRecordSyntax)
	}
	p = stripSpace(p)
	if p == "" {
		return rec, fmt.Errorf("%w: p= is empty", ErrKeyRevoked)
	}
	if err := rec.checkUse(); err != nil {
		return rec, err
	}
	return rec, rec.readKey(p)
}

// checkUse says whether k=, h= and s= let the key verify mail (RFC 6376 §6.1.2
// steps 5 and 6; RFC 8301 §3.1 leaves sha256 as the only hash).
func (r *KeyRecord) checkUse() error {
	switch {
	case r.Type != "rsa" && r.Type != "ed25519":
		return fmt.Errorf("%w: unknown key type k=%s", ErrKeyUnusable, excerpt(r.Type))
	case len(r.Hashes) > 0 && !slices.Contains(r.Hashes, "sha256"):
		return fmt.Errorf("%w: h= does not allow sha256", ErrKeyUnusable)
	case len(r.Services) > 0 && !slices.Contains(r.Services, "*") && !slices.Contains(r.Services, "email"):
		return fmt.Errorf("%w: s= does not allow email", ErrKeyUnusable)
	}
	return nil
}

// parseTags reads a tag list (RFC 6376 §3.2). Names are case-sensitive, and a
// name that stands twice makes the whole list invalid.
func parseTags(txt string) (map[string]string, error) {
	tags := make(map[string]string)
	for spec := range strings.SplitSeq(txt, ";") {
		spec = strings.Trim(spec, whiteSpace)
		if spec == "" {
			continue
		}
		name, value, ok := strings.Cut(spec, "=")
		name = strings.TrimRight(name, whiteSpace)
		if !ok || !isTagName(name) {
			return nil, fmt.Errorf("%w: %s is not tag=value%s", ErrRecordSyntax, excerpt(spec), pasteHint(txt))
		}
		if _, twice := tags[name]; twice {
			return nil, fmt.Errorf("%w: the tag %s= stands twice", ErrRecordSyntax, excerpt(name))
		}
		value = strings.TrimLeft(value, whiteSpace)
		if strings.HasSuffix(value, `\`) {
			return nil, fmt.Errorf("%w: %s= ends with a backslash%s", ErrRecordSyntax, excerpt(name), pasteHint(txt))
		}
		tags[name] = value
	}
	return tags, nil
}

// whiteSpace is what RFC 6376 §2.8 lets stand around tags and inside p=.
const whiteSpace = " \t\r\n"

// isTagName reports whether s is a letter followed by letters, digits and '_'.
func isTagName(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// splitList reads a colon-separated value.
func splitList(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ":") {
		if item = strings.Trim(item, whiteSpace); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func stripSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(whiteSpace, r) {
			return -1
		}
		return r
	}, s)
}

// excerpt quotes the beginning of a stranger's text in printable ASCII.
func excerpt(s string) string {
	const most = 40
	if len(s) > most {
		return fmt.Sprintf("%+q...", s[:most])
	}
	return fmt.Sprintf("%+q", s)
}

// looksLikeKey reports whether a TXT record was meant to be a key record, so
// that several of them are ambiguous. A record that names another version, such
// as v=DMARC1, was not.
func looksLikeKey(txt string) bool {
	if strings.Contains(strings.ToLower(txt), "v=dkim") {
		return true
	}
	hasKey := false
	for spec := range strings.SplitSeq(txt, ";") {
		name, _, _ := strings.Cut(spec, "=")
		switch strings.Trim(name, whiteSpace) {
		case "v":
			return false
		case "p":
			hasKey = true
		}
	}
	return hasKey
}

// pasteHint names what commonly goes wrong between a panel and DNS.
func pasteHint(txt string) string {
	switch {
	case strings.Contains(txt, `\;`):
		return `; its semicolons are escaped as "\;", which belongs into zone files only`
	case strings.Contains(txt, `"`):
		return "; it contains quotation marks, which belong into zone files only"
	}
	return ""
}
