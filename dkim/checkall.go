package dkim

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// CheckAll checks each of keys once, as many at a time as Concurrency allows,
// and hands each verdict to found as it comes, one at a time. It returns when
// all are done, or soon after ctx ends, with its error; verdicts that the end of
// ctx cut short are not handed out.
func (c *Checker) CheckAll(ctx context.Context, keys []KeyName, found func(Verdict)) error {
	var mu sync.Mutex
	var work errgroup.Group
	work.SetLimit(c.concurrency())
	seen := make(map[KeyName]bool, len(keys))
	for _, key := range keys {
		key = key.Canonical()
		if seen[key] {
			continue
		}
		seen[key] = true
		if ctx.Err() != nil {
			break
		}
		work.Go(func() error {
			v := c.Check(ctx, key)
			mu.Lock()
			defer mu.Unlock()
			if ctx.Err() == nil || v.Status != KeyUnknown {
				found(v)
			}
			return nil
		})
	}
	_ = work.Wait() // no function returns an error
	return ctx.Err()
}
