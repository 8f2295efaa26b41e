package pipeline

import (
	"slices"
	"time"

	"github.com/dkimwatch/dkimwatch/sources"
)

// sameLinesAtLeast is how many lines must agree before two inputs are taken for
// the same log.
const sameLinesAtLeast = 5

// zonesApart is how far a wrong zone can move a log.
const zonesApart = 26 * time.Hour

// withoutDuplicates keeps one of each set of inputs that begin with the same
// lines: the one that goes on for longest, since another may be an older or a
// damaged copy; of equals the one with the finer stamps, else the first.
func withoutDuplicates(list []*candidate) []*candidate {
	same := map[uint64][]*candidate{}
	for _, c := range list {
		if c.said >= sameLinesAtLeast && c.input.Name != sources.Stdin {
			same[c.print] = append(same[c.print], c)
		}
	}
	kept := list[:0]
	for _, c := range list {
		set := slices.DeleteFunc(slices.Clone(same[c.print]), func(other *candidate) bool {
			return c.begin.Sub(other.begin).Abs() > zonesApart
		})
		if len(set) > 1 && c.input.Name != sources.Stdin {
			if best := longest(set); best != c {
				c.stats.Duplicate = best.stats.Name
				continue
			}
		}
		kept = append(kept, c)
	}
	return kept
}

// longest returns the candidate with the most lines.
func longest(set []*candidate) *candidate {
	best := set[0]
	for _, c := range set {
		if c.lines() > best.lines() || c.lines() == best.lines() && c.fine && !best.fine {
			best = c
		}
	}
	return best
}

// lines counts the lines of the whole input, once. It is done for duplicates
// only. What cannot be read to its end has the lines up to there.
func (c *candidate) lines() int64 {
	if c.length > 0 {
		return c.length
	}
	r, err := c.input.Open()
	if err != nil {
		return 0
	}
	defer r.Close()
	for err == nil {
		_, err = r.Next()
	}
	c.length, _ = r.Lines()
	return c.length
}
