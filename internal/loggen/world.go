package loggen

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// world is who writes to whom.
type world struct {
	senders []signer // by how much they send
	broken  []signer // whose keys cannot be had
	ours    []string
}

// signer is a domain that signs with one selector.
type signer struct {
	domain, selector string
	fault            fault
}

// fault is what is wrong with a key.
type fault uint8

const (
	faultNone    fault = iota
	faultMissing       // NXDOMAIN
	faultDNS           // SERVFAIL, time-out
	faultRecord        // no key record
)

var (
	words     = []string{"alpha", "north", "delta", "river", "stone", "cloud", "byte", "metro", "global", "prime", "first", "blue", "green", "fast", "open", "data", "soft", "mail"}
	tlds      = []string{"example", "example.com", "example.net", "example.org"}
	selectors = []string{"s1", "s2", "selector1", "selector2", "default", "google", "k1", "mail", "20230601", "dkim", "sig1", "zendesk1"}
	locals    = []string{"anna", "bob", "carol.smith", "d.miller", "eve", "frank", "newsletter", "no-reply", "bounce-12345", "info", "support", "billing", "sales", "orders", "root", "webmaster", "kim.larsen", "juergen"}
	ciphers   = []string{"TLS1.3:TLS_AES_256_GCM_SHA384:256", "TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256", "TLS1.3:TLS_CHACHA20_POLY1305_SHA256:256"}
)

const (
	senderDomains = 3000
	brokenDomains = 40
)

func newWorld(rng *rand.Rand) world {
	w := world{ours: []string{"example.org", "example.net", "mail.example", "shop.example"}}
	name := func(i int) signer {
		return signer{
			domain:   words[rng.IntN(len(words))] + words[rng.IntN(len(words))] + strconv.Itoa(i) + "." + tlds[rng.IntN(len(tlds))],
			selector: selectors[rng.IntN(len(selectors))],
		}
	}
	for i := range senderDomains {
		w.senders = append(w.senders, name(i))
	}
	for i := range brokenDomains {
		s := name(senderDomains + i)
		s.fault = []fault{faultMissing, faultMissing, faultDNS, faultRecord}[i%4]
		w.broken = append(w.broken, s)
	}
	return w
}

// pick returns one of list.
func (g *generator) pick(list []string) string { return list[g.rng.IntN(len(list))] }

// sender returns one of many senders; few of them send most of the mail.
func (g *generator) sender() signer { return skewed(g.rng, g.world.senders) }

// brokenSender returns a sender whose key cannot be had.
func (g *generator) brokenSender() signer { return skewed(g.rng, g.world.broken) }

func skewed(rng *rand.Rand, list []signer) signer {
	f := rng.Float64()
	return list[int(f*f*f*float64(len(list)))]
}

// ip returns an address.
func (g *generator) ip() string {
	if g.rng.IntN(12) == 0 {
		return fmt.Sprintf("2001:db8:%x:%x::%x", g.rng.IntN(65536), g.rng.IntN(65536), 1+g.rng.IntN(65535))
	}
	return fmt.Sprintf("198.%d.%d.%d", 18+g.rng.IntN(2), g.rng.IntN(256), 1+g.rng.IntN(254))
}

func (g *generator) port() int { return 20000 + g.rng.IntN(40000) }

func (g *generator) size() int { return 800 + int(g.rng.ExpFloat64()*30000) }

// recipients returns some addresses at domain, mostly one.
func (g *generator) recipients(domain string) []string {
	n := 1
	if g.rng.IntN(8) == 0 {
		n = 2 + g.rng.IntN(4)
	}
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s%d@%s", g.pick(locals), i, domain)
	}
	return list
}

// messageID returns a Message-ID without <>.
func (g *generator) messageID(domain string) string {
	return fmt.Sprintf("%08x.%08x@%s", g.rng.Uint32(), g.rng.Uint32(), domain)
}

const base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// base62 writes v with n digits, dropping what does not fit.
func base62(v uint64, n int) string {
	var b [16]byte
	for i := n - 1; i >= 0; i-- {
		b[i] = base62Digits[v%62]
		v /= 62
	}
	return string(b[:n])
}
