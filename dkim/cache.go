package dkim

import (
	"container/list"
	"slices"
	"sync"
	"time"
)

// cache keeps verdicts for their time, and makes callers who want the same key
// at the same time wait for one lookup.
type cache struct {
	mu      sync.Mutex
	entries map[KeyName]*list.Element
	order   list.List                 // of cached, oldest first
	pending map[KeyName]chan struct{} // closed when the lookup is over
}

type cached struct {
	verdict Verdict
	until   time.Time
}

// claim returns the verdict on key that is still good, or a channel to wait on
// until someone else's lookup is over, or neither: then the caller looks the key
// up and calls release.
func (c *cache) claim(key KeyName, now time.Time) (v Verdict, ok bool, wait <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.entries[key]; el != nil {
		if e := el.Value.(cached); now.Before(e.until) {
			return e.verdict.clone(), true, nil
		}
		c.drop(el)
	}
	if done := c.pending[key]; done != nil {
		return Verdict{}, false, done
	}
	if c.pending == nil {
		c.pending = make(map[KeyName]chan struct{})
	}
	c.pending[key] = make(chan struct{})
	return Verdict{}, false, nil
}

// release ends a claim.
func (c *cache) release(key KeyName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.pending[key])
	delete(c.pending, key)
}

// store keeps v, and at most size verdicts: the oldest give way.
func (c *cache) store(v Verdict, until time.Time, size int) {
	if size <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[KeyName]*list.Element)
	}
	for c.order.Len() >= size {
		c.drop(c.order.Front())
	}
	c.entries[v.Key] = c.order.PushBack(cached{v.clone(), until})
}

func (c *cache) drop(el *list.Element) {
	c.order.Remove(el)
	delete(c.entries, el.Value.(cached).verdict.Key)
}

// clone returns a copy of v that shares nothing that can be changed.
func (v Verdict) clone() Verdict {
	v.Chain = slices.Clone(v.Chain)
	v.Observations = slices.Clone(v.Observations)
	return v
}
