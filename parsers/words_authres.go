package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// dkimResult cuts the first DKIM result out of an Authentication-Results field:
// from "dkim=" to the next ";" that stands in no comment and no quotes. It
// returns nil if there is none.
func dkimResult(text []byte) []byte {
	const method = "dkim="
	at := indexFold(text, method)
	for at > 0 && text[at-1] > ' ' && text[at-1] != ';' && text[at-1] != '\t' {
		next := indexFold(text[at+1:], method)
		if next < 0 {
			return nil
		}
		at += 1 + next
	}
	if at < 0 {
		return nil
	}
	text = text[at:]
	depth, quoted := 0, false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ';' && depth == 0:
			return text[:i:i]
		}
	}
	return text[:len(text):len(text)]
}

// resultWord reads the word after "dkim=".
func resultWord(folded []byte) dkim.Result {
	word := bytes.TrimPrefix(folded, []byte("dkim="))
	end := 0
	for end < len(word) && isLetter(word[end]) {
		end++
	}
	switch string(word[:end]) {
	case "none":
		return dkim.ResultNone
	case "pass":
		return dkim.ResultPass
	case "fail", "hardfail":
		return dkim.ResultFail
	case "policy":
		return dkim.ResultPolicy
	case "neutral":
		return dkim.ResultNeutral
	case "temperror", "tmperror":
		return dkim.ResultTemperror
	case "permerror":
		return dkim.ResultPermerror
	}
	return dkim.ResultUnknown
}

