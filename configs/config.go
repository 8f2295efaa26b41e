package configs

import "time"

// Config is every setting of the program. Keys are the mapstructure names,
// joined with dots: recheck.timeout. The zero Config is not valid; begin with
// Default.
type Config struct {
	Host            string        `mapstructure:"host"`              // for lines that name none; "" is this machine's name
	Timezone        string        `mapstructure:"timezone"`          // for stamps without a zone; "" is found out from the log, else local
	StuckAfter      time.Duration `mapstructure:"stuck_after"`       // undelivered for so long is stuck
	QueueLifetime   time.Duration `mapstructure:"queue_lifetime"`    // until a message bounces; 0 asks the MTA
	MaxOpenMessages int           `mapstructure:"max_open_messages"` // followed at a time
	MaxLineBytes    int           `mapstructure:"max_line_bytes"`    // kept of a line
	Sources         Sources       `mapstructure:"sources"`
	Recheck         Recheck       `mapstructure:"recheck"`
	Store           Store         `mapstructure:"store"`
}

// Sources says where log lines come from.
type Sources struct {
	Paths []string `mapstructure:"paths"` // absolute; none means the usual places
}

// Recheck says how keys are asked for again in DNS.
type Recheck struct {
	Enabled                   bool          `mapstructure:"enabled"`
	Resolvers                 []string      `mapstructure:"resolvers"`        // IP:port; none means those of /etc/resolv.conf
	PublicResolvers           []string      `mapstructure:"public_resolvers"` // IP:port; none asks no outsider
	Timeout                   time.Duration `mapstructure:"timeout"`          // of one query
	QueriesPerMinute          int           `mapstructure:"queries_per_minute"`
	QueriesPerDomainPerMinute int           `mapstructure:"queries_per_domain_per_minute"`
	MaxCacheTTL               time.Duration `mapstructure:"max_cache_ttl"` // an answer is believed at most so long; 0 always asks
}

// Store says where history is kept.
type Store struct {
	Path string `mapstructure:"path"` // absolute; "" is /var/lib/dkimwatch/history.db if it can be written, else the user's state directory
}

// Default returns the configuration that holds where nothing else is said.
func Default() Config {
	return Config{
		StuckAfter:      10 * time.Minute,
		MaxOpenMessages: 1_000_000,
		MaxLineBytes:    64 << 10,
		Sources:         Sources{Paths: []string{}},
		Recheck: Recheck{
			Enabled:                   true,
			Resolvers:                 []string{},
			PublicResolvers:           []string{"1.1.1.1:53", "8.8.8.8:53", "9.9.9.9:53"},
			Timeout:                   5 * time.Second,
			QueriesPerMinute:          600,
			QueriesPerDomainPerMinute: 60,
			MaxCacheTTL:               time.Hour,
		},
	}
}
