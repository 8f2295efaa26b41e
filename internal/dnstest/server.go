package dnstest

import (
	"errors"
	"fmt"
	"net"

	"github.com/miekg/dns"
)

// Server is a DNS server on 127.0.0.1, for UDP and TCP on one port.
type Server struct {
	Addr string // host:port

	udp, tcp *dns.Server
	done     chan error // one result of each listener
}

// Start serves h until Close. The port is free for both UDP and TCP, and both
// answer when Start returns.
func Start(h dns.Handler) (*Server, error) {
	pc, ln, err := listen()
	if err != nil {
		return nil, err
	}
	s := &Server{
		Addr: pc.LocalAddr().String(),
		udp:  &dns.Server{PacketConn: pc, Handler: h},
		tcp:  &dns.Server{Listener: ln, Handler: h},
		done: make(chan error, 2),
	}
	started := make(chan struct{}, 2)
	for _, srv := range []*dns.Server{s.udp, s.tcp} {
		srv.NotifyStartedFunc = func() { started <- struct{}{} }
		go func() { s.done <- srv.ActivateAndServe() }()
	}
	for range 2 {
		select {
		case <-started:
		case err := <-s.done:
			return nil, errors.Join(fmt.Errorf("serve DNS on %s: %w", s.Addr, err), pc.Close(), ln.Close())
		}
	}
	return s, nil
}

// Close stops the server and waits until no handler runs.
func (s *Server) Close() error {
	return errors.Join(s.udp.Shutdown(), s.tcp.Shutdown(), <-s.done, <-s.done)
}

// listen finds a port that is free for UDP and TCP. Another process may hold
// the TCP port of a UDP port that the system chose, so it tries a few.
func listen() (net.PacketConn, net.Listener, error) {
	var faults []error
	for range 10 {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, fmt.Errorf("listen on loopback: %w", err)
		}
		ln, err := net.Listen("tcp", pc.LocalAddr().String())
		if err == nil {
			return pc, ln, nil
		}
		faults = append(faults, err, pc.Close())
	}
	return nil, nil, fmt.Errorf("listen on loopback: %w", errors.Join(faults...))
}

// TB is what Serve needs of a testing.TB; with it the package does without
// importing testing.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Serve starts a server for h that is closed when the test ends, and returns
// its host:port.
func Serve(t TB, h dns.Handler) (addr string) {
	t.Helper()
	s, err := Start(h)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the DNS server on %s: %v", s.Addr, err)
		}
	})
	return s.Addr
}
