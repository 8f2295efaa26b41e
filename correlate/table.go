package correlate

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// table finds open messages by the hash of who they are. It is an open-addressed
// hash table with linear probing and backward-shift deletion: no tombstones, no
// pointers for the garbage collector to follow, no allocation but to grow.
type table struct {
	slots []slot
	n     int
}

type slot struct {
	hash uint64 // 0 is empty
	rec  int32  // index into the tracker's records
}

func (t *table) mask() uint64 { return uint64(len(t.slots) - 1) }

// next returns a record under hash and the place after it, to go on from, or -1
// if there are no more. A search begins at the place hash.
func (t *table) next(hash, at uint64) (rec int32, after uint64) {
	if t.n == 0 {
		return -1, at
	}
	for {
		s := &t.slots[at&t.mask()]
		at++
		switch s.hash {
		case 0:
			return -1, at
		case hash:
			return s.rec, at
		}
	}
}

// add puts rec under hash, which is not 0 and may be there already.
func (t *table) add(hash uint64, rec int32) {
	if (t.n+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	t.place(slot{hash, rec})
	t.n++
}

func (t *table) place(s slot) {
	i := s.hash & t.mask()
	for t.slots[i].hash != 0 {
		i = (i + 1) & t.mask()
	}
	t.slots[i] = s
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, max(1024, 2*len(old)))
	for _, s := range old {
		if s.hash != 0 {
			t.place(s)
		}
	}
}

// remove takes rec out, if it is there.
func (t *table) remove(hash uint64, rec int32) {
	if t.n == 0 {
		return
	}
	i := hash & t.mask()
	for t.slots[i].hash != hash || t.slots[i].rec != rec {
		if t.slots[i].hash == 0 {
			return
		}
		i = (i + 1) & t.mask()
	}
	for j := i; ; {
		j = (j + 1) & t.mask()
		s := t.slots[j]
		if s.hash == 0 {
			break
		}
		if home := s.hash & t.mask(); (j-home)&t.mask() >= (j-i)&t.mask() {
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
	set  table
	last []uint64
	next int
}

const ringSize = 8192

func (r *ring) add(hash uint64) {
	if r.last == nil {
		r.last = make([]uint64, ringSize)
	}
	if old := r.last[r.next]; old != 0 {
		r.set.remove(old, 0)
	}
	r.last[r.next] = hash
	r.set.add(hash, 0)
	r.next = (r.next + 1) % ringSize
}

func (r *ring) has(hash uint64) bool {
	rec, _ := r.set.next(hash, hash)
	return rec >= 0
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
