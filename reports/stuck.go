package reports

import (
	"io"

	"github.com/dkimwatch/dkimwatch/correlate"
)

// WriteStuck writes for a person at a terminal what is held now, the oldest
// first, with when it bounces, why it is held and how it is tried again, and then
// what to do about each key.
func WriteStuck(w io.Writer, r *Report, o TextOptions) error {
	p := newPage(w, r, o.Width, o.Color)
	x := newIndex(r)
	p.header(r)
	p.headline(r, x)
	var list []*correlate.Message
	young := 0
	for _, m := range r.waiting() {
		if m.Stuck {
			list = append(list, m)
		} else {
			young++
		}
	}
	most := len(list)
	if o.MaxMessages != 0 {
		most = min(max(0, o.MaxMessages), most)
	}
	for _, m := range list[:most] {
		p.line()
		p.heldMessage(m, x)
		p.heldFields(m)
	}
	more := len(list) - most
	if most == 0 {
		more = 0
	}
	if more+young > 0 {
		p.line()
	}
	if more > 0 {
		p.prose(cardIndent, dim, "… and "+count(more)+" more")
	}
	if young > 0 {
		p.prose(cardIndent, dim, "… and "+number(young, "message")+" that only just began to wait")
	}
	p.hints(x, r.DNSAsked, list)
	return p.w.Flush()
}
