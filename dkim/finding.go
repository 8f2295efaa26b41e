package dkim

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// finding is what one group of resolvers makes of a key.
type finding struct {
	status KeyStatus
	detail string        // a sentence without its full stop
	notes  []string      // what else is worth telling, each a clause
	weak   bool          // the answer is less certain than its kind usually is
	record string        // the TXT record judged
	chain  []string      // CNAME targets
	ttl    time.Duration // of the record, or of its absence
	server string        // that answered, or did not
	ours   bool          // the trouble is between us and the resolver
	circle bool          // the chain never ends
}

// judge says what a trail means for the key of that name. It does not know yet
// whether the resolvers can reach DNS at all.
func judge(name string, t trail) finding {
	f := finding{chain: t.chain, ttl: t.last.TTL, server: t.last.Server}
	name = strings.TrimSuffix(name, ".")
	end := name
	if len(t.chain) > 0 {
		end = strings.TrimSuffix(t.chain[len(t.chain)-1], ".")
	}
	switch {
	case t.circle, t.tooLong:
		f.status, f.circle = KeyDangling, true
		f.detail = fmt.Sprintf("%s is an alias that leads in a circle, by way of %s", name, end)
		if t.tooLong {
			f.detail = fmt.Sprintf("%s leads through more than %d aliases, as far as %s", name, maxHops, end)
		}
	case !t.last.answered():
		f.noAnswer(name, &t.last)
	case t.last.Filtered:
		f.status, f.ours = KeyRefused, true
		f.detail = fmt.Sprintf("the resolver %s withholds the answer for %s (EDE %s)", f.server, name, t.last.EDE)
	case len(t.last.Texts) > 0 && t.last.Rcode == "NOERROR":
		f.judgeTexts(name, t.last.Texts)
	case t.last.Rcode == "NOERROR" || t.last.Rcode == "NXDOMAIN":
		f.absent(name, end, &t.last)
	case t.last.Rcode == "SERVFAIL":
		f.status = KeyServFail
		f.detail = fmt.Sprintf("the resolver %s cannot get an answer for %s (SERVFAIL%s)", f.server, end, ede(&t.last))
	default:
		f.status = KeyRefused
		f.detail = fmt.Sprintf("the resolver %s refuses to answer for %s (%s%s)", f.server, end, t.last.Rcode, ede(&t.last))
	}
	return f
}

func ede(a *Answer) string {
	if a.EDE == "" {
		return ""
	}
	return ", EDE " + a.EDE
}

// noAnswer judges a server's silence.
func (f *finding) noAnswer(name string, a *Answer) {
	f.status = KeyTimeout
	f.detail = fmt.Sprintf("the resolver %s gives no answer for %s (%s)", f.server, name, a.Err)
	if a.Truncated {
		f.ours = true
		f.detail = fmt.Sprintf("the answer for %s is too long for UDP, and the resolver %s does not give it over TCP (%s)", name, f.server, a.Err)
	}
}

// absent judges a name without TXT records. Behind an alias the absence is the
// target's (RFC 6604 §3).
func (f *finding) absent(name, end string, a *Answer) {
	switch {
	case len(f.chain) > 0:
		f.status = KeyDangling
		lack := "has no TXT record"
		if a.Rcode == "NXDOMAIN" {
			lack = "does not exist"
		}
		f.detail = fmt.Sprintf("%s is an alias of %s, which %s", name, end, lack)
	case a.Rcode == "NXDOMAIN":
		f.status = KeyNotFound
		f.detail = fmt.Sprintf("no key is published: the name %s does not exist (NXDOMAIN)", name)
	default:
		f.status = KeyNoData
		f.detail = fmt.Sprintf("no key is published: the name %s exists, but has no TXT record", name)
	}
	f.weak = a.Zone == ""
}

// judgeTexts judges the TXT records of a name. One key record among others is
// taken: verifiers differ there, but most find it.
func (f *finding) judgeTexts(name string, texts []string) {
	var keys, others []string
	for _, txt := range texts {
		if looksLikeKey(txt) {
			keys = append(keys, txt)
		} else {
			others = append(others, txt)
		}
	}
	switch len(keys) {
	case 0:
		f.status, f.record = KeyMalformed, texts[0]
		f.detail = fmt.Sprintf("the TXT record at %s is not a DKIM key record: %s", name, excerpt(texts[0]))
		return
	case 1:
		f.judgeRecord(name, keys[0])
	default:
		f.status, f.record = KeyAmbiguous, keys[0]
		f.detail = fmt.Sprintf("%d key records stand at %s, where only one may", len(keys), name)
	}
	if len(others) > 0 {
		f.notes = append(f.notes, fmt.Sprintf("another TXT record stands beside it, %s, which some verifiers stumble over", excerpt(others[0])))
	}
}

// judgeRecord judges the only key record of a name.
func (f *finding) judgeRecord(name, txt string) {
	f.record = txt
	rec, err := ParseKeyRecord(txt)
	switch {
	case err == nil && rec.PKCS1: // RFC 6376 erratum 3017: few read it
		f.status = KeyMalformed
		f.detail = fmt.Sprintf("the record at %s holds a bare PKCS#1 key, which Exim, OpenDKIM and Rspamd cannot read: it should be a SubjectPublicKeyInfo", name)
	case err == nil:
		f.status = KeyValid
		f.detail = fmt.Sprintf("the key is published and usable (%s, %d bits)", rec.Type, rec.Bits)
	case errors.Is(err, ErrKeyRevoked):
		f.status = KeyRevoked
		f.detail = fmt.Sprintf("the key at %s is revoked: its p= is empty", name)
	case errors.Is(err, ErrKeyWeak):
		f.status = KeyWeak
		f.detail = fmt.Sprintf("the key at %s is too weak, it has %d bits: %v", name, rec.Bits, ErrKeyWeak)
	default:
		f.status = KeyMalformed
		f.detail = fmt.Sprintf("the record at %s is unusable: %v", name, err)
		if errors.Is(err, ErrPrivateKey) {
			f.record = "(withheld: it contains a private key)"
		}
	}
}
