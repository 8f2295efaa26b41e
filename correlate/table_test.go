package correlate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The table does what a map does, whatever the order of adding and removing, and
// also when hashes collide.
func TestTableAgainstMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var tab table
	type entry struct {
		hash uint64
		rec  int32
	}
	random := func() entry { return entry{rnd.Uint64N(500) << 42, int32(rnd.IntN(4))} }
	want := map[entry]bool{}
	for range 200_000 {
		s := random()
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
		q := random()
		at := tab.search(q.hash)
		got := tab.next(&at)
		for got >= 0 && got != q.rec {
			got = tab.next(&at)
		}
		if (got >= 0) != want[q] {
			t.Fatalf("a search for %v ends at %d, want it there: %v", q, got, want[q])
		}
	}
}

// The ring knows the last hashes, also where many are alike, and no others.
func TestRingKnowsTheLast(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var r ring
	var all []uint64
	for range 5 * ringSize {
		hash := rnd.Uint64N(4000)<<13 | rnd.Uint64N(8) | 1
		known := slices.Contains(all[max(0, len(all)-ringSize):], hash)
		if got := r.has(hash); got != known {
			t.Fatalf("after %d, has(%x) = %v", len(all), hash, got)
		}
		r.add(hash)
		all = append(all, hash)
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
