package main

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/internal/dnstest"
	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/sources"
)

// demoFiles are logs of real mail servers, taken in a laboratory with a world of
// senders whose names are all reserved ones, what DNS held there when the logs
// ended, and a key record.
//
//go:embed demo
var demoFiles embed.FS

// demoLogs are the logs, and what they are called in the story: on a host that
// collects those of all servers.
var demoLogs = [...]struct{ file, name string }{
	{"demo/exim-mainlog.gz", "mx2/mainlog"},
	{"demo/postfix-mail.log.gz", "mx1/mail.log"},
	{"demo/postfix-filter-mail.log.gz", "filter/mail.log"},
}

// The story's key, and when the logs end. The servers keep undelivered mail for
// as long as their logs were made with.
const (
	demoDomain   = "zendesk-customer.example"
	demoSelector = "zendesk1"
	demoExim     = "mx2" // the host of the Exim log, which names none
	demoLifetime = 6 * time.Hour
)

func demoEnd() time.Time { return time.Date(2026, 5, 11, 16, 20, 19, 0, time.UTC) }

// demoWorld is the logs and a DNS of their own. All of it is in memory.
type demoWorld struct {
	now    time.Time // in the story
	zone   *dnstest.Zone
	server *dnstest.Server
	key    string // a good key record
}

// newDemoWorld starts the DNS server, in which the story's key is missing. The
// caller closes it.
func newDemoWorld() (*demoWorld, error) {
	record, err := demoFiles.ReadFile("demo/key.txt")
	if err != nil {
		return nil, err
	}
	w := &demoWorld{now: demoEnd(), zone: dnstest.NewZone(), key: strings.TrimSpace(string(record))}
	if err := w.fill(); err != nil {
		return nil, err
	}
	w.server, err = dnstest.Start(w.zone)
	return w, err
}

func (w *demoWorld) close() error { return w.server.Close() }

// fill gives DNS what it held when the logs ended.
func (w *demoWorld) fill() error {
	f, err := demoFiles.Open("demo/zone.txt")
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		var key dkim.KeyName
		var state string
		if _, err := fmt.Sscan(lines.Text(), &key.Domain, &key.Selector, &state); err != nil {
			return fmt.Errorf("read the demo's zone: %w", err)
		}
		if err := w.set(key, state); err != nil {
			return err
		}
	}
	return lines.Err()
}

// set puts a key into a state.
func (w *demoWorld) set(key dkim.KeyName, state string) error {
	name := key.String()
	switch state {
	case "nxdomain":
	case "ok", "key-mismatch": // of another key, which is good as such
		w.zone.SetTXT(name, w.key)
	case "nodata":
		w.zone.SetNoData(name)
	case "servfail":
		w.zone.SetRcode(name, dns.RcodeServerFailure)
	case "dangling-cname":
		w.zone.SetCNAME(name, key.Selector+".dkim.mail-provider.example.")
	case "revoked":
		w.zone.SetTXT(name, "v=DKIM1; k=rsa; p=")
	case "syntax":
		w.zone.SetTXT(name, "v=DKIM1; k=rsa; MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A")
	default:
		return fmt.Errorf("read the demo's zone: %q is no state of a key", state)
	}
	return nil
}

// publish puts the story's key into DNS.
func (w *demoWorld) publish() error {
	return w.set(dkim.KeyName{Selector: demoSelector, Domain: demoDomain}, "ok")
}

// checker asks the demo's DNS server, which plays this host's resolver and a
// public one, and nobody else.
func (w *demoWorld) checker() *dkim.Checker {
	return &dkim.Checker{
		Resolver: demoResolver{&dkim.Client{Timeout: 2 * time.Second}, w.server.Addr},
		System:   []string{"127.0.0.1"},
		Public:   []string{"127.0.0.1"},
		Now:      func() time.Time { return w.now },

		Concurrency: checksAtATime,
	}
}

// demoResolver asks one server, whatever it is called. The port is another each
// time, so it is left out of what is told.
type demoResolver struct {
	client dkim.Resolver
	addr   string
}

func (r demoResolver) Query(ctx context.Context, server string, q dkim.Question) dkim.Answer {
	a := r.client.Query(ctx, r.addr, q)
	a.Server = server
	return a
}

// scan reads the logs as `dkimwatch scan` does.
func (w *demoWorld) scan(ctx context.Context) (*pipeline.Scan, *pipeline.Result, error) {
	scan := &pipeline.Scan{
		Host: demoExim, Location: time.UTC, Local: time.UTC, Now: w.now, AsOf: w.now, StuckAfter: 10 * time.Minute,
		Lifetime: func(string) (time.Duration, string) { return demoLifetime, "configured" }, Checker: w.checker(),
	}
	for _, l := range demoLogs {
		in, err := demoInput(l.file, l.name)
		if err != nil {
			return nil, nil, err
		}
		scan.Inputs = append(scan.Inputs, in)
	}
	res, err := scan.Run(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, src := range res.Sources {
		err = errors.Join(err, src.Err)
	}
	return scan, res, err
}

// demoInput is one of the logs, as if it were a file of that name.
func demoInput(file, name string) (*sources.Input, error) {
	f, err := demoFiles.Open(file)
	if err != nil {
		return nil, err
	}
	list, faults := sources.Expand([]string{sources.Stdin}, demoLog{f})
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	list[0].Name = name
	return list[0], nil
}

// demoLog is a log that was last written to when it ended, which tells the year
// of its stamps.
type demoLog struct{ fs.File }

func (l demoLog) Stat() (fs.FileInfo, error) {
	info, err := l.File.Stat()
	return demoInfo{info}, err
}

type demoInfo struct{ fs.FileInfo }

func (demoInfo) ModTime() time.Time { return demoEnd() }
