package dkim

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Checker looks keys up and says what is wrong with them, and whose fault it
// is. It asks two groups of resolvers, those of this host and public ones, and
// within a group one server after the other. It sends queries to no other
// address.
//
// Resolver, Now and one of System and Public must be set. The fields must not
// be changed once it is in use; it is then safe for concurrent use, and must not
// be copied.
type Checker struct {
	Resolver Resolver
	System   []string         // host:port of this host's resolvers, in their order
	Public   []string         // host:port of independent resolvers, in order of preference
	Now      func() time.Time // the wall clock

	Timeout     time.Duration // of one check, and once more of the probe after a failure; zero means 20 s
	Concurrency int           // checks at a time; zero means 4

	QueriesPerMinute int // to all servers; zero means no limit
	DomainPerMinute  int // the same for the keys below one registered domain

	// A verdict is kept for its TTL, but at least MinTTL and at most MaxTTL; one
	// whose status is temporary for MinTTL.
	MinTTL, MaxTTL time.Duration
	CacheSize      int // verdicts kept; zero means none

	once   sync.Once
	slots  chan struct{}
	limits limiter
	cache  cache
}

// Check returns the verdict on key: one that is cached and still good, whose At
// is then in the past, or a new one. Callers that want the same key at the same
// time share one lookup.
//
// A verdict with KeyUnknown says nothing about the key: a limit is reached, or
// ctx has ended; Detail says which. Check returns soon after ctx ends, and
// leaves nothing running.
func (c *Checker) Check(ctx context.Context, key KeyName) Verdict {
	key = key.Canonical()
	if err := key.Check(); err != nil {
		return Verdict{
			Key: key, Status: KeyNameInvalid, Fault: FaultSenderMailer, Confidence: "high", At: c.Now().UTC(),
			Detail: sentence("the signature names a key that cannot exist in DNS: " + err.Error()),
		}
	}
	for {
		v, ok, wait := c.cache.claim(key, c.Now())
		if ok {
			return v
		}
		if wait == nil {
			defer c.cache.release(key)
			return c.checkNow(ctx, key)
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return c.notAsked(key, interrupted)
		}
	}
}

const interrupted = "the check was interrupted"

// notAsked is the verdict that says nothing.
func (c *Checker) notAsked(key KeyName, why string) Verdict {
	return Verdict{Key: key, At: c.Now().UTC(), Detail: sentence("the key was not looked up: " + why)}
}

// checkNow looks key up when there is a slot for it, and keeps the verdict.
func (c *Checker) checkNow(ctx context.Context, key KeyName) Verdict {
	c.once.Do(func() { c.slots = make(chan struct{}, c.concurrency()) })
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return c.notAsked(key, interrupted)
	}
	if why := c.limits.admit(c.Now(), registered(key.Domain), c.QueriesPerMinute, c.DomainPerMinute); why != "" {
		return c.notAsked(key, why)
	}

	var system, public group
	var both sync.WaitGroup
	both.Go(func() { system = c.consult(ctx, c.System, key) })
	both.Go(func() { public = c.consult(ctx, c.Public, key) })
	both.Wait()
	if ctx.Err() != nil {
		return c.notAsked(key, interrupted)
	}

	v := settle(key, system.finding, public.finding)
	v.At = c.Now().UTC()
	v.Observations = append(system.observations, public.observations...)
	ttl := c.MinTTL
	if !v.Status.Temporary() {
		ttl = max(ttl, v.TTL)
	}
	c.cache.store(v, v.At.Add(min(ttl, c.MaxTTL)), c.CacheSize)
	return v
}

func (c *Checker) concurrency() int {
	if c.Concurrency <= 0 {
		return 4
	}
	return c.Concurrency
}

// group is what one group of resolvers found, nil if it has none, and how.
type group struct {
	finding      *finding
	observations []Observation
}

// consult looks key up at one group of resolvers. If they fail, and have
// answered nothing else, or deny the name without the SOA that RFC 2308 §3 asks
// for, a probe tells whether that is the key's doing: a resolver that does not
// know the root either knows nothing of any key. Closed networks have resolvers
// that deny every name but a few.
func (c *Checker) consult(ctx context.Context, servers []string, key KeyName) group {
	if len(servers) == 0 {
		return group{}
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 20 * time.Second
	}
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	t := c.lookup(within, servers, key)
	f := judge(key.String(), t)
	failed := f.status.Temporary() && !t.heard && !t.last.Filtered
	denied := f.status == KeyNotFound && f.weak
	if (failed || denied) && ctx.Err() == nil {
		within, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		if !c.reachable(within, servers, &t) {
			f.status = KeyUnreachable
			if denied {
				f.detail = fmt.Sprintf("the resolver %s denies every name, the root of DNS too", f.server)
			}
		}
	}
	return group{&f, t.all}
}
