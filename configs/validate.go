package configs

import (
	"cmp"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Validate returns all that is wrong with c as Faults, or nil.
func (c Config) Validate() error {
	if fs := c.faults(); len(fs) > 0 {
		return fs.sorted()
	}
	return nil
}

func (c Config) faults() Faults {
	var fs Faults
	checkHost(&fs, "host", c.Host)
	if _, err := time.LoadLocation(c.Timezone); err != nil {
		fs.add("timezone", "%q is no time zone; write one such as Europe/Warsaw or UTC", c.Timezone)
	}
	checkRange(&fs, "stuck_after", c.StuckAfter, time.Second, 30*day)
	if c.QueueLifetime != 0 {
		checkRange(&fs, "queue_lifetime", c.QueueLifetime, time.Minute, 365*day)
	}
	checkRange(&fs, "max_open_messages", c.MaxOpenMessages, 1000, 100_000_000)
	checkRange(&fs, "max_line_bytes", c.MaxLineBytes, 1024, 16<<20)

	for i, path := range c.Sources.Paths {
		key := fmt.Sprintf("sources.paths[%d]", i)
		checkPath(&fs, key, path)
		if slices.Contains(c.Sources.Paths[:i], path) {
			fs.add(key, "%q is listed twice, its lines would count double", path)
		}
	}

	r := c.Recheck
	checkResolvers(&fs, "recheck.resolvers", r.Resolvers)
	checkResolvers(&fs, "recheck.public_resolvers", r.PublicResolvers)
	checkRange(&fs, "recheck.timeout", r.Timeout, 100*time.Millisecond, time.Minute)
	checkRange(&fs, "recheck.queries_per_minute", r.QueriesPerMinute, 1, 100_000)
	checkRange(&fs, "recheck.queries_per_domain_per_minute", r.QueriesPerDomainPerMinute, 1, 100_000)
	checkRange(&fs, "recheck.max_cache_ttl", r.MaxCacheTTL, 0, day)

	if c.Store.Path != "" {
		checkPath(&fs, "store.path", c.Store.Path)
	}
	return fs
}

func checkRange[T cmp.Ordered](fs *Faults, key string, got, least, most T) {
	switch {
	case got < least:
		fs.add(key, "%s is less than %s", show(got), show(least))
	case got > most:
		fs.add(key, "%s is more than %s", show(got), show(most))
	}
}

// checkHost lets through what may stand as a host name in a log: letters,
// digits, '.', '-', '_', and ':' for an address.
func checkHost(fs *Faults, key, host string) {
	strange := func(r rune) bool {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return false
		}
		return !strings.ContainsRune(".-_:", r)
	}
	if len(host) > 253 || strings.ContainsFunc(host, strange) {
		fs.add(key, "%q is no host name", host)
	}
}

func checkPath(fs *Faults, key, path string) {
	switch {
	case path == "":
		fs.add(key, "is empty")
	case !filepath.IsAbs(path):
		fs.add(key, "%q is not an absolute path", path)
	}
}

func checkResolvers(fs *Faults, key string, list []string) {
	for i, s := range list {
		key := fmt.Sprintf("%s[%d]", key, i)
		server, err := netip.ParseAddrPort(s)
		switch ip, ipErr := netip.ParseAddr(s); {
		case ipErr == nil:
			fs.add(key, "%q has no port; write %q", s, netip.AddrPortFrom(ip, 53))
		case err != nil, server.Port() == 0:
			fs.add(key, "%q is no IP:port such as 192.0.2.53:53 or [2001:db8::53]:53", s)
		case slices.Contains(list[:i], s):
			fs.add(key, "%q is listed twice", s)
		}
	}
}

// show writes a value of a setting as it would stand in a message.
func show(value any) string {
	switch v := value.(type) {
	case time.Duration:
		return formatDuration(v)
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(value)
}
