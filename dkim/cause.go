package dkim

import "fmt"

// Cause is what went wrong with a signature or its key, in terms that every
// verifier's words can be mapped to. The zero value means that nothing did.
type Cause uint8

// The causes. Those up to CauseKeyDNSSEC are trouble with the key itself: see
// Cause.Key.
const (
	CauseNone Cause = iota

	CauseKeyUnavailable    // the verifier got no key and does not say why
	CauseKeyNotFound       // NXDOMAIN or no TXT record (RFC 6376 §6.1.2 step 3)
	CauseKeyLookupTempfail // SERVFAIL, time-out, refused, truncated (§6.1.2 step 2)
	CauseKeyMultiple       // several TXT records at the name (§6.1.2 step 4)
	CauseKeySyntax         // a record that is no key record (§6.1.2 step 5)
	CauseKeyRevoked        // empty p= (§3.6.1)
	CauseKeyUnusable       // wrong type, hash or service; not importable (§6.1.2 steps 6 and 8)
	CauseKeyWeak           // RSA of less than 1024 bits (RFC 8301 §3.2)
	CauseKeyDNSSEC         // the verifier refused a bogus or insecure key

	CauseBodyHashMismatch    // body changed after signing (RFC 6376 §6.1.3 step 3)
	CauseSignatureMismatch   // headers changed, or another key is published (§6.1.3 step 4)
	CauseSignatureSyntax     // a tag is missing or invalid (§6.1.1)
	CauseSignatureExpired    // x= past, or t= in the future (§3.5)
	CauseUnsupportedAlgo     // a= unknown or not allowed (RFC 8301 §3.1)
	CausePolicyAlignment     // DMARC or local policy refuses; the signature is not the reason
	CauseNoSignature         // no signature to verify
	CauseVerifierUnavailable // milter or filter down, our trouble
	CauseVerifierError       // the verifier failed internally, our trouble
	CauseSigningFailed       // our own signer cannot sign
	CauseRemoteRefused       // a remote server refuses our mail and names DKIM
	CauseRemoteDNSTemp       // a remote server says that its DNS fails at the moment
	CauseACLCustom           // an administrator's own words, not understood
	CauseUnknown             // names DKIM, nothing more is known

	causeEnd
)

var causeNames = [causeEnd]string{
	CauseNone:                "none",
	CauseKeyUnavailable:      "key-unavailable",
	CauseKeyNotFound:         "key-not-found",
	CauseKeyLookupTempfail:   "key-lookup-tempfail",
	CauseKeyMultiple:         "key-multiple",
	CauseKeySyntax:           "key-syntax",
	CauseKeyRevoked:          "key-revoked",
	CauseKeyUnusable:         "key-unusable",
	CauseKeyWeak:             "key-weak",
	CauseKeyDNSSEC:           "key-dnssec",
	CauseBodyHashMismatch:    "body-hash-mismatch",
	CauseSignatureMismatch:   "signature-mismatch",
	CauseSignatureSyntax:     "signature-syntax",
	CauseSignatureExpired:    "signature-expired",
	CauseUnsupportedAlgo:     "unsupported-algorithm",
	CausePolicyAlignment:     "policy-alignment",
	CauseNoSignature:         "no-signature",
	CauseVerifierUnavailable: "verifier-unavailable",
	CauseVerifierError:       "verifier-error",
	CauseSigningFailed:       "signing-failed",
	CauseRemoteRefused:       "remote-refused-dkim",
	CauseRemoteDNSTemp:       "remote-dns-temp",
	CauseACLCustom:           "acl-custom",
	CauseUnknown:             "dkim-unknown",
}

// String returns the stable identifier that machine output uses, such as
// "key-not-found".
func (c Cause) String() string {
	if c >= causeEnd {
		return fmt.Sprintf("cause(%d)", uint8(c))
	}
	return causeNames[c]
}

// MarshalText writes the identifier of String.
func (c Cause) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads an identifier written by MarshalText.
func (c *Cause) UnmarshalText(text []byte) error {
	for i, name := range causeNames {
		if name == string(text) {
			*c = Cause(i)
			return nil
		}
	}
	return fmt.Errorf("unknown cause %q", text)
}

// Key reports whether the cause is trouble with the published key, so that
// looking the key up again says more.
func (c Cause) Key() bool { return c >= CauseKeyUnavailable && c <= CauseKeyDNSSEC }

// Remote reports whether the cause is a remote server's word about our mail.
func (c Cause) Remote() bool { return c == CauseRemoteRefused || c == CauseRemoteDNSTemp }

// Verifier reports whether the cause is trouble of our own verifier.
func (c Cause) Verifier() bool { return c == CauseVerifierUnavailable || c == CauseVerifierError }

// specificity orders what several lines say about one signature: the higher
// one knows more. Exim, for example, first logs "failed key import" (the key is
// unavailable or broken) and then the reason.
var specificity = [causeEnd]uint8{
	CauseUnknown:        1,
	CauseACLCustom:      1,
	CauseRemoteRefused:  1,
	CauseKeyUnavailable: 2,
}

// MoreSpecific reports whether c says more about the same trouble than other.
func (c Cause) MoreSpecific(other Cause) bool {
	rank := func(c Cause) uint8 {
		if c == CauseNone {
			return 0
		}
		if r := specificity[c]; r > 0 {
			return r
		}
		return 3
	}
	return rank(c) > rank(other)
}
