package parsers

import (
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// Kind is what sort of thing a line says.
type Kind uint8

// The kinds. "We" is the mail server whose log is read.
const (
	KindIgnored   Kind = iota // a good line with nothing for us
	KindMalformed             // not of this format: counted and sampled

	KindArrived   // a queue entry begins: Exim "<=", Postfix "client=", "uid="
	KindMessageID // the Message-ID header of ID
	KindActive    // Postfix's queue manager took ID up: sender, size
	KindSignature // a verifier's word about Sigs of ID (or of Tag)
	KindScan      // a filter's summary that ties Tag to ID and MessageID
	KindSigned    // we signed ID with Sigs
	KindDelivered // Addr got it
	KindDeferred  // Addr did not get it now
	KindFailed    // Addr will not get it: the sender is told
	KindReply     // a remote host's reply to ID, on a line of its own
	KindRefused   // we refused ID while it was being sent: Temporary or for good
	KindDiscarded // we took ID (or Addr) and threw it away
	KindHeld      // ID stays in the queue, no attempts: hold, freeze
	KindReleased  // … no longer
	KindRemoved   // an administrator removed ID
	KindCancelled // an administrator gave ID up: what is left bounces
	KindExpired   // ID's time ran out: what is left bounces
	KindUnbounced // the bounce for Addr was dropped: nobody is told
	KindRevoked   // ID's arrival is void: "rescind the above message-accept"
	KindCompleted // ID left the queue
	KindBounce    // Related is the bounce of ID
	KindDelayed   // Related is a delay warning about ID; ID stays
	KindWarning   // an ACL's or filter's note on ID, no effect of its own
	KindVerifier  // the verifier cannot work: Cause, Text
	KindRepeated  // the line before, Count times more
	KindLost      // the logging system says that it lost Count lines

	kindEnd
)

var kindNames = [kindEnd]string{
	"ignored", "malformed", "arrived", "message-id", "active", "signature", "scan", "signed", "delivered", "deferred",
	"failed", "reply", "refused", "discarded", "held", "released", "removed", "cancelled", "expired", "unbounced",
	"revoked", "completed", "bounce", "delayed", "warning", "verifier", "repeated", "lost",
}

// String returns the kind's name, as `dkimwatch explain` prints it.
func (k Kind) String() string {
	if k >= kindEnd {
		return "?"
	}
	return kindNames[k]
}

// Program is whose words a line holds.
type Program uint8

// The programs whose lines are understood.
const (
	ProgramUnknown Program = iota
	ProgramExim
	ProgramPostfix
	ProgramOpenDKIM
	ProgramOpenDMARC
	ProgramRspamd
	ProgramAmavis
	ProgramDkimpy
	ProgramOther // Mail::DKIM users and the like

	programEnd
)

var programNames = [programEnd]string{
	"unknown", "exim", "postfix", "opendkim", "opendmarc", "rspamd", "amavis", "dkimpy-milter", "other",
}

// String returns the program's name.
func (p Program) String() string {
	if p >= programEnd {
		return "?"
	}
	return programNames[p]
}

// Relation is how the message with id Related belongs to ID.
type Relation uint8

// The relations.
const (
	RelationNone     Relation = iota
	RelationBounceOf          // ID is a bounce or warning about Related (Exim "R=")
	RelationBounce            // Related is the bounce of ID (Postfix "notification:")
	RelationNextHop           // Related is ID at the next host ("queued as", "OK id=")
	RelationOrigin            // Related is what ID was before a filter gave it back ("orig_queue_id=")

	relationEnd
)

var relationNames = [relationEnd]string{"", "bounce-of", "bounce", "next-hop", "origin"}

// String returns the relation's name in machine output.
func (r Relation) String() string {
	if r >= relationEnd {
		return "?"
	}
	return relationNames[r]
}

// Event is what one line says. Its []byte fields are views into that line, or
// into its parser's buffer: clone what outlives the next call. The zero Event is
// a line with nothing for us.
//
// A field is set only by the kinds that have it; empty means "not logged".
type Event struct {
	Kind    Kind
	Program Program
	Time    time.Time // as logged, UTC; zero if the line has no stamp
	Seq     uint64    // line number in its source; set by the pipeline, not by the parser

	Host     []byte // reporting host: the envelope's; empty means the source's
	Instance []byte // Postfix: the syslog name before the first "/", if not "postfix"
	ID       []byte // Exim message id or Postfix queue id; unique per Host only, and queue ids are reused
	Tag      []byte // a filter's own id of one scan, where it does not print ID: rspamd "<488b51>", amavis "01234-05"

	Sender     []byte // envelope sender, without <>; see NullSender
	NullSender bool   // "<>": Sender is empty and known to be
	ClientName []byte // as the server resolved it
	ClientIP   []byte
	Helo       []byte // what the client said: a stranger's text
	MessageID  []byte // without <>: a stranger's text
	Size       int64  // bytes; 0 is not logged
	Local      bool   // submitted here or by an authenticated user: our own mail going out

	Addr      []byte // recipient, without <>
	OrigAddr  []byte // the recipient before aliasing
	Relay     []byte // host name and address of the next hop, as logged
	RelayIP   []byte
	Related   []byte // another message's id: see Relation
	Relation  Relation
	Text      []byte // the words: a remote reply, a reason, an ACL's message; raw, a stranger's
	Stage     []byte // KindRefused: where in the SMTP dialogue: "RCPT", "END-OF-MESSAGE", "DKIM", …
	Temporary bool   // KindRefused: 4xx, the message waits at the sender
	NoAttempt bool   // KindDeferred: only "retry time not reached"; KindFailed: "retry timeout exceeded": the reason before still holds

	DKIM             bool       // Text names DKIM or a DKIM key
	Cause            dkim.Cause // what Text amounts to; CauseNone if it does not speak of DKIM
	Domain, Selector []byte     // the key that Text names, if it does

	Sigs  []Signature // KindSignature, KindSigned, KindScan, KindArrived; its array is reused by the next call
	Count int         // KindRepeated, KindLost
}

// Signature is one DKIM signature as an MTA or a filter reported it.
type Signature struct {
	Domain, Selector []byte // d= and s= (RFC 6376 §3.5), bytes as logged; empty if not logged
	Algorithm        []byte // a=
	Result           dkim.Result
	Cause            dkim.Cause
	Reason           []byte // the verifier's words
}

// Parser reads the lines of one source. It is not safe for concurrent use; give
// each source its own.
type Parser interface {
	// Parse fills ev from line, read at received, which gives a missing year.
	// It cannot fail: a log line is data, and a strange one is KindMalformed,
	// to be counted. It keeps no reference to line and does not allocate.
	// Sigs keeps its array between calls.
	Parse(line []byte, received time.Time, ev *Event)
}

// Reset clears ev and keeps the array of Sigs.
func (ev *Event) Reset() {
	sigs := ev.Sigs[:0]
	*ev = Event{} // cleared in place; with Sigs in it, it would be made elsewhere and copied
	ev.Sigs = sigs
}
