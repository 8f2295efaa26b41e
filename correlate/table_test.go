package correlate

import (
	"math/rand/v2"
	"testing"
)

// The table does what a map does, whatever the order of adding and removing, and
// also when hashes collide.
func TestTableAgainstMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var tab table
	want := map[slot]bool{}
	for range 200_000 {
		s := slot{hash: rnd.Uint64N(500)*1024 | 1, rec: int32(rnd.IntN(4))}
		if want[s] {
			tab.remove(s.hash, s.rec)
			delete(want, s)
		} else {
			tab.add(s.hash, s.rec)
			want[s] = true
		}
		if tab.n != len(want) {
			t.Fatalf("%d entries, want %d", tab.n, len(want))
		}
		q := slot{hash: rnd.Uint64N(500)*1024 | 1, rec: int32(rnd.IntN(4))}
		got, at := tab.next(q.hash, q.hash)
		for got >= 0 && got != q.rec {
			got, at = tab.next(q.hash, at)
		}
		if (got >= 0) != want[q] {
			t.Fatalf("a search for %v ends at %d, want it there: %v", q, got, want[q])
		}
	}
}

func TestHashBytesTellsIDsApart(t *testing.T) {
	seen := map[uint64]string{}
	id := []byte("1wMRwC-0000JS-1Q")
	for i := range 100_000 {
		n := i
		for _, at := range []int{0, 5, 7, 12, 15} {
			id[at] = "0123456789abcdefghij"[n%20]
			n /= 20
		}
		for length := range 17 {
			if length < 16 && i > 0 {
				continue
			}
			h := hashBytes(1, id[:length])
			if other, ok := seen[h]; ok && other != string(id[:length]) {
				t.Fatalf("%q and %q have the hash %x", other, id[:length], h)
			}
			seen[h] = string(id[:length])
		}
	}
}
