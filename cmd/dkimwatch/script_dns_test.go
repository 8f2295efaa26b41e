package main

import (
	"strings"
	"time"

	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dkimwatch/dkimwatch/internal/dnstest"
)

// serveDNS starts two DNS servers on loopback, the resolver of this host and a
// public one, with the names of a file, and makes dkimwatch ask them:
//
//	dns zone
//
// A line of the file is a name and what it answers: TXT and a text, CNAME and a
// name, NODATA or SERVFAIL. All other names do not exist. The file "-" is servers
// that never answer.
func serveDNS(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: dns FILE|-")
	}
	var handler dns.Handler = dns.HandlerFunc(func(dns.ResponseWriter, *dns.Msg) {})
	if args[0] != "-" {
		handler = readZone(ts, ts.ReadFile(args[0]))
	}
	for _, setting := range []string{"RESOLVERS", "PUBLIC_RESOLVERS"} {
		server, err := dnstest.Start(handler)
		ts.Check(err)
		ts.Defer(func() { ts.Check(server.Close()) })
		ts.Setenv("DKIMWATCH_RECHECK_"+setting, server.Addr)
	}
}

func readZone(ts *testscript.TestScript, text string) *dnstest.Zone {
	zone := dnstest.NewZone()
	zone.SetTTL(time.Hour, time.Hour)
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		kind, value, _ := strings.Cut(rest, " ")
		switch kind {
		case "TXT":
			zone.SetTXT(name, value)
		case "CNAME":
			zone.SetCNAME(name, value)
		case "NODATA":
			zone.SetNoData(name)
		case "SERVFAIL":
			zone.SetRcode(name, dns.RcodeServerFailure)
		default:
			ts.Fatalf("dns: unknown kind %q", kind)
		}
	}
	return zone
}
