package dkim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// ednsSize is the UDP answer we ask for: it passes everywhere without
// fragments, and holds every key of up to 4096 bits.
const ednsSize = 1232

// Client is a Resolver that speaks DNS: over UDP with EDNS, over TCP if the UDP
// answer is truncated (RFC 7766 §5), without EDNS if the server cannot take it
// (RFC 6891 §7). Each query has its own port and random id. It does not try
// again, nor elsewhere: that is the caller's.
//
// The zero Client is ready. A Client is safe for concurrent use.
type Client struct {
	Timeout time.Duration // of one exchange; zero means 3 s
}

// Query asks server, a host:port, with recursion desired. The observation's
// Rcode is empty if no usable answer came, and Err then says why.
func (c *Client) Query(ctx context.Context, server string, q Question) Answer {
	a := Answer{Observation: Observation{Server: server, Transport: "udp", Name: q.Name}}

	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(q.Name), q.Type)
	m.SetEdns0(ednsSize, true) // DO: some resolvers explain their errors only then
	r, err := c.exchange(ctx, &a, m)
	if err == nil && rejectsEDNS(r) {
		m.Extra = nil
		m.Id = dns.Id()
		r, err = c.exchange(ctx, &a, m)
	}
	if err == nil && r.Truncated {
		a.Truncated, a.Transport = true, "tcp"
		m.Id = dns.Id()
		r, err = c.exchange(ctx, &a, m)
	}
	if err != nil {
		a.Err = describe(ctx, err)
		return a
	}
	a.read(r, q)
	return a
}

func rejectsEDNS(r *dns.Msg) bool {
	code := rcode(r)
	return code == dns.RcodeFormatError || code == dns.RcodeNotImplemented || code == dns.RcodeBadVers
}

// exchange sends m over a.Transport and returns an answer to m.
func (c *Client) exchange(ctx context.Context, a *Answer, m *dns.Msg) (*dns.Msg, error) {
	client := dns.Client{Net: a.Transport, Timeout: c.Timeout}
	if client.Timeout == 0 {
		client.Timeout = 3 * time.Second
	}
	conn, err := client.DialContext(ctx, a.Server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() }) // a read heeds only deadlines
	defer stop()

	r, rtt, err := client.ExchangeWithConnContext(ctx, m, conn)
	a.RTT += rtt
	if err != nil {
		if r != nil && r.Id == m.Id && r.Truncated && answers(r, m) {
			return r, nil // cut in the middle of a record: TCP has the whole
		}
		return nil, err
	}
	if !answers(r, m) {
		return nil, errOtherQuestion
	}
	return r, nil
}

var errOtherQuestion = errors.New("answer to another question")

// answers reports whether r is a response to m. Servers that could not read the
// question, or will not, may leave it out.
func answers(r, m *dns.Msg) bool {
	if !r.Response || r.Opcode != m.Opcode {
		return false
	}
	if len(r.Question) == 0 {
		return r.Rcode != dns.RcodeSuccess && r.Rcode != dns.RcodeNameError
	}
	q, want := r.Question[0], m.Question[0]
	return len(r.Question) == 1 && q.Qtype == want.Qtype && q.Qclass == want.Qclass && strings.EqualFold(q.Name, want.Name)
}

// errTimeout is the Err of an observation whose server may answer when asked
// again.
const errTimeout = "timeout"

// describe gives an error of an exchange the words of Observation.Err.
func describe(ctx context.Context, err error) string {
	netErr, isNet := errors.AsType[net.Error](err)
	_, isDNS := errors.AsType[*dns.Error](err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return "cancelled"
	case ctx.Err() != nil, isNet && netErr.Timeout():
		return errTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ENETUNREACH):
		return "network unreachable"
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "host unreachable"
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return "not permitted"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "connection closed"
	case errors.Is(err, errOtherQuestion):
		return err.Error()
	case isDNS:
		return "malformed answer"
	}
	return fmt.Sprintf("no answer: %v", err)
}
