package configs

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		change func(*Config)
		want   Fault
	}{
		"host":               {func(c *Config) { c.Host = "mx 1" }, Fault{"host", `"mx 1" is no host name`}},
		"time zone":          {func(c *Config) { c.Timezone = "Europe/Warsw" }, Fault{"timezone", `"Europe/Warsw" is no time zone; write one such as Europe/Warsaw or UTC`}},
		"negative duration":  {func(c *Config) { c.StuckAfter = -time.Minute }, Fault{"stuck_after", "-1m is less than 1s"}},
		"lifetime":           {func(c *Config) { c.QueueLifetime = time.Second }, Fault{"queue_lifetime", "1s is less than 1m"}},
		"messages":           {func(c *Config) { c.MaxOpenMessages = 0 }, Fault{"max_open_messages", "0 is less than 1000"}},
		"line":               {func(c *Config) { c.MaxLineBytes = 1 << 30 }, Fault{"max_line_bytes", "1073741824 is more than 16777216"}},
		"relative path":      {func(c *Config) { c.Sources.Paths = []string{"mainlog"} }, Fault{"sources.paths[0]", `"mainlog" is not an absolute path`}},
		"empty path":         {func(c *Config) { c.Sources.Paths = []string{""} }, Fault{"sources.paths[0]", "is empty"}},
		"path twice":         {func(c *Config) { c.Sources.Paths = []string{"/a", "/b", "/a"} }, Fault{"sources.paths[2]", `"/a" is listed twice, its lines would count double`}},
		"resolver by name":   {func(c *Config) { c.Recheck.Resolvers = []string{"dns.example:53"} }, Fault{"recheck.resolvers[0]", `"dns.example:53" is no IP:port such as 192.0.2.53:53 or [2001:db8::53]:53`}},
		"IPv6 without port":  {func(c *Config) { c.Recheck.Resolvers = []string{"2001:db8::53"} }, Fault{"recheck.resolvers[0]", `"2001:db8::53" has no port; write "[2001:db8::53]:53"`}},
		"port 0":             {func(c *Config) { c.Recheck.Resolvers = []string{"192.0.2.53:0"} }, Fault{"recheck.resolvers[0]", `"192.0.2.53:0" is no IP:port such as 192.0.2.53:53 or [2001:db8::53]:53`}},
		"resolver twice":     {func(c *Config) { c.Recheck.PublicResolvers = []string{"192.0.2.1:53", "192.0.2.1:53"} }, Fault{"recheck.public_resolvers[1]", `"192.0.2.1:53" is listed twice`}},
		"timeout":            {func(c *Config) { c.Recheck.Timeout = 0 }, Fault{"recheck.timeout", "0s is less than 100ms"}},
		"queries":            {func(c *Config) { c.Recheck.QueriesPerMinute = 0 }, Fault{"recheck.queries_per_minute", "0 is less than 1"}},
		"queries per domain": {func(c *Config) { c.Recheck.QueriesPerDomainPerMinute = 0 }, Fault{"recheck.queries_per_domain_per_minute", "0 is less than 1"}},
		"cache":              {func(c *Config) { c.Recheck.MaxCacheTTL = 25 * time.Hour }, Fault{"recheck.max_cache_ttl", "25h is more than 1d"}},
		"store":              {func(c *Config) { c.Store.Path = "history.db" }, Fault{"store.path", `"history.db" is not an absolute path`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := Default()
			tt.change(&c)
			got, _ := errors.AsType[Faults](c.Validate())
			if diff := cmp.Diff(Faults{tt.want}, got); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}
