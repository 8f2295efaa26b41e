package parsers

import "github.com/dkimwatch/dkimwatch/dkim"

// eximWordings are the texts in brackets of Exim's line about one signature
// (src/dkim.c, 4.70 to 4.99). The results are those of its ${authresults}.
var eximWordings = []wording{
	{phrases{"^verification succeeded$"}, dkim.CauseNone, dkim.ResultPass, "verification succeeded", "Exim 4.70"},
	{phrases{"^failed key import$"}, dkim.CauseKeyUnavailable, dkim.ResultUnknown, "failed key import", "Exim 4.91, lookup or syntax"},
	{phrases{"^invalid - public key record (currently?) unavailable"}, dkim.CauseKeyUnavailable, dkim.ResultTemperror,
		"invalid - public key record (currently?) unavailable", "Exim 4.70"},
	{phrases{"^invalid - overlong public key record"}, dkim.CauseKeySyntax, dkim.ResultPermerror,
		"invalid - overlong public key record", "Exim 4.70"},
	{phrases{"^invalid - syntax error in public key record"}, dkim.CauseKeySyntax, dkim.ResultNeutral,
		"invalid - syntax error in public key record", "Exim 4.70, for a revoked key too"},
	{phrases{"^invalid - signature tag missing or invalid"}, dkim.CauseSignatureSyntax, dkim.ResultNeutral,
		"invalid - signature tag missing or invalid", "Exim 4.88"},
	{phrases{"^invalid - unsupported dkim version"}, dkim.CauseSignatureSyntax, dkim.ResultNeutral,
		"invalid - unsupported DKIM version", "Exim 4.88"},
	{phrases{"^invalid - unspecified problem"}, dkim.CauseUnknown, dkim.ResultPermerror, "invalid - unspecified problem", "Exim 4.70"},
	{phrases{"^not verified$"}, dkim.CauseUnknown, dkim.ResultNone, "not verified", "Exim 4.70"},
	{phrases{"^verification failed - body hash mismatch"}, dkim.CauseBodyHashMismatch, dkim.ResultFail,
		"verification failed - body hash mismatch (body probably modified in transit)", "Exim 4.70"},
	{phrases{"^verification failed - signature did not verify"}, dkim.CauseSignatureMismatch, dkim.ResultFail,
		"verification failed - signature did not verify (headers probably modified in transit)", "Exim 4.70"},
	{phrases{"^verification failed - signature invalid (key too short)"}, dkim.CauseKeyWeak, dkim.ResultFail,
		"verification failed - signature invalid (key too short)", "Exim 4.94"},
	{phrases{"^verification failed - unspecified reason"}, dkim.CauseKeyUnusable, dkim.ResultFail,
		"verification failed - unspecified reason", "Exim 4.91: h= of the key does not allow the hash"},

	// What an ACL has set: "<status> - <reason>".
	{phrases{" - ", "key", "short"}, dkim.CauseKeyWeak, dkim.ResultFail, "fail - key too short", "an ACL of Exim"},
	{phrases{" - ", "key", "weak"}, dkim.CauseKeyWeak, dkim.ResultFail, "fail - weak key", "an ACL of Exim"},
	{phrases{" - ", "weak"}, dkim.CauseUnsupportedAlgo, dkim.ResultFail, "fail - hash too weak", "an ACL of Exim"},
}

// eximNoteWordings are Exim's other lines about DKIM. Crypto libraries speak
// there in their own words: OpenSSL ("error:…") or GnuTLS.
var eximNoteWordings = []wording{
	{phrases{"failed key import"}, dkim.CauseKeyUnavailable, dkim.ResultUnknown,
		"d=example.com s=zendesk1 [failed key import]", "Exim 4.91"},
	{phrases{"excess_sigs"}, dkim.CauseSignatureSyntax, dkim.ResultPermerror,
		"Error during validation, disabling signature verification: EXCESS_SIGS", "Exim 4.92: more than 20 signatures"},
	{phrases{"long_line"}, dkim.CauseSignatureSyntax, dkim.ResultPermerror, "validation error: LONG_LINE", "Exim 4.88"},
	{phrases{"^validation error", "asn1"}, dkim.CauseKeySyntax, dkim.ResultNeutral,
		"validation error: error:068000E0:asn1 encoding routines::too small", "Exim 4.90 with OpenSSL or GnuTLS"},
	{phrases{"^validation error", "signature verification has failed"}, dkim.CauseSignatureMismatch, dkim.ResultFail,
		"validation error: Public key signature verification has failed.", "Exim 4.90 to 4.98 with GnuTLS"},
	{phrases{"^validation error", "rsa routines"}, dkim.CauseSignatureMismatch, dkim.ResultFail,
		"validation error: error:02000068:rsa routines::bad signature", "Exim 4.90 to 4.98 with OpenSSL"},
	{phrases{"^validation error"}, dkim.CauseUnknown, dkim.ResultUnknown, "validation error: (unknown)", "Exim 4.88"},
	{phrases{"through validation"}, dkim.CauseVerifierError, dkim.ResultNone,
		"Error while running this message through validation, disabling signature verification.", "Exim 4.70"},
	{phrases{"^error during validation"}, dkim.CauseVerifierError, dkim.ResultNone,
		"Error during validation, disabling signature verification: FAIL", "Exim 4.90"},
	{phrases{"hash setup error"}, dkim.CauseUnsupportedAlgo, dkim.ResultNeutral,
		"hash setup error, possibly nonhandled hashtype", "Exim 4.91"},
	{phrases{"unrecognised hashname"}, dkim.CauseUnsupportedAlgo, dkim.ResultNeutral, "unrecognised hashname 'sha3'", "Exim 4.91"},
	{phrases{"unknown canonicalization method"}, dkim.CauseNone, dkim.ResultUnknown,
		"unknown canonicalization method 'simpel', defaulting to 'relaxed'.", "Exim 4.70: signs all the same"},
	{phrases{"could not be signed"}, dkim.CauseSigningFailed, dkim.ResultUnknown,
		"message could not be signed, and dkim_strict is set. Deferring message delivery.", "Exim 4.70"},
	{phrases{"signing failed"}, dkim.CauseSigningFailed, dkim.ResultUnknown, "signing failed: PRIVKEY", "Exim 4.88"},
	{phrases{"signing_init:"}, dkim.CauseSigningFailed, dkim.ResultUnknown,
		"signing_init: error:1E08010C:DECODER routines::unsupported", "Exim 4.91"},
	{phrases{"^signing:"}, dkim.CauseSigningFailed, dkim.ResultUnknown, "signing: error:0200007A:rsa routines::data too large for key size", "Exim 4.91"},
	{phrases{"failed to expand dkim_"}, dkim.CauseSigningFailed, dkim.ResultUnknown,
		`failed to expand dkim_private_key: missing } at end of string`, "Exim 4.70"},
	{phrases{"unable to open file"}, dkim.CauseSigningFailed, dkim.ResultUnknown,
		"unable to open file for reading: /etc/exim4/dkim/example.org.pem", "Exim 4.82"},
	{phrases{"private key"}, dkim.CauseSigningFailed, dkim.ResultUnknown,
		"unable to read private key file: /etc/exim4/dkim/example.org.pem", "Exim 4.70"},
}
