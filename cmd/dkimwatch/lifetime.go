package main

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// lifetime says how long an MTA keeps what it cannot deliver, and how that is
// known: as configured; else as the mail server of this machine says, if own
// says that the logs are its; else the MTA's default (Exim's retry rule
// "F,4d,6h" of configure.default, Postfix's maximal_queue_lifetime of
// postconf(5)).
func lifetime(ctx context.Context, configured time.Duration, own bool) func(mta string) (time.Duration, string) {
	asked := map[string]time.Duration{}
	return func(mta string) (time.Duration, string) {
		if configured > 0 {
			return configured, "configured"
		}
		if own {
			d, ok := asked[mta]
			if !ok {
				d = askMTA(ctx, mta)
				asked[mta] = d
			}
			if d > 0 {
				return d, mta + "-configured"
			}
		}
		switch mta {
		case "exim":
			return 4 * 24 * time.Hour, "exim-default"
		case "postfix":
			return 5 * 24 * time.Hour, "postfix-default"
		}
		return 0, ""
	}
}

// mtaPatience is how long a mail server's own program may take to answer.
const mtaPatience = 3 * time.Second

// askMTA asks the mail server on this machine how long it keeps mail. It returns
// 0 if there is none, or no answer that makes sense.
func askMTA(ctx context.Context, mta string) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, mtaPatience)
	defer cancel()
	if mta == "postfix" {
		out, err := exec.CommandContext(ctx, "postconf", "-h", "maximal_queue_lifetime").Output()
		if err != nil {
			return 0
		}
		d, _ := parseMTATime(strings.TrimSpace(string(out)))
		return d
	}
	for _, name := range []string{"exim", "exim4"} {
		if path, err := exec.LookPath(name); err == nil {
			out, err := exec.CommandContext(ctx, path, "-brt", "example.org").Output()
			if err != nil {
				return 0
			}
			return parseRetryRule(string(out))
		}
	}
	return 0
}

// parseRetryRule reads what `exim -brt` prints; mail is given up when the last
// of its times has passed (Exim specification, "Retry configuration"):
//
//	Retry rule: *  F,2h,15m; G,16h,1h,1.5; F,4d,6h;
func parseRetryRule(out string) time.Duration {
	_, rule, ok := strings.Cut(out, "Retry rule: ")
	if !ok {
		return 0
	}
	rule, _, _ = strings.Cut(rule, "\n")
	var longest time.Duration
	for part := range strings.SplitSeq(rule, ";") {
		fields := strings.Split(strings.TrimSpace(part), ",")
		if len(fields) < 3 || !strings.HasSuffix(fields[0], "F") && !strings.HasSuffix(fields[0], "G") && !strings.HasSuffix(fields[0], "H") {
			continue
		}
		if d, ok := parseMTATime(fields[1]); ok {
			longest = max(longest, d)
		}
	}
	return longest
}

// parseMTATime reads Exim's and Postfix's times: 4d, 1d12h, 30m; a number alone
// is seconds for Exim and Postfix alike.
func parseMTATime(text string) (time.Duration, bool) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	var sum time.Duration
	for text != "" {
		digits := 0
		for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
			digits++
		}
		n, err := strconv.Atoi(text[:digits])
		if err != nil || n > 10_000_000 {
			return 0, false
		}
		text = text[digits:]
		unit := time.Second
		if text != "" {
			var ok bool
			if unit, ok = units[text[0]]; !ok {
				return 0, false
			}
			text = text[1:]
		}
		sum += time.Duration(n) * unit
	}
	return sum, sum > 0
}