// authResultsWordings are the words of Authentication-Results fields: what
// stands in the comment or in reason="…".
var authResultsWordings = []wording{
	{phrases{"^dkim=pass"}, dkim.CauseNone, dkim.ResultPass, "dkim=pass header.d=example.com header.s=s1 header.a=rsa-sha256", "RFC 8601"},
	{phrases{"pubkey unavailable"}, dkim.CauseKeyUnavailable, dkim.ResultTemperror,
		"dkim=tmperror (pubkey unavailable) header.d=example.com header.s=zendesk1 header.a=rsa-sha256", "Exim 4.91, authres_dkim"},
	{phrases{"overlong public key record"}, dkim.CauseKeySyntax, dkim.ResultPermerror,
		"dkim=permerror (overlong public key record) header.d=example.com header.s=s1", "Exim 4.91"},
	{phrases{"public key record import problem"}, dkim.CauseKeySyntax, dkim.ResultNeutral,
		"dkim=neutral (public key record import problem) header.d=example.com header.s=s1", "Exim 4.92"},
	{phrases{"syntax error in public key record"}, dkim.CauseKeySyntax, dkim.ResultNeutral,
		"dkim=neutral (syntax error in public key record) header.d=example.com header.s=s1", "Exim 4.91"},
	{phrases{"signature tag missing or invalid"}, dkim.CauseSignatureSyntax, dkim.ResultNeutral,
		"dkim=neutral (signature tag missing or invalid) header.d=example.com", "Exim 4.91"},
	{phrases{"unsupported dkim version"}, dkim.CauseSignatureSyntax, dkim.ResultNeutral,
		"dkim=neutral (unsupported DKIM version) header.d=example.com header.s=s1", "Exim 4.91"},
	{phrases{"public key too short"}, dkim.CauseKeyWeak, dkim.ResultFail,
		"dkim=fail (public key too short: 512 bits) header.d=example.com header.s=s512", "Exim 4.94"},
	{phrases{"dkim=policy", "hash too weak"}, dkim.CauseUnsupportedAlgo, dkim.ResultPolicy,
		"dkim=policy (fail - hash too weak) header.d=example.com header.s=s1 header.a=rsa-sha1", "an ACL of Exim"},
	{phrases{"dkim=policy", " too "}, dkim.CauseKeyWeak, dkim.ResultPolicy,
		`dkim=policy reason="signing key too small" (512-bit key) header.d=example.com`, "OpenDKIM 2.10"},

	{phrases{"key not found in dns"}, dkim.CauseKeyNotFound, dkim.ResultFail,
		`dkim=fail reason="key not found in DNS" (0-bit key) header.d=example.com header.i=@example.com`, "OpenDKIM 2.10"},
	{phrases{"no key for signature"}, dkim.CauseKeyNotFound, dkim.ResultFail,
		"dkim=fail (no key for signature) header.d=example.com", "Gmail, Microsoft"},
	{phrases{"public key: not available"}, dkim.CauseKeyNotFound, dkim.ResultNeutral,
		`dkim=neutral reason="invalid (public key: not available)" header.d=example.com`, "amavis 2.13 (Mail::DKIM)"},
	{phrases{"missing public key"}, dkim.CauseKeyNotFound, dkim.ResultFail,
		"dkim=fail (missing public key: s1._domainkey.example.com) header.d=example.com", "dkimpy-milter 1.2"},
	{phrases{"(no key)"}, dkim.CauseKeyNotFound, dkim.ResultNeutral, "dkim=neutral (no key) header.i=@example.com", "Gmail"},
	{phrases{"key query timeout"}, dkim.CauseKeyLookupTempfail, dkim.ResultTemperror,
		"dkim=timeout (key query timeout) header.d=example.com", "Microsoft"},
	{phrases{"dns query failed"}, dkim.CauseKeyLookupTempfail, dkim.ResultTemperror,
		`dkim=temperror reason="key DNS query failed" (0-bit key) header.d=example.com`, "OpenDKIM 2.10"},
	{phrases{"dns reply corrupt"}, dkim.CauseKeyLookupTempfail, dkim.ResultTemperror,
		`dkim=temperror reason="key DNS reply corrupt" (0-bit key) header.d=example.com`, "OpenDKIM 2.10"},
	{phrases{"dns error"}, dkim.CauseKeyLookupTempfail, dkim.ResultTemperror,
		"dkim=temperror (DNS error when getting key) header.d=example.com header.s=s1", "Rspamd 3"},
	{phrases{"dns query timeout"}, dkim.CauseKeyLookupTempfail, dkim.ResultTemperror,
		`dkim=temperror reason="DNS query timeout for s1._domainkey.example.com" header.d=example.com`, "Mail::DKIM 1.2"},
	{phrases{"dns timeout"}, dkim.CauseKeyLookupTempfail, dkim.ResultTemperror,
		"dkim=temperror (dns timeout)", "authentication_milter"},
	{phrases{"dns servfail"}, dkim.CauseKeyLookupTempfail, dkim.ResultTemperror,
		"dkim=temperror (dns servfail)", "authentication_milter"},
	{phrases{"multiple keys found"}, dkim.CauseKeyMultiple, dkim.ResultTemperror,
		`dkim=temperror reason="multiple keys found" (0-bit key) header.d=example.com`, "OpenDKIM 2.10"},
	{phrases{"key revoked"}, dkim.CauseKeyRevoked, dkim.ResultPermerror,
		"dkim=permerror (key revoked) header.d=example.com header.s=old", "Rspamd 3, OpenDKIM 2.10"},
	{phrases{"public key: revoked"}, dkim.CauseKeyRevoked, dkim.ResultNeutral,
		`dkim=neutral reason="invalid (public key: revoked)" header.d=example.com`, "amavis 2.13 (Mail::DKIM)"},
	{phrases{"unknown key type"}, dkim.CauseKeyUnusable, dkim.ResultPermerror,
		"dkim=permerror (unknown key type) header.d=example.com header.s=s1", "Rspamd 3, OpenDKIM 2.10"},
	{phrases{"invalid dkim record"}, dkim.CauseKeyUnavailable, dkim.ResultPermerror,
		"dkim=permerror (invalid DKIM record) header.d=example.com header.s=s1", "Rspamd 3, for NXDOMAIN too"},
	{phrases{"unknown key version"}, dkim.CauseKeySyntax, dkim.ResultPermerror,
		`dkim=permerror reason="unknown key version" (0-bit key) header.d=example.com`, "OpenDKIM 2.10"},
	{phrases{"public key: syntax error"}, dkim.CauseKeySyntax, dkim.ResultNeutral,
		`dkim=neutral reason="invalid (public key: syntax error)" header.d=example.com`, "amavis 2.13 (Mail::DKIM)"},
	{phrases{"public key: unsupported"}, dkim.CauseKeyUnusable, dkim.ResultNeutral,
		`dkim=neutral reason="invalid (public key: unsupported key type)" header.d=example.com`, "amavis 2.13 (Mail::DKIM)"},
	{phrases{"public key:"}, dkim.CauseKeySyntax, dkim.ResultNeutral,
		`dkim=neutral reason="invalid (public key: missing p= tag)" header.d=example.com`, "amavis 2.13 (Mail::DKIM)"},
	{phrases{"bad format"}, dkim.CauseKeySyntax, dkim.ResultNeutral, "dkim=neutral (bad format) header.i=@example.com", "Gmail"},
	{phrases{"public key too small"}, dkim.CauseKeyWeak, dkim.ResultFail,
		"dkim=fail (public key too small: 512) header.d=example.com", "dkimpy-milter 1.2"},
	{phrases{" bogus)"}, dkim.CauseKeyDNSSEC, dkim.ResultPolicy,
		"dkim=policy (2048-bit key; bogus) header.d=example.com", "OpenDKIM 2.10"},

	{phrases{"body hash"}, dkim.CauseBodyHashMismatch, dkim.ResultFail,
		"dkim=fail (body hash mismatch; body probably modified in transit) header.d=example.com header.s=s1", "Exim 4.91, Rspamd 3, Microsoft"},
	{phrases{"body has been altered"}, dkim.CauseBodyHashMismatch, dkim.ResultFail,
		`dkim=fail (2048-bit key) reason="fail (body has been altered)" header.d=example.com`, "amavis 2.13 (Mail::DKIM)"},
	{phrases{"signature expired"}, dkim.CauseSignatureExpired, dkim.ResultFail,
		`dkim=fail reason="signature expired" (2048-bit key) header.d=example.com`, "OpenDKIM 2.10"},
	{phrases{"did not verify"}, dkim.CauseSignatureMismatch, dkim.ResultFail,
		"dkim=fail (signature did not verify; headers probably modified in transit) header.d=example.com header.s=s1", "Exim 4.91"},
	{phrases{"bad signature"}, dkim.CauseSignatureMismatch, dkim.ResultFail, "dkim=fail (bad signature) header.d=example.com", "Gmail"},
	{phrases{"signature verification failed"}, dkim.CauseSignatureMismatch, dkim.ResultFail,
		`dkim=fail reason="signature verification failed" (2048-bit key) header.d=example.com`, "OpenDKIM 2.10"},
	{phrases{"verify failed"}, dkim.CauseSignatureMismatch, dkim.ResultFail,
		"dkim=fail (headers rsa verify failed) header.d=example.com header.s=s1", "Rspamd 3"},
	{phrases{"message has been altered"}, dkim.CauseSignatureMismatch, dkim.ResultFail,
		`dkim=fail (2048-bit key) reason="fail (message has been altered)" header.d=example.com`, "amavis 2.13 (Mail::DKIM)"},
	{phrases{"bad rsa signature"}, dkim.CauseSignatureMismatch, dkim.ResultFail,
		`dkim=fail (2048-bit key) reason="fail (bad RSA signature)" header.d=example.com`, "amavis 2.13 (Mail::DKIM)"},
	{phrases{"syntax or domain error"}, dkim.CauseSignatureSyntax, dkim.ResultNeutral,
		"dkim=neutral (syntax or domain error)", "authentication_milter"},

	{phrases{"^dkim=none"}, dkim.CauseNoSignature, dkim.ResultNone, "dkim=none (no signatures found)", "RFC 8601"},
	{phrases{"dkim=permerror", "(0-bit key)"}, dkim.CauseKeyUnavailable, dkim.ResultPermerror,
		"dkim=permerror (0-bit key) header.d=example.com", "OpenDKIM 2.10, for a revoked key among others"},
	{phrases{"^dkim=temperror"}, dkim.CauseKeyUnavailable, dkim.ResultTemperror, "dkim=temperror header.d=example.com", "RFC 8601"},
	{phrases{"^dkim=policy"}, dkim.CausePolicyAlignment, dkim.ResultPolicy, "dkim=policy header.d=example.com", "RFC 8601"},
}
