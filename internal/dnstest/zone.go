package dnstest

import (
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Zone is a dns.Handler that answers as a recursive resolver would for a world
// that holds only the names given to it: every other name is NXDOMAIN, but the
// root, which has a name server, and names above a given one, which are NODATA.
// It may be changed while it serves, from any goroutine.
type Zone struct {
	mu      sync.Mutex
	names   map[string]entry
	ttl     time.Duration
	negTTL  time.Duration
	oneHop  bool
	queries map[string]int
}

// entry is what a name answers. The zero entry is NODATA.
type entry struct {
	records   [][]string // TXT records, each a list of strings
	cname     string
	rcode     int
	silent    bool
	truncated bool
	ede       *dns.EDNS0_EDE
}

// NewZone returns a Zone without names; its TTLs are five minutes.
func NewZone() *Zone {
	return &Zone{
		names:   make(map[string]entry),
		queries: make(map[string]int),
		ttl:     5 * time.Minute,
		negTTL:  5 * time.Minute,
	}
}

// SetTTL sets the TTL of records, and of denials (RFC 2308 §5).
func (z *Zone) SetTTL(positive, negative time.Duration) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.ttl, z.negTTL = positive, negative
}

// SetOneHop makes the zone answer a CNAME alone, without following it.
func (z *Zone) SetOneHop(on bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.oneHop = on
}

// SetTXT gives name these TXT records, each in strings of 255 bytes.
func (z *Zone) SetTXT(name string, records ...string) {
	var split [][]string
	for _, r := range records {
		var parts []string
		for len(r) > 255 {
			parts, r = append(parts, r[:255]), r[255:]
		}
		split = append(split, append(parts, r))
	}
	z.set(name, entry{records: split})
}

// SetStrings gives name one TXT record made of exactly these strings.
func (z *Zone) SetStrings(name string, parts ...string) {
	z.set(name, entry{records: [][]string{slices.Clone(parts)}})
}

// SetCNAME makes name an alias of target.
func (z *Zone) SetCNAME(name, target string) { z.set(name, entry{cname: canonical(target)}) }

// SetNoData makes name exist without a TXT record.
func (z *Zone) SetNoData(name string) { z.set(name, entry{}) }

// SetRcode answers queries for name with an error, such as dns.RcodeServerFailure.
func (z *Zone) SetRcode(name string, rcode int) { z.set(name, entry{rcode: rcode}) }

// SetSilent leaves queries for name without an answer.
func (z *Zone) SetSilent(name string) { z.set(name, entry{silent: true}) }

// Truncate makes the zone answer for name over UDP with nothing but the TC bit.
// What it answers over TCP stays.
func (z *Zone) Truncate(name string) { z.change(name, func(e *entry) { e.truncated = true }) }

// SetEDE adds an Extended DNS Error (RFC 8914) to the answers for name.
func (z *Zone) SetEDE(name string, code uint16, text string) {
	z.change(name, func(e *entry) { e.ede = &dns.EDNS0_EDE{InfoCode: code, ExtraText: text} })
}

// Remove makes name NXDOMAIN again.
func (z *Zone) Remove(name string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	delete(z.names, canonical(name))
}

// Queries returns how many queries for name have come, of any type and over
// either transport.
func (z *Zone) Queries(name string) int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.queries[canonical(name)]
}

func (z *Zone) set(name string, e entry) {
	z.change(name, func(old *entry) { *old = e })
}

func (z *Zone) change(name string, f func(*entry)) {
	z.mu.Lock()
	defer z.mu.Unlock()
	e := z.names[canonical(name)]
	f(&e)
	z.names[canonical(name)] = e
}

func canonical(name string) string { return dns.CanonicalName(name) }
