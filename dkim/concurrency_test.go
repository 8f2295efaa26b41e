package dkim_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/internal/dnstest"
)

// clock is a settable clock.
type clock struct{ since atomic.Int64 }

func (c *clock) Now() time.Time          { return newYear.Add(time.Duration(c.since.Load())) }
func (c *clock) Advance(d time.Duration) { c.since.Add(int64(d)) }

// fake is a Resolver that needs no server.
type fake func(ctx context.Context, server string, q dkim.Question) dkim.Answer

func (f fake) Query(ctx context.Context, server string, q dkim.Question) dkim.Answer {
	return f(ctx, server, q)
}

// observe makes an observation of q.
func observe(server string, q dkim.Question, rcode, err string, ttl time.Duration) dkim.Observation {
	return dkim.Observation{Server: server, Transport: "udp", Name: q.Name, Rcode: rcode, Err: err, TTL: ttl}
}

// keyOf makes the key with the number i.
func keyOf(i int) dkim.KeyName {
	return dkim.KeyName{Selector: "s1", Domain: fmt.Sprintf("example%d.com", i)}
}

func TestCheckCaches(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer     dkim.Answer
		min, max   time.Duration
		size       int
		good, over time.Duration // still cached after good, asked again after over
	}{
		"the TTL": {
			dkim.Answer{Observation: dkim.Observation{Rcode: "NOERROR", TTL: 5 * time.Minute}, Texts: []string{goodRecord}},
			time.Minute, time.Hour, 10, 299 * time.Second, 300 * time.Second,
		},
		"the negative TTL": {
			dkim.Answer{Observation: dkim.Observation{Rcode: "NXDOMAIN", TTL: 2 * time.Minute}},
			time.Minute, time.Hour, 10, 119 * time.Second, 120 * time.Second,
		},
		"at least": {
			dkim.Answer{Observation: dkim.Observation{Rcode: "NOERROR"}, Texts: []string{goodRecord}},
			time.Minute, time.Hour, 10, 59 * time.Second, 60 * time.Second,
		},
		"at most": {
			dkim.Answer{Observation: dkim.Observation{Rcode: "NOERROR", TTL: 1000 * time.Hour}, Texts: []string{goodRecord}},
			time.Minute, time.Hour, 10, time.Hour - 1, time.Hour,
		},
		"a failure shortly": {
			dkim.Answer{Observation: dkim.Observation{Rcode: "SERVFAIL", TTL: time.Hour}},
			time.Minute, time.Hour, 10, 59 * time.Second, 60 * time.Second,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var queries atomic.Int64
			var now clock
			c := newChecker([]string{"192.0.2.1:53"}, nil)
			c.Now, c.MinTTL, c.MaxTTL, c.CacheSize = now.Now, tt.min, tt.max, tt.size
			c.Resolver = fake(func(_ context.Context, server string, q dkim.Question) dkim.Answer {
				if q.Name == "." {
					return dkim.Answer{Observation: observe(server, q, "NOERROR", "", 0)}
				}
				queries.Add(1)
				return tt.answer
			})
			first := c.Check(t.Context(), key)
			now.Advance(tt.good)
			again := c.Check(t.Context(), key)
			if n := queries.Load(); n != 1 || !again.At.Equal(first.At) || again.Status != first.Status {
				t.Errorf("after %v: %d queries, %v at %v, want the cached %v at %v", tt.good, n, again.Status, again.At, first.Status, first.At)
			}
			now.Advance(tt.over - tt.good)
			if again = c.Check(t.Context(), key); queries.Load() != 2 || !again.At.After(first.At) {
				t.Errorf("after %v: %d queries, at %v, want another", tt.over, queries.Load(), again.At)
			}
		})
	}
}

