package dkim

import (
	"errors"
	"fmt"
	"net"

	"github.com/miekg/dns"
)

// SystemServers returns the resolvers of this host as host:port, in the order
// in which its programs ask them: those of /etc/resolv.conf, read now. That none
// is named there is an error.
func SystemServers() ([]string, error) { return serversFrom("/etc/resolv.conf") }

func serversFrom(path string) ([]string, error) {
	conf, err := dns.ClientConfigFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("find the resolvers of this host: %w", err)
	}
	servers := make([]string, 0, len(conf.Servers))
	for _, host := range conf.Servers {
		servers = append(servers, net.JoinHostPort(host, conf.Port))
	}
	if len(servers) == 0 {
		return nil, fmt.Errorf("find the resolvers of this host: %s: %w", path, errNoNameserver)
	}
	return servers, nil
}

var errNoNameserver = errors.New("it names no nameserver")
