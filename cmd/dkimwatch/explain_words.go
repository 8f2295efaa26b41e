package main

import (
	"strconv"
	"strings"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/reports"
)

// This file is how explain puts a line into words.

// kindWords says what the lines of a kind tell: in a few words for lists, and as
// a sentence about one line, in which {name} stands for what the line names.
var kindWords = map[parsers.Kind]struct{ short, sentence string }{
	parsers.KindIgnored:   {"nothing for dkimwatch", "A good line with nothing for dkimwatch."},
	parsers.KindMalformed: {"not of the format", "This is no line of this format. It is counted as malformed, and that is all."},
	parsers.KindArrived:   {"a message came in", "A message from {sender} came in{client}: a queue entry begins."},
	parsers.KindMessageID: {"the Message-ID header", "The message's Message-ID is {message-id}. By it the same message is found on other hosts."},
	parsers.KindActive:    {"the queue manager took it up", "The queue manager took the message from {sender} up, to deliver it."},
	parsers.KindSignature: {"a verifier's word on a signature", "A verifier says what it makes of the message's DKIM signature."},
	parsers.KindScan:      {"a filter's summary", "A filter's summary of one scan: it ties what the filter said before to this message."},
	parsers.KindSigned:    {"we signed it", "Our own signer signed this message: it is our mail going out."},
	parsers.KindDelivered: {"delivered", "{addr} got the message{relay}."},
	parsers.KindDeferred:  {"not delivered now", "{addr} did not get the message now: it stays in the queue and is tried again."},
	parsers.KindFailed:    {"not delivered for good", "{addr} will not get the message: it goes back to its sender."},
	parsers.KindReply:     {"a remote host's reply", "What a remote host replied when this message was offered to it{relay}."},
	parsers.KindRefused:   {"we refused it", "We refused the message{client} while it was being sent{stage}: {refusal}."},
	parsers.KindDiscarded: {"thrown away", "The message was accepted and thrown away: nobody is told."},
	parsers.KindHeld:      {"held, frozen", "The message stays in the queue and is not tried any more, until somebody releases it."},
	parsers.KindReleased:  {"released", "The message is tried again: somebody released or thawed it."},
	parsers.KindRemoved:   {"removed", "An administrator removed the message: nobody is told."},
	parsers.KindCancelled: {"given up by hand", "An administrator gave the message up: who did not get it yet will not, and the sender is told."},
	parsers.KindExpired:   {"its time ran out", "The message's time in the queue ran out: what is left goes back to its sender."},
	parsers.KindUnbounced: {"bounce dropped", "The bounce for {addr} was dropped: nobody is told."},
	parsers.KindRevoked:   {"arrival void", "The arrival logged before is void: the message was refused after all."},
	parsers.KindCompleted: {"left the queue", "The message left the queue: this is its end."},
	parsers.KindBounce:    {"a bounce was made", "{related} is the bounce that tells the sender of this message."},
	parsers.KindDelayed:   {"a delay warning was made", "{related} warns the sender that this message waits; it stays in the queue."},
	parsers.KindWarning:   {"a note", "A note of an ACL or a filter. By itself it holds nothing."},
	parsers.KindVerifier:  {"our verifier fails", "Our own DKIM verifier cannot work: no sender is at fault."},
	parsers.KindRepeated:  {"repeated lines", "The logging system left out {count} more lines like the one before."},
	parsers.KindLost:      {"lost lines", "The logging system says that it lost {count} lines: messages may look unfinished because of it."},
}

// causeWords says what causes mean.
var causeWords = map[dkim.Cause]string{
	dkim.CauseKeyUnavailable:      "the verifier got no key and does not say why",
	dkim.CauseKeyNotFound:         "there is no key record at that name",
	dkim.CauseKeyLookupTempfail:   "DNS failed when the key was asked for",
	dkim.CauseKeyMultiple:         "several key records stand at that name, where only one may",
	dkim.CauseKeySyntax:           "the record at that name is no key record",
	dkim.CauseKeyRevoked:          "the key is revoked: its record has an empty p=",
	dkim.CauseKeyUnusable:         "the key is of a kind that does not fit the signature",
	dkim.CauseKeyWeak:             "the key is an RSA key of less than 1024 bits",
	dkim.CauseKeyDNSSEC:           "DNSSEC does not vouch for the key",
	dkim.CauseBodyHashMismatch:    "the body was changed after it was signed",
	dkim.CauseSignatureMismatch:   "headers were changed, or another key is published than was signed with",
	dkim.CauseSignatureSyntax:     "the signature lacks a tag or has a wrong one",
	dkim.CauseSignatureExpired:    "the signature has expired, or is dated in the future",
	dkim.CauseUnsupportedAlgo:     "the signature's algorithm is unknown or not allowed",
	dkim.CausePolicyAlignment:     "DMARC or a local rule refuses; the signature is not the reason",
	dkim.CauseNoSignature:         "there was no signature",
	dkim.CauseVerifierUnavailable: "our verifier cannot be reached",
	dkim.CauseVerifierError:       "our verifier failed by itself",
	dkim.CauseSigningFailed:       "our own signer cannot sign",
	dkim.CauseRemoteRefused:       "a remote server refuses our mail and names DKIM",
	dkim.CauseRemoteDNSTemp:       "a remote server says that its DNS fails at the moment",
	dkim.CauseACLCustom:           "an administrator's own words, which are not understood",
	dkim.CauseUnknown:             "DKIM is named, nothing more is known",
}

