package correlate

import (
	"slices"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// history is what is known of one key.
type history struct {
	name      string // in Ledger.keys
	lastPass  time.Time
	spells    []*spell
	key       dkim.KeyName
	direction Direction
}

// find returns the history of a key, nil if there is none and make is false. It
// does not allocate for a known key.
func (l *Ledger) find(direction Direction, domain, selector []byte, make bool) *history {
	b := append(l.buf[:0], byte('0'+direction))
	b = appendLower(b, domain)
	b = append(b, 0)
	b = appendLower(b, selector)
	l.buf = b
	h := l.keys[string(b)]
	if h != nil || !make {
		return h
	}
	if len(l.keys) >= maxKeys {
		l.Dropped++
		return nil
	}
	if l.keys == nil {
		l.keys = map[string]*history{}
	}
	h = &history{
		name: string(b), direction: direction,
		key: dkim.KeyName{Selector: string(selector), Domain: string(domain)}.Canonical(),
	}
	l.keys[h.name] = h
	return h
}

func appendLower(to, b []byte) []byte {
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}

// recentKeys is how many keys are found again without a look into the map.
const recentKeys = 1 << 12

// inbound is find for a key of mail to us. Nearly every line about a signature
// asks for one of the same few keys, spelled the same.
func (l *Ledger) inbound(domain, selector []byte) *history {
	recent := &l.recent[hashBytes(hashBytes(0, domain), selector)>>1%recentKeys]
	if h := *recent; h != nil && h.spelled(domain, selector) {
		return h
	}
	h := l.find(Inbound, domain, selector, true)
	if h != nil && h.spelled(domain, selector) {
		*recent = h
	}
	return h
}

// spelled reports whether find would return h for these bytes because they have
// no capitals.
func (h *history) spelled(domain, selector []byte) bool {
	n := 1 + len(domain)
	return len(h.name) == n+1+len(selector) && h.name[1:n] == string(domain) && h.name[n+1:] == string(selector)
}

func (h *history) passed(at time.Time) {
	s := h.current()
	if s == nil || !s.resolved.IsZero() || !at.After(s.lastBad) {
		return
	}
	if s.passes++; s.passes >= passesToResolve {
		s.resolved = at
	}
}

func (h *history) current() *spell {
	if len(h.spells) == 0 {
		return nil
	}
	return h.spells[len(h.spells)-1]
}

// at returns the spell that lasted at t, or nil.
func (h *history) at(t time.Time) *spell {
	for _, s := range slices.Backward(h.spells) {
		if !t.Before(s.opened) {
			return s
		}
	}
	return nil
}
