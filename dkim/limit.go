package dkim

import (
	"fmt"
	"sync"
	"time"
)

// limiter counts queries in windows of one minute. It remembers no domain
// longer than that, so strangers' names cannot make it grow. A check that was
// let in may finish: a window can be overdrawn by the checks in flight.
type limiter struct {
	mu      sync.Mutex
	start   time.Time
	total   int
	domains map[string]int
}

// admit says why a check of domain may not begin now, or returns "". A limit of
// zero is none.
func (l *limiter) admit(now time.Time, domain string, total, perDomain int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(now)
	switch {
	case total > 0 && l.total >= total:
		return fmt.Sprintf("the limit of %d DNS queries a minute is reached", total)
	case perDomain > 0 && l.domains[domain] >= perDomain:
		return fmt.Sprintf("the limit of %d DNS queries a minute for %s is reached", perDomain, domain)
	}
	return ""
}

// spend counts one query.
func (l *limiter) spend(now time.Time, domain string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(now)
	l.total++
	l.domains[domain]++
}

// roll begins a new window if the last one is over, or the clock went back.
func (l *limiter) roll(now time.Time) {
	if age := now.Sub(l.start); l.domains == nil || age < 0 || age >= time.Minute {
		l.start, l.total, l.domains = now, 0, make(map[string]int)
	}
}
