package correlate

import (
	"bytes"
	"time"

	"github.com/dkimwatch/dkimwatch/parsers"
)

// scans keeps what a filter says under its own number of a scan, until its
// summary ties the number to a queue id.
type scans struct {
	list []scan
	next int
}

type scan struct {
	tag  []byte
	sigs []parsers.Signature
}

// maxScans is how many scans may be under way at once.
const maxScans = 256

func (s *scans) find(tag []byte) *scan {
	for i := range s.list {
		if bytes.Equal(s.list[i].tag, tag) {
			return &s.list[i]
		}
	}
	return nil
}

// keep clones ev's signatures: only messages with DKIM trouble have such lines.
func (s *scans) keep(ev *parsers.Event) {
	at := s.find(ev.Tag)
	if at == nil {
		if len(s.list) < maxScans {
			s.list = append(s.list, scan{})
			at = &s.list[len(s.list)-1]
		} else {
			at = &s.list[s.next]
			s.next = (s.next + 1) % maxScans
		}
		at.tag = append(at.tag[:0], ev.Tag...)
		at.sigs = at.sigs[:0]
	}
	for _, sig := range ev.Sigs {
		if len(at.sigs) < maxSignatures {
			at.sigs = append(at.sigs, cloneSignature(sig))
		}
	}
}

// take moves what is known under tag to o.
func (s *scans) take(tag []byte, o *open, at time.Time) {
	if len(tag) == 0 {
		return
	}
	if have := s.find(tag); have != nil {
		for i := range have.sigs {
			o.signature(&have.sigs[i], at, false)
		}
		have.tag, have.sigs = have.tag[:0], have.sigs[:0]
	}
}

func cloneSignature(s parsers.Signature) parsers.Signature {
	return parsers.Signature{
		Domain: bytes.Clone(s.Domain), Selector: bytes.Clone(s.Selector), Algorithm: bytes.Clone(s.Algorithm),
		Result: s.Result, Cause: s.Cause, Reason: bytes.Clone(s.Reason[:min(len(s.Reason), keptText)]),
	}
}