func TestCachedVerdictIsACopy(t *testing.T) {
	t.Parallel()
	z := zoneWith(func(z *dnstest.Zone) {
		z.SetCNAME(owner, "s1.provider.example")
		z.SetTXT("s1.provider.example", goodRecord)
	})
	c := newChecker([]string{dnstest.Serve(t, z)}, nil)
	c.MinTTL, c.MaxTTL, c.CacheSize = time.Minute, time.Minute, 1
	for range 3 {
		v := c.Check(t.Context(), key)
		if v.Chain[0] != "s1.provider.example." || v.Observations[0].Rcode != "NOERROR" {
			t.Fatalf("Check = %+v, changed by its last reader", v)
		}
		v.Chain[0], v.Observations[0].Rcode = "spoilt", "spoilt"
	}
	if n := z.Queries(owner); n != 1 {
		t.Errorf("%d queries, want 1", n)
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	var queries atomic.Int64
	c := newChecker([]string{"192.0.2.1:53"}, nil)
	c.MinTTL, c.MaxTTL, c.CacheSize = time.Hour, time.Hour, 3
	c.Resolver = fake(func(_ context.Context, server string, q dkim.Question) dkim.Answer {
		queries.Add(1)
		return dkim.Answer{Observation: observe(server, q, "NXDOMAIN", "", 0), Zone: "example."}
	})
	for i := range 4 {
		c.Check(t.Context(), keyOf(i))
	}
	for i := 3; i > 0; i-- { // the last three are there
		c.Check(t.Context(), keyOf(i))
	}
	if n := queries.Load(); n != 4 {
		t.Errorf("%d queries, want 4", n)
	}
	c.Check(t.Context(), keyOf(0)) // the first has given way
	if n := queries.Load(); n != 5 {
		t.Errorf("%d queries, want 5", n)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		perMinute, perDomain int
		keys                 func(i int) dkim.KeyName
		let                  int // of ten checks in a minute
	}{
		"all together": {4, 0, keyOf, 4},
		"one domain": {0, 3, func(i int) dkim.KeyName {
			return dkim.KeyName{Selector: fmt.Sprintf("s%d", i), Domain: "example.com"}
		}, 3},
		"subdomains count as their domain": {0, 3, func(i int) dkim.KeyName {
			return dkim.KeyName{Selector: "s1", Domain: fmt.Sprintf("d%d.example.co.uk", i)}
		}, 3},
		"many domains": {0, 3, keyOf, 10},
		"no limit":     {0, 0, keyOf, 10},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var now clock
			c := newChecker([]string{"192.0.2.1:53"}, nil)
			c.Now, c.QueriesPerMinute, c.DomainPerMinute = now.Now, tt.perMinute, tt.perDomain
			c.MinTTL, c.MaxTTL, c.CacheSize = time.Nanosecond, time.Nanosecond, 10
			c.Resolver = fake(func(_ context.Context, server string, q dkim.Question) dkim.Answer {
				return dkim.Answer{Observation: observe(server, q, "NXDOMAIN", "", 0), Zone: "example."}
			})
			for range 2 { // the next minute is like the first
				let := 0
				for i := range 10 {
					v := c.Check(t.Context(), tt.keys(i))
					switch v.Status {
					case dkim.KeyNotFound:
						let++
					case dkim.KeyUnknown:
						if !strings.Contains(v.Detail, "limit of") || v.Fault != dkim.FaultUnknown {
							t.Errorf("Check = %v, %q", v.Fault, v.Detail)
						}
					default:
						t.Errorf("Check = %v, a limit says nothing of the key", v.Status)
					}
					wellFormed(t, dkim.Verdict{Status: v.Status, Confidence: v.Confidence, Detail: v.Detail})
				}
				if let != tt.let {
					t.Errorf("%d of 10 checks were let in, want %d", let, tt.let)
				}
				now.Advance(time.Minute)
			}
		})
	}
}

func TestCheckersShareOneLookup(t *testing.T) {
	t.Parallel()
	z := zoneWith(func(z *dnstest.Zone) { z.SetTXT(owner, goodRecord) })
	c := newChecker([]string{dnstest.Serve(t, z)}, nil)
	c.MinTTL, c.MaxTTL, c.CacheSize = time.Minute, time.Minute, 10
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if v := c.Check(t.Context(), key); v.Status != dkim.KeyValid {
				t.Errorf("Check = %v %q", v.Status, v.Detail)
			}
		})
	}
	all.Wait()
	if n := z.Queries(owner); n != 1 {
		t.Errorf("%d queries for 50 checks at a time, want 1", n)
	}
}

func TestCheckAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var inFlight, most atomic.Int64
		c := newChecker([]string{"192.0.2.1:53"}, nil)
		c.Concurrency = 3
		c.Resolver = fake(func(_ context.Context, server string, q dkim.Question) dkim.Answer {
			if n := inFlight.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer inFlight.Add(-1)
			time.Sleep(time.Second)
			return dkim.Answer{Observation: observe(server, q, "NXDOMAIN", "", 0), Zone: "example."}
		})
		var keys []dkim.KeyName
		for i := range 10 {
			upper := keyOf(i)
			upper.Domain = strings.ToUpper(upper.Domain)
			keys = append(keys, keyOf(i), upper)
		}
		got := make(map[dkim.KeyName]int)
		if err := c.CheckAll(t.Context(), keys, func(v dkim.Verdict) { got[v.Key]++ }); err != nil {
			t.Fatal(err)
		}
		if len(got) != 10 || most.Load() != 3 {
			t.Errorf("%d verdicts, %d at a time, want 10 and 3", len(got), most.Load())
		}
		for key, n := range got {
			if n != 1 {
				t.Errorf("%d verdicts on %v", n, key)
			}
		}
	})
}

