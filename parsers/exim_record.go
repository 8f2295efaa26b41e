package parsers

import (
	"bytes"
	"time"
)

// eximRecord is the record that lines without a stamp go on with. In a rejectlog
// a refusal is followed by the envelope and the headers, each with a type before
// it, and folded as they came:
//
//	2026-11-21 19:41:12 1xUqxU-0000Jk-0U H=mail.ember-coal.example [127.1.1.24] F=<news@ember-coal.example> temporarily rejected after DATA: …
//	Envelope-from: <news@ember-coal.example>
//	Envelope-to: <u000@receiver.test>
//	P Received: from mail.ember-coal.example ([127.1.1.24])
//		by mx1.receiver.test with esmtp (Exim 4.96)
//	  DKIM-Signature: v=1;
//		a=rsa-sha256;
//		d=ember-coal.example;
//		s=s1;
//	I Message-ID: <exim-acl-defer-data-000009.tovaol@ember-coal.example>
//
// It is all the sender's text, and can only name the Message-ID, the envelope
// sender and the keys of the message that was refused.
type eximRecord struct {
	started bool // a line with a stamp was seen
	refused bool // it was a refusal of the message with this id
	time    time.Time
	id      textBuffer

	sender textBuffer
	null   bool

	header           headerKind
	domain, selector textBuffer
	tag              byte // whose value the next line brings: 'd', 's', or 0
	told             bool // this signature's event was made
}

// headerKind is the header that folded lines go on with.
type headerKind uint8

const (
	headerOther headerKind = iota
	headerMessageID
	headerDKIM
)

// textBuffer holds a copy of a short text.
type textBuffer struct {
	b [253]byte // the longest domain name
	n int
}

// set copies b, or nothing if it is too long.
func (t *textBuffer) set(b []byte) {
	t.n = 0
	if len(b) <= len(t.b) {
		t.n = copy(t.b[:], b)
	}
}

func (t *textBuffer) bytes() []byte {
	if t.n == 0 {
		return nil
	}
	return t.b[:t.n]
}

// begin makes ev's line the one that the next lines may go on with.
func (r *eximRecord) begin(ev *Event) {
	r.started, r.refused = true, ev.Kind == KindRefused && len(ev.ID) > 0
	if r.refused {
		r.time, r.null, r.header = ev.Time, false, headerOther
		r.id.set(ev.ID)
		r.sender.set(nil)
	}
}

// more reads a line that goes on with the record. Before any record there is
// nothing to go on with.
func (r *eximRecord) more(b []byte, ev *Event) {
	if !r.started {
		ev.Kind = KindMalformed
		return
	}
	ev.Kind, ev.Program = KindIgnored, ProgramExim
	if !r.refused || len(b) < 2 {
		return
	}
	if path, ok := after(b, "Envelope-from: "); ok {
		if sender, _, ok := cutAngle(path); ok {
			r.sender.set(sender)
			r.null = len(sender) == 0
		}
		return
	}
	if b[1] == ' ' && b[0] != '\t' {
		if value, ok := r.enter(b[0], b[2:]); ok {
			b = value
		}
	}
	switch r.header {
	case headerMessageID:
		r.messageID(b, ev)
	case headerDKIM:
		r.signature(b, ev)
	}
}

// enter begins a header, b, of Exim's type kind, and returns its value. It fails
// where b is a folded line that happens to begin with two blanks.
func (r *eximRecord) enter(kind byte, b []byte) (value []byte, ok bool) {
	i := bytes.IndexByte(b, ':')
	if i <= 0 || bytes.ContainsAny(b[:i], " \t=;") {
		return b, false
	}
	r.header = headerOther
	switch {
	case kind == 'I' && hasPrefixFold(b, "message-id:"):
		r.header = headerMessageID
	case kind == ' ' && hasPrefixFold(b, "dkim-signature:"):
		r.header, r.tag, r.told = headerDKIM, 0, false
		r.domain.set(nil)
		r.selector.set(nil)
	}
	return b[i+1:], true
}

// messageID reads the header's value, which may stand on its second line.
func (r *eximRecord) messageID(b []byte, ev *Event) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return
	}
	r.header = headerOther
	ev.Kind, ev.Time, ev.ID, ev.MessageID = KindMessageID, r.time, r.id.bytes(), unbracket(b)
	ev.Sender, ev.NullSender = r.sender.bytes(), r.null
}

// signature reads a line of a DKIM-Signature field (RFC 6376 §3.5). What became
// of the signature stands elsewhere.
func (r *eximRecord) signature(b []byte, ev *Event) {
	for len(b) > 0 {
		var spec []byte
		spec, b, _ = bytes.Cut(b, []byte(";"))
		ended := b != nil
		if r.tag == 0 {
			name, value, ok := bytes.Cut(spec, []byte("="))
			if !ok {
				continue
			}
			if name = bytes.TrimSpace(name); len(name) == 1 {
				r.tag = name[0]
			}
			spec = value
		}
		if value := bytes.TrimSpace(spec); len(value) > 0 {
			r.set(value)
			r.tag = 0
		} else if ended {
			r.tag = 0
		}
	}
	domain, selector := r.domain.bytes(), r.selector.bytes()
	if r.told || domain == nil || selector == nil {
		return
	}
	r.told = true
	ev.Kind, ev.Time, ev.ID = KindSignature, r.time, r.id.bytes()
	ev.Sigs = append(ev.Sigs, Signature{Domain: domain, Selector: selector})
}

// set keeps the value of the first d= and s=.
func (r *eximRecord) set(value []byte) {
	switch {
	case r.tag == 'd' && r.domain.n == 0:
		r.domain.set(value)
	case r.tag == 's' && r.selector.n == 0:
		r.selector.set(value)
	}
}
