package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/dkimwatch/dkimwatch/configs"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// How verdicts are kept within one run, how many keys are asked at a time, and
// how long that may take in all.
const (
	verdictsKept      = 10_000
	leastVerdictTTL   = time.Minute
	checksAtATime     = 16
	roundsOfOneServer = 2 // Checker asks again those that timed out
	recheckAtMost     = 2 * time.Minute
)

// newChecker builds what asks DNS for keys again, as the configuration says. It
// returns nil if rechecks are off.
func newChecker(cfg *configs.Recheck) (*dkim.Checker, error) {
	if !cfg.Enabled {
		return nil, nil
	}
	system := withPorts(cfg.Resolvers)
	if len(system) == 0 {
		var err error
		if system, err = dkim.SystemServers(); err != nil && len(cfg.PublicResolvers) == 0 {
			return nil, fmt.Errorf("%w; name some in recheck.resolvers, or use --no-dns", err)
		}
	}
	return &dkim.Checker{
		Resolver: &impatient{resolver: &dkim.Client{Timeout: cfg.Timeout}},
		System:   system,
		Public:   withPorts(cfg.PublicResolvers),
		Now:      time.Now,
		Timeout:  cfg.Timeout*time.Duration(roundsOfOneServer*max(1, len(system))) + time.Second,

		Concurrency:      checksAtATime,
		QueriesPerMinute: cfg.QueriesPerMinute,
		DomainPerMinute:  cfg.QueriesPerDomainPerMinute,
		MinTTL:           leastVerdictTTL,
		MaxTTL:           cfg.MaxCacheTTL,
		CacheSize:        verdictsKept,
	}, nil
}

// withPorts adds DNS's port where a server is named without one.
func withPorts(servers []string) []string {
	list := make([]string, 0, len(servers))
	for _, s := range servers {
		if _, _, err := net.SplitHostPort(s); err != nil {
			s = net.JoinHostPort(s, "53")
		}
		list = append(list, s)
	}
	return list
}

// recheck is the pipeline.Checker of a scan: it shows how far it is, and gives up
// after recheckAtMost. Keys that it did not come to have no verdict.
type recheck struct {
	checker  *dkim.Checker
	progress *progress
}

func (r *recheck) CheckAll(ctx context.Context, keys []dkim.KeyName, found func(dkim.Verdict)) error {
	if len(keys) == 0 {
		return nil
	}
	var done atomic.Int64
	r.progress.asking(len(keys), done.Load)
	within, cancel := context.WithTimeout(ctx, recheckAtMost)
	defer cancel()
	err := r.checker.CheckAll(within, keys, func(v dkim.Verdict) {
		done.Add(1)
		found(v)
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil
	}
	return err
}
