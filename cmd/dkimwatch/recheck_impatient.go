package main

import (
	"context"
	"sync"

	"github.com/miekg/dns"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// impatient is a dkim.Resolver that does not wait for a dead server again and
// again: hundreds of keys may be asked for, and each question takes seconds to
// time out. A server is dead if neither the first question nor one for the root,
// which every resolver knows, has had an answer, nor any other question since.
type impatient struct {
	resolver dkim.Resolver

	mu      sync.Mutex
	servers map[string]*server
}

type server struct {
	tried    chan struct{} // closed when the first question is over
	answered bool
	dead     bool
}

// notAgain is the Err of an observation whose server was not asked any more.
const notAgain = "no answer to earlier questions"

// Query implements dkim.Resolver.
func (r *impatient) Query(ctx context.Context, address string, q dkim.Question) dkim.Answer {
	s, first, dead := r.claim(address)
	switch {
	case dead:
		return dkim.Answer{Observation: dkim.Observation{Server: address, Transport: "udp", Name: q.Name, Err: notAgain}}
	case first:
		return r.first(ctx, s, address, q)
	}
	a := r.resolver.Query(ctx, address, q)
	if a.Rcode != "" {
		r.note(s, true)
		return a
	}
	select { // whoever asks next should know
	case <-s.tried:
	case <-ctx.Done():
	}
	return a
}

// claim returns what is known of the server, and whether it is asked for the
// first time.
func (r *impatient) claim(address string) (s *server, first, dead bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s = r.servers[address]
	if s == nil {
		if r.servers == nil {
			r.servers = map[string]*server{}
		}
		s = &server{tried: make(chan struct{})}
		r.servers[address] = s
		return s, true, false
	}
	return s, false, s.dead
}

// first asks a server for q and for the root at the same time.
func (r *impatient) first(ctx context.Context, s *server, address string, q dkim.Question) dkim.Answer {
	defer close(s.tried)
	var probe sync.WaitGroup
	rootCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	knowsRoot := false
	probe.Go(func() {
		knowsRoot = r.resolver.Query(rootCtx, address, dkim.Question{Name: ".", Type: dns.TypeNS}).Rcode != ""
	})
	a := r.resolver.Query(ctx, address, q)
	if a.Rcode != "" {
		cancel()
	}
	probe.Wait()
	answered := a.Rcode != "" || knowsRoot
	if !answered && ctx.Err() != nil {
		r.forget(address) // it had no time to answer
		return a
	}
	r.note(s, answered)
	return a
}

func (r *impatient) forget(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.servers, address)
}

// note keeps what a question has shown of a server.
func (r *impatient) note(s *server, answered bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.answered = s.answered || answered
	s.dead = !s.answered
}
