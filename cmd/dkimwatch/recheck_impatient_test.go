package main

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// slowResolver answers after a while, or lets the time pass.
type slowResolver struct {
	answers func(server string, q dkim.Question) bool

	mu    sync.Mutex
	asked map[string]int
}

func (r *slowResolver) Query(ctx context.Context, server string, q dkim.Question) dkim.Answer {
	r.mu.Lock()
	r.asked[server]++
	r.mu.Unlock()
	a := dkim.Answer{Observation: dkim.Observation{Server: server, Name: q.Name}}
	wait := 5 * time.Second
	if r.answers(server, q) {
		wait = 10 * time.Millisecond
	}
	select {
	case <-ctx.Done():
		a.Err = "cancelled"
	case <-time.After(wait):
		if a.Err = "timeout"; r.answers(server, q) {
			a.Rcode, a.Err = "NOERROR", ""
		}
	}
	return a
}

func TestImpatient(t *testing.T) {
	key := dkim.Question{Name: "s._domainkey.example.com.", Type: 16}
	tests := map[string]struct {
		answers func(server string, q dkim.Question) bool
		asked   int           // queries that reach the server, of three and one for the root
		took    time.Duration // all of them
	}{
		"alive":             {func(string, dkim.Question) bool { return true }, 4, 30 * time.Millisecond},
		"dead":              {func(string, dkim.Question) bool { return false }, 2, 5 * time.Second},
		"slow for one zone": {func(_ string, q dkim.Question) bool { return q.Name == "." }, 4, 15 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := &slowResolver{answers: tt.answers, asked: map[string]int{}}
				r := &impatient{resolver: slow}
				begin := time.Now()
				for range 3 {
					r.Query(t.Context(), "192.0.2.53:53", key)
				}
				if took := time.Since(begin); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if n := slow.asked["192.0.2.53:53"]; n != tt.asked {
					t.Errorf("%d queries were sent, want %d", n, tt.asked)
				}
			})
		})
	}
}

// Many questions at once wait for a dead server once, all at the same time.
func TestImpatientConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &impatient{resolver: &slowResolver{answers: func(string, dkim.Question) bool { return false }, asked: map[string]int{}}}
		begin := time.Now()
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for range 2 {
					r.Query(t.Context(), "192.0.2.53:53", dkim.Question{Name: "s._domainkey.example.com.", Type: 16})
				}
			})
		}
		all.Wait()
		if took := time.Since(begin); took != 5*time.Second {
			t.Errorf("took %v, want 5s", took)
		}
	})
}

// A question that had no time to be answered proves nothing.
func TestImpatientCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowResolver{answers: func(string, dkim.Question) bool { return true }, asked: map[string]int{}}
		r := &impatient{resolver: slow}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		q := dkim.Question{Name: "s._domainkey.example.com.", Type: 16}
		r.Query(ctx, "192.0.2.53:53", q)
		if a := r.Query(t.Context(), "192.0.2.53:53", q); a.Rcode == "" {
			t.Errorf("the server is not asked again: %q", a.Err)
		}
	})
}
