package parsers

import "github.com/dkimwatch/dkimwatch/dkim"

// milterWordings are what Postfix says when a milter does not do its work
// (src/milter/milter8.c), and what it answers the client then. Words.Milter
// judges everything else as a reply.
//
// A milter that itself asks for a temporary failure without a text of its own
// gets "Service unavailable" as well: only a warning nearby tells the two apart.
var milterWordings = []wording{
	{phrases{"connect to milter service"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"connect to Milter service inet:127.0.0.1:8891: Connection refused", "Postfix 2.3"},
	{phrases{"^milter ", "can't read smfic_"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"milter inet:127.0.0.1:8891: can't read SMFIC_BODYEOB reply packet header: Connection timed out", "Postfix 2.3"},
	{phrases{"^milter ", "packet length"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"milter inet:127.0.0.1:8891: unreasonable packet length: 1212501072 > 1073741823", "Postfix 2.3"},
	{phrases{"^milter ", "eof while reading"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"milter inet:127.0.0.1:8891: EOF while reading data", "Postfix 2.3"},
	{phrases{"^milter ", "error writing command"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"milter inet:127.0.0.1:8891: error writing command: Broken pipe", "Postfix 2.3"},
	{phrases{"^milter ", "unexpected filter response"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"milter inet:127.0.0.1:8891: unexpected filter response SMFIR_QUITFL after event SMFIC_MAIL", "Postfix 2.3"},
	{phrases{"^milter ", "initial handshake"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"milter inet:127.0.0.1:8891: read error in initial handshake", "Postfix 2.3"},
	{phrases{"^milter ", "protocol version"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"milter inet:127.0.0.1:8891: protocol version 2 conflict with MTA protocol version 6", "Postfix 2.3"},
	{phrases{"host or service ", " not found"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"host or service opendkim:8891 not found: Name or service not known", "Postfix 2.3"},
	{phrases{"server configuration problem"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"451 4.3.5 Server configuration problem - try again later", "Postfix 2.3"},
	{phrases{"service unavailable"}, dkim.CauseVerifierUnavailable, dkim.ResultUnknown,
		"4.7.1 Service unavailable - try again later", "Postfix 2.3"},
}