// TestCancel runs in a bubble, which ends only when no goroutine is left.
func TestCancel(t *testing.T) {
	t.Parallel()
	hang := fake(func(ctx context.Context, server string, q dkim.Question) dkim.Answer {
		<-ctx.Done()
		return dkim.Answer{Observation: observe(server, q, "", "cancelled", 0)}
	})
	synctest.Test(t, func(t *testing.T) {
		c := newChecker([]string{"192.0.2.1:53", "192.0.2.2:53"}, []string{"192.0.2.3:53"})
		c.Resolver, c.Concurrency, c.Timeout = hang, 1, time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range 6 { // one asks, one waits for its verdict, the others for a slot
			all.Go(func() {
				v := c.Check(ctx, keyOf(i/2))
				if v.Status != dkim.KeyUnknown || !strings.Contains(v.Detail, "interrupted") {
					t.Errorf("Check = %v %q, want unknown", v.Status, v.Detail)
				}
			})
		}
		all.Go(func() {
			err := c.CheckAll(ctx, []dkim.KeyName{keyOf(10), keyOf(11)}, func(v dkim.Verdict) { t.Errorf("found %v", v) })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("CheckAll = %v, want context.Canceled", err)
			}
		})
		synctest.Wait()
		start := time.Now()
		cancel()
		all.Wait()
		if took := time.Since(start); took != 0 {
			t.Errorf("ended %v after the cancellation", took)
		}
		c.Resolver = fake(func(_ context.Context, server string, q dkim.Question) dkim.Answer {
			return dkim.Answer{Observation: observe(server, q, "NXDOMAIN", "", 0), Zone: "example."}
		})
		if v := c.Check(t.Context(), keyOf(0)); v.Status != dkim.KeyNotFound {
			t.Errorf("Check afterwards = %v %q", v.Status, v.Detail)
		}
	})
}

func TestFollowerOutlivesACancelledLeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChecker([]string{"192.0.2.1:53"}, nil)
		c.Resolver = fake(func(ctx context.Context, server string, q dkim.Question) dkim.Answer {
			select {
			case <-ctx.Done():
				return dkim.Answer{Observation: observe(server, q, "", "cancelled", 0)}
			case <-time.After(time.Second):
				return dkim.Answer{Observation: observe(server, q, "NXDOMAIN", "", 0), Zone: "example."}
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		var both sync.WaitGroup
		both.Go(func() { c.Check(ctx, key) })
		synctest.Wait()
		both.Go(func() {
			if v := c.Check(t.Context(), key); v.Status != dkim.KeyNotFound {
				t.Errorf("Check = %v %q, want nxdomain", v.Status, v.Detail)
			}
		})
		synctest.Wait()
		cancel()
		both.Wait()
	})
}

func TestCheckGivesUpInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChecker([]string{"192.0.2.1:53"}, nil)
		c.Timeout = 5 * time.Second
		c.Resolver = fake(func(ctx context.Context, server string, q dkim.Question) dkim.Answer {
			if q.Name == "." {
				return dkim.Answer{Observation: observe(server, q, "NOERROR", "", 0)}
			}
			<-ctx.Done()
			return dkim.Answer{Observation: observe(server, q, "", "timeout", 0)}
		})
		start := time.Now()
		if v := c.Check(t.Context(), key); v.Status != dkim.KeyTimeout {
			t.Errorf("Check = %v %q, want timeout", v.Status, v.Detail)
		}
		if took := time.Since(start); took != c.Timeout {
			t.Errorf("Check took %v, want %v", took, c.Timeout)
		}
	})
}

// TestCancelLeavesNothing uses real sockets, which a bubble cannot hold.
func TestCancelLeavesNothing(t *testing.T) {
	z := zoneWith(func(z *dnstest.Zone) { z.SetSilent(owner) })
	addr := dnstest.Serve(t, z)
	before := runtime.NumGoroutine()
	c := newChecker([]string{addr}, []string{addr})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	if v := c.Check(ctx, key); v.Status != dkim.KeyUnknown {
		t.Errorf("Check = %v %q, want unknown", v.Status, v.Detail)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("Check ended after %v", took)
	}
	for range 500 { // the closing of a socket may lag
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func TestCheckerInARace(t *testing.T) {
	t.Parallel()
	z := zoneWith(func(*dnstest.Zone) {})
	c := newChecker([]string{dnstest.Serve(t, z)}, []string{dnstest.Serve(t, z)})
	c.MinTTL, c.MaxTTL, c.CacheSize, c.Concurrency = time.Nanosecond, time.Nanosecond, 4, 8
	c.QueriesPerMinute, c.DomainPerMinute = 100, 50
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 30 {
				if g == 0 {
					z.SetTXT(keyOf(i%7).String(), goodRecord)
				}
				switch v := c.Check(t.Context(), keyOf((i+g)%7)); v.Status {
				case dkim.KeyValid, dkim.KeyNotFound, dkim.KeyUnknown:
				default:
					t.Errorf("Check = %v %q", v.Status, v.Detail)
				}
			}
		})
	}
	all.Wait()
}
