package reports

import (
	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// This file is what dkimwatch says about trouble, and no more: the tables that
// turn causes (what the log said then), statuses and faults (what DNS says now)
// into sentences and next steps. explain.go picks and fills them in.

// causeText says what the log's words amount to.
type causeText struct {
	short string // for lists: a clause without its full stop
	more  string // what it means, for causes that are not the key's
}

var causeTexts = map[dkim.Cause]causeText{
	dkim.CauseNone:              {"nothing", ""},
	dkim.CauseKeyUnavailable:    {"no key, no reason given", ""},
	dkim.CauseKeyNotFound:       {"no key record found", ""},
	dkim.CauseKeyLookupTempfail: {"DNS failed when the key was asked for", ""},
	dkim.CauseKeyMultiple:       {"several key records found", ""},
	dkim.CauseKeySyntax:         {"the record found is no key record", ""},
	dkim.CauseKeyRevoked:        {"the key is revoked", ""},
	dkim.CauseKeyUnusable:       {"the key does not fit the signature", ""},
	dkim.CauseKeyWeak:           {"the key is too short", ""},
	dkim.CauseKeyDNSSEC:         {"DNSSEC does not vouch for the key", ""},

	dkim.CauseBodyHashMismatch: {"the body was changed after signing",
		"Mailing lists, footers and virus filters on the way do that."},
	dkim.CauseSignatureMismatch: {"the signature does not match",
		"Header fields were changed on the way, or the signer uses another key than the published one."},
	dkim.CauseSignatureSyntax: {"the signature is malformed",
		"The sender's signing software is at fault."},
	dkim.CauseSignatureExpired: {"the signature has expired, or is from the future",
		"The mail took too long on its way, or a clock is wrong."},
	dkim.CauseUnsupportedAlgo: {"the signature's algorithm is not supported",
		"rsa-sha1 is forbidden since RFC 8301; other algorithms may be too new for this verifier."},
	dkim.CausePolicyAlignment: {"refused by policy (DMARC or a local rule)",
		"The signature itself is not the reason: its domain is not the author's, or there is none that counts."},
	dkim.CauseNoSignature: {"no signature",
		"There was nothing to verify."},
	dkim.CauseVerifierUnavailable: {"our verifier cannot be reached",
		"The milter or filter that verifies DKIM is down."},
	dkim.CauseVerifierError: {"our verifier failed",
		"The milter or filter that verifies DKIM had an error of its own."},
	dkim.CauseSigningFailed: {"our own signing failed",
		"Our signer could not sign outgoing mail: look at its key file and configuration."},
	dkim.CauseRemoteRefused: {"a remote server refused our mail and named DKIM", ""},
	dkim.CauseRemoteDNSTemp: {"a remote server could not ask DNS", ""},
	dkim.CauseACLCustom: {"refused in this server's own words, which are not understood",
		"They name DKIM; what the ACL tests for stands in its configuration."},
	dkim.CauseUnknown: {"something about DKIM, nothing more is known", ""},
}

// diagnosis is one row of the table below: it applies if all that it names is
// so. The first one that applies is taken.
//
// In the sentences {name} is the key's name in DNS, {domain} the signing domain,
// {selector} the selector and {alias} where an alias of {name} ends.
type diagnosis struct {
	direction []correlate.Direction // nil: any
	cause     []dkim.Cause          // nil: any
	status    []dkim.KeyStatus      // nil: any
	fault     []dkim.Fault          // nil: any

	says   string // what is so now, never more than DNS says
	next   string // the one next step
	idle   string // the next step if no mail of ours waits; empty: the same
	detail bool   // the verdict's own sentence tells more
	told   bool   // the headline says it, once for all incidents
}

// Short names, so that a row of the table fits on a few lines.
var (
	inbound  = []correlate.Direction{correlate.Inbound}
	outbound = []correlate.Direction{correlate.Outbound}
	own      = []correlate.Direction{correlate.Own}
)

func status(s ...dkim.KeyStatus) []dkim.KeyStatus { return s }
func fault(f ...dkim.Fault) []dkim.Fault          { return f }

var diagnoses = []diagnosis{
	// Our own verifier: no key is involved.
	{direction: own, cause: []dkim.Cause{dkim.CauseVerifierError},
		says: "Our DKIM verifier fails with an error of its own. No sender is at fault.",
		next: "Look at the verifier's log and mend it, then retry the mail.",
		idle: "Look at the verifier's log and mend it."},
	{direction: own,
		says: "Our DKIM verifier cannot be reached. No sender is at fault.",
		next: "Start or mend the milter or filter, then retry the mail.",
		idle: "Start or mend the milter or filter: until then mail is put off or passes unverified."},

	// What says nothing about the key.
	{status: status(dkim.KeyUnreachable),
		says: "DNS is out of reach, so nothing can be said about the key now.", detail: true,
		next: "Mend this host's DNS (/etc/resolv.conf, the network), then look again. Until then it is not known whose fault it is."},
	{status: status(dkim.KeyNameInvalid),
		says: "The signature names a key that cannot exist in DNS.", detail: true,
		next: "Nobody can publish that name: the sender's signing software writes a wrong selector or domain. Tell the sender."},

	// Our own resolver: the key itself may be good.
	{status: status(dkim.KeyNotFound, dkim.KeyNoData, dkim.KeyRevoked, dkim.KeyMalformed, dkim.KeyAmbiguous, dkim.KeyWeak,
		dkim.KeyServFail, dkim.KeyRefused, dkim.KeyTimeout, dkim.KeyDangling), fault: fault(dkim.FaultOurResolver),
		says: "This host's own DNS resolver stands in the way.", detail: true,
		next: "Mend this host's resolver or flush its cache, then retry the mail. There is nothing to write to the sender.",
		idle: "Mend this host's resolver or flush its cache. There is nothing to write to the sender."},

	// Their key.
	{direction: inbound, status: status(dkim.KeyValid),
		says: "The key is there now.",
		next: "Retry the mail now. Nobody needs to be written to.",
		idle: "Nothing to do: no mail waits here for it."},
	{direction: inbound, status: status(dkim.KeyNotFound), fault: fault(dkim.FaultSenderZone),
		says: "The key record does not exist (NXDOMAIN).",
		next: "Write to postmaster@{domain}: publish the TXT record {name} (their mail provider shows its value)."},
	{direction: inbound, status: status(dkim.KeyNoData), fault: fault(dkim.FaultSenderZone),
		says: "The name exists in DNS, but has no TXT record.",
		next: "Write to postmaster@{domain}: publish the TXT record {name} (their mail provider shows its value)."},
	{direction: inbound, status: status(dkim.KeyRevoked),
		says: "The key is revoked: its record has an empty p=.",
		next: "Write to postmaster@{domain}: their mail is still signed with the revoked key {name}. They must sign with another selector, or publish a key there."},
	{direction: inbound, status: status(dkim.KeyMalformed),
		says: "There is a TXT record, but it is no usable key.", detail: true,
		next: "Write to postmaster@{domain}: correct the TXT record {name} (their mail provider shows its value)."},
	{direction: inbound, status: status(dkim.KeyAmbiguous),
		says: "Several key records stand at the name, where only one may.", detail: true,
		next: "Write to postmaster@{domain}: leave only the right one of the TXT records at {name}."},
	{direction: inbound, status: status(dkim.KeyWeak),
		says: "The key is an RSA key of less than 1024 bits, which verifiers must refuse (RFC 8301).", detail: true,
		next: "Write to postmaster@{domain}: replace the key at {name} by one of 2048 bits."},
	{direction: inbound, status: status(dkim.KeyDangling), fault: fault(dkim.FaultProvider),
		says: "The key's name is an alias, and there is no key where it leads.", detail: true,
		next: "Write to postmaster@{domain}: {name} is an alias of {alias}, where there is no key. The provider behind it must publish one, or DKIM must be switched on there."},
	{direction: inbound, status: status(dkim.KeyDangling),
		says: "The key's name is an alias that leads to no key.", detail: true,
		next: "Write to postmaster@{domain}: correct the CNAME record {name}, or put the key there as a TXT record."},
	{direction: inbound, status: status(dkim.KeyServFail, dkim.KeyRefused, dkim.KeyTimeout), fault: fault(dkim.FaultProvider),
		says: "The name servers behind the key's alias give no answer.", detail: true,
		next: "Wait and retry; if it lasts, write to postmaster@{domain}: the DNS of {alias}, where {name} leads, does not answer."},
	{direction: inbound, status: status(dkim.KeyServFail),
		says: "DNS fails for the key (SERVFAIL): the domain's name servers or its DNSSEC are broken.", detail: true,
		next: "Write to postmaster@{domain}: DNS fails for {name} (SERVFAIL). Whoever runs their DNS must look at the name servers and at DNSSEC."},
	{direction: inbound, status: status(dkim.KeyRefused),
		says: "The question for the key is refused.", detail: true,
		next: "Write to postmaster@{domain}: DNS refuses to answer for {name}. Whoever runs their DNS must look at the name servers."},
	{direction: inbound, status: status(dkim.KeyTimeout),
		says: "DNS gives no answer for the key in time.", detail: true,
		next: "Wait and retry; if it lasts, write to postmaster@{domain}: the name servers do not answer for {name}."},
	{direction: inbound, status: status(dkim.KeyNotFound, dkim.KeyNoData),
		says: "There is no key record.", detail: true,
		next: "Write to postmaster@{domain}: {name} lacks its key record."},

	// Our key, refused elsewhere.
	{direction: outbound, status: status(dkim.KeyValid),
		says: "Our key is in DNS and usable now.",
		next: "Retry the mail. If it is refused again, ask the remote postmaster what their server sees.",
		idle: "Watch the next mail to them. If it is refused again, ask the remote postmaster what their server sees."},
	{direction: outbound, status: status(dkim.KeyNotFound, dkim.KeyNoData),
		says: "Our own key record is missing.",
		next: "Publish the TXT record {name}, or stop signing with the selector {selector}; then retry the mail."},
	{direction: outbound, status: status(dkim.KeyRevoked, dkim.KeyMalformed, dkim.KeyAmbiguous, dkim.KeyWeak),
		says: "Our own key record is not usable.", detail: true,
		next: "Correct the TXT record {name}, or sign with another selector; then retry the mail."},
	{direction: outbound, status: status(dkim.KeyDangling),
		says: "Our key's name is an alias that leads to no key.", detail: true,
		next: "Correct our CNAME record {name}, or have the key published where it leads; then retry the mail."},
	{direction: outbound, status: status(dkim.KeyServFail, dkim.KeyRefused, dkim.KeyTimeout),
		says: "DNS fails for our own key.", detail: true,
		next: "Look at the name servers of {domain} and at its DNSSEC; then retry the mail."},
}

// What to say if the key was not looked up, by the reason why.
var (
	notAsked = diagnosis{
		says: "DNS was not asked for the key.", told: true,
		next: "Scan again without --no-dns, or ask DNS with dig.",
	}
	noName = diagnosis{
		says: "The logs do not tell the selector, so the key cannot be looked up.", told: true,
		next: "Read the DKIM-Signature field of a held message: its s= is the selector, its d= the domain.",
		idle: "No such mail is in the queue to look at: read the verifier's own log too.",
	}
	remoteOnly = diagnosis{
		says: "Only the remote server's words are known; the logs do not name our key.",
		next: "Read the remote server's reply below, and look up the key that our signature names: dig +short TXT SELECTOR._domainkey.DOMAIN.",
	}
	verifiedAgain = diagnosis{
		says: "Signatures with this key have verified here again.",
		next: "Retry the mail now. Nobody needs to be written to.",
		idle: "Nothing to do: no mail waits here for it.",
	}
	notLooked = diagnosis{
		says: "The key was not looked up, so whose fault it is stays open.", detail: true,
		next: "Ask DNS for the key, with the command below.",
	}
)

// faultTexts says whose fault it is. In outbound trouble the domain is ours.
var faultTexts = map[dkim.Fault]struct{ inbound, outbound string }{
	dkim.FaultUnknown:      {"not known", "not known"},
	dkim.FaultNobody:       {"nobody's any more", "nobody's any more"},
	dkim.FaultSenderZone:   {"the sender's: the DNS records of {domain}", "ours: the DNS records of {domain}"},
	dkim.FaultSenderDNS:    {"the sender's: the name servers of {domain}", "ours: the name servers of {domain}"},
	dkim.FaultProvider:     {"the sender's provider: the operator of {alias}", "our provider's: the operator of {alias}"},
	dkim.FaultOurResolver:  {"ours: the DNS resolver of this host", "ours: the DNS resolver of this host"},
	dkim.FaultOurVerifier:  {"ours: the verifier of this host", "ours: the verifier of this host"},
	dkim.FaultSenderMailer: {"the sender's: their signing software", "ours: our signing software"},
}

// confidenceTexts says how sure that is.
var confidenceTexts = map[string]string{"high": "sure", "medium": "likely", "low": "uncertain"}

// deadlineTexts says how the queue lifetime is known.
var deadlineTexts = map[string]string{
	"configured":      "by the configured lifetime",
	"observed":        "as earlier messages did",
	"exim-default":    "by Exim's default lifetime",
	"postfix-default": "by Postfix's default lifetime",
}

// harmTexts are the clauses for what happened to mail, after a number.
var harmTexts = [...]struct {
	harm correlate.Harm
	text string
}{
	{correlate.HarmHeldHere, "held here"},
	{correlate.HarmTempfailed, "put off with 4xx"},
	{correlate.HarmRejected, "rejected"},
	{correlate.HarmBounced, "bounced"},
	{correlate.HarmNone, "delivered all the same"},
}