// resultWords says what results mean (RFC 8601 §2.7.1).
var resultWords = map[dkim.Result]string{
	dkim.ResultUnknown:   "the line does not say whether it verified",
	dkim.ResultNone:      "there was no signature",
	dkim.ResultPass:      "it verified",
	dkim.ResultFail:      "it does not match the message",
	dkim.ResultPolicy:    "it is not accepted by a local rule",
	dkim.ResultNeutral:   "it could not be judged",
	dkim.ResultTemperror: "it could not be verified now, and may be later",
	dkim.ResultPermerror: "it cannot be verified as it stands",
}

// consequence says what dkimwatch makes of a cause.
func consequence(c dkim.Cause) string {
	switch {
	case c.Key():
		return "Trouble with the key: it makes a finding."
	case c.Remote():
		return "A finding about our own key, if the message is ours going out."
	case c.Verifier():
		return "Our own trouble: an incident of its own, in which no key is involved."
	case c == dkim.CauseNone:
		return ""
	case c == dkim.CauseUnknown, c == dkim.CauseACLCustom:
		return "Whether a key is at fault is not said: it is counted, and makes no incident."
	}
	return "Not the key's trouble: it is counted, and never makes an incident."
}

// lineMeans is what ev's line tells, in sentences.
func lineMeans(ev *parsers.Event) string {
	said := []string{fillEvent(ev).Replace(kindWords[ev.Kind].sentence)}
	if ev.NoAttempt {
		said = append(said, "No attempt was made: the reason given before still holds.")
	}
	for i := range ev.Sigs {
		s := &ev.Sigs[i]
		said = append(said, "The signature "+signatureName(s)+": "+resultWords[s.Result]+".")
		if s.Cause != dkim.CauseNone {
			said = append(said, "Cause: "+causeWords[s.Cause]+". "+consequence(s.Cause))
		}
	}
	switch {
	case ev.Cause != dkim.CauseNone:
		said = append(said, "Cause: "+causeWords[ev.Cause]+". "+consequence(ev.Cause))
	case ev.DKIM:
		said = append(said, "The words name DKIM, but say nothing of a key.")
	case len(ev.Text) > 0 && (ev.Kind == parsers.KindDeferred || ev.Kind == parsers.KindFailed || ev.Kind == parsers.KindRefused):
		said = append(said, "The words do not name DKIM: by themselves they make no finding.")
	}
	return strings.Join(said, " ")
}

// fillEvent puts what ev names into a sentence.
func fillEvent(ev *parsers.Event) *strings.Replacer {
	optional := func(before string, b []byte) string {
		if len(b) == 0 {
			return ""
		}
		return before + show(b)
	}
	named := func(b []byte, otherwise string) string {
		if len(b) == 0 {
			return otherwise
		}
		return show(b)
	}
	sender := named(ev.Sender, "a sender that the line does not name")
	if ev.NullSender {
		sender = "<>"
	}
	client := optional(" from ", ev.ClientName)
	if client == "" {
		client = optional(" from ", ev.ClientIP)
	}
	refusal := "for good (5xx)"
	if ev.Temporary {
		refusal = "for now (4xx), so it waits at its sender and comes again"
	}
	count := "some"
	if ev.Count > 0 {
		count = strconv.Itoa(ev.Count)
	}
	return strings.NewReplacer(
		"{sender}", sender, "{client}", client, "{message-id}", named(ev.MessageID, "not given"),
		"{addr}", named(ev.Addr, "A recipient"), "{relay}", optional(", by way of ", ev.Relay),
		"{stage}", optional(", at ", ev.Stage), "{refusal}", refusal,
		"{related}", named(ev.Related, "Another message"), "{count}", count,
	)
}

func signatureName(s *parsers.Signature) string {
	switch {
	case len(s.Domain) == 0:
		return "of a domain that is not logged"
	case len(s.Selector) == 0:
		return "of " + show(s.Domain) + ", selector not logged"
	}
	return "of " + show(s.Domain) + ", selector " + show(s.Selector)
}

// maxShown is how many characters of one field are shown.
const maxShown = 1000

// show makes a stranger's bytes fit to be shown.
func show(b []byte) string { return reports.Clean(string(b), maxShown) }
