package correlate

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// table finds open messages by the hash of who they are. It is an open-addressed
// hash table with linear probing and backward-shift deletion: no tombstones, no
// pointers for the garbage collector to follow, no allocation but to grow. It
// keeps half of each hash, so that it is small: whoever searches it compares the
// ids themselves.
type table struct {
	slots []slot
	n     int
}

type slot struct {
	tag uint32 // of the hash; 0 is empty
	rec int32  // index into the tracker's records
}

func tagOf(hash uint64) uint32 { return uint32(hash>>32) | 1 }

// home is where a search for tag begins.
func (t *table) home(tag uint32) uint32 { return tag >> 1 & t.mask() }

func (t *table) mask() uint32 { return uint32(len(t.slots) - 1) }

// search begins a search for hash.
func (t *table) search(hash uint64) search {
	tag := tagOf(hash)
	return search{tag, t.home(tag)}
}

// search is a search for the records under one hash.
type search struct{ tag, at uint32 }

// next returns the next record that s finds, or -1 if there are no more.
func (t *table) next(s *search) int32 {
	if t.n == 0 {
		return -1
	}
	for {
		found := t.slots[s.at]
		s.at = (s.at + 1) & t.mask()
		switch found.tag {
		case 0:
			return -1
		case s.tag:
			return found.rec
		}
	}
}

// add puts rec under hash. There may be others.
func (t *table) add(hash uint64, rec int32) {
	if (t.n+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	t.place(slot{tagOf(hash), rec})
	t.n++
}

func (t *table) place(s slot) {
	i := t.home(s.tag)
	for t.slots[i].tag != 0 {
		i = (i + 1) & t.mask()
	}
	t.slots[i] = s
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, max(1024, 2*len(old)))
	for _, s := range old {
		if s.tag != 0 {
			t.place(s)
		}
	}
}

// remove takes rec out, if it is there.
func (t *table) remove(hash uint64, rec int32) {
	if t.n == 0 {
		return
	}
	gone := slot{tagOf(hash), rec}
	i := t.home(gone.tag)
	for t.slots[i] != gone {
		if t.slots[i].tag == 0 {
			return
		}
		i = (i + 1) & t.mask()
	}
	for j := i; ; {
		j = (j + 1) & t.mask()
		s := t.slots[j]
		if s.tag == 0 {
			break
		}
		if (j-t.home(s.tag))&t.mask() >= (j-i)&t.mask() {
			t.slots[i] = s
			i = j
		}
	}
	t.slots[i] = slot{}
	t.n--
}

// ring remembers the hashes of the last messages that were handed over, so that
// a late line does not begin a message anew.
type ring struct {
	last   [ringSize]uint64
	next   uint16           // place in last
	newest [ringSize]uint16 // by hash: the place of the newest, plus 1
	before [ringSize]uint16 // by place: that of the one before it in newest
}

const ringSize = 8192

func (r *ring) add(hash uint64) {
	newest := &r.newest[hash>>1%ringSize]
	r.last[r.next] = hash
	r.before[r.next] = *newest
	r.next++
	*newest = r.next
	r.next %= ringSize
}

// has reports whether hash was added and is not forgotten. Where a place is newer
// than the one before it, it is another's now, and so are all older ones.
func (r *ring) has(hash uint64) bool {
	age := -1
	for place := r.newest[hash>>1%ringSize]; place != 0; place = r.before[place-1] {
		if r.last[place-1] == hash {
			return true
		}
		a := int((r.next - place) % ringSize)
		if a <= age {
			return false
		}
		age = a
	}
	return false
}

// hashBytes mixes b into seed. Ids are 6 to 23 bytes: overlapping eight-byte
// loads cover them. Whoever finds two ids with the same hash gains a longer
// probe and no more, since find compares the ids themselves.
func hashBytes(seed uint64, b []byte) uint64 {
	const k0, k1 = 0x9E3779B97F4A7C15, 0xE7037ED1A0B428DB
	h := seed ^ uint64(len(b))*k1
	for len(b) > 8 {
		h = mix(h^binary.LittleEndian.Uint64(b), k0)
		b = b[min(8, len(b)-8):]
	}
	var tail uint64
	if len(b) == 8 {
		tail = binary.LittleEndian.Uint64(b)
	} else {
		for i, c := range b {
			tail |= uint64(c) << (8 * i)
		}
	}
	return mix(h^tail, k1) | 1
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// text is a piece of an arena.
type text struct{ off, n uint32 }

func (t text) empty() bool { return t.n == 0 }

// arena holds the texts of one open message end to end, so that a record that is
// used again brings its memory with it.
type arena []byte

// maxArena bounds the texts kept of one message: a hundred long replies and a few
// thousand recipients fit.
const maxArena = 256 << 10

func (a *arena) put(b []byte) text {
	if len(b) == 0 || len(*a)+len(b) > maxArena {
		return text{}
	}
	t := text{uint32(len(*a)), uint32(len(b))}
	*a = append(*a, b...)
	return t
}

func (a arena) get(t text) []byte { return a[t.off : t.off+t.n] }

func (a arena) str(t text) string { return string(a.get(t)) }

// set replaces t by b, in place where it fits.
func (a *arena) set(t *text, b []byte) {
	if bytes.Equal(a.get(*t), b) {
		return
	}
	if uint32(len(b)) <= t.n {
		copy((*a)[t.off:], b)
		t.n = uint32(len(b))
		return
	}
	if p := a.put(b); !p.empty() {
		*t = p
	}
}
