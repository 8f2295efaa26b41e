package pipeline

import (
	"fmt"
	"hash/maphash"
	"maps"
	"path/filepath"

	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/sources"
)

// printEvents is how many events of an input tell whether it begins like another.
const printEvents = 20

// headLines is how much of an input is looked at to see what it is.
const headLines = 400

// UnknownFormatError says that an input is no log that we can read.
type UnknownFormatError struct{ Name string }

func (e *UnknownFormatError) Error() string {
	return fmt.Sprintf("%s: no mail log that dkimwatch knows; it reads Exim's mainlog and rejectlog, "+
		"syslog files with Postfix, Exim or OpenDKIM in them, and rspamd.log (see `dkimwatch explain %s`)", e.Name, e.Name)
}

// candidate is an input that was recognised.
type candidate struct {
	*cursor
	print uint64 // of what its first lines say: equal for the same lines in another envelope
	fine  bool   // its stamps have fractions of a second
	said  int    // lines behind print

	length int64 // see lines

	hosts map[string]bool // that the first lines name
}

// recognise looks at an input's first lines. It returns nil, nil for an empty
// one.
func (s *Scan) recognise(in *sources.Input, stats *Source, seed maphash.Seed) (*candidate, error) {
	head, err := in.Head(headLines)
	if len(head) == 0 {
		return nil, err
	}
	texts := make([][]byte, len(head))
	for i := range head {
		texts[i] = head[i].Text
	}
	format := parsers.Recognise(texts)
	if format == parsers.FormatNone {
		if err != nil {
			return nil, err
		}
		return nil, &UnknownFormatError{in.Name}
	}
	stats.Format = format.String()
	c := &candidate{cursor: &cursor{input: in, stats: stats, format: format}, hosts: map[string]bool{}}
	options := s.options(format, head)
	c.parser = format.New(options)
	c.fingerprint(format.New(options), head, seed)
	return c, nil
}

// options says how stamps without a zone are to be read.
func (s *Scan) options(format parsers.Format, head []sources.Line) parsers.Options {
	location := s.Location
	if location == nil {
		location = s.Local
		if format == parsers.FormatExim {
			if zone, ok := EximZone(head, s.Local); ok {
				location = zone
			}
		}
	}
	return parsers.Options{Location: location}
}

// fingerprint notes when the input begins and what its first lines say,
// whatever envelope they are in: rsyslog can write the same lines to two files
// in two forms, and counting them twice would double every message.
func (c *candidate) fingerprint(p parsers.Parser, head []sources.Line, seed maphash.Seed) {
	var h maphash.Hash
	h.SetSeed(seed)
	var ev parsers.Event
	var first int64
	for _, line := range head {
		p.Parse(line.Text, line.Received, &ev)
		if ev.Time.IsZero() {
			continue
		}
		if len(ev.Host) > 0 && !c.hosts[string(ev.Host)] && len(c.hosts) < maxHosts {
			c.hosts[string(ev.Host)] = true
		}
		if c.begin.IsZero() || ev.Time.Before(c.begin) {
			c.begin = ev.Time
		}
		if ev.Time.Nanosecond() != 0 {
			c.fine = true
		}
		if ev.Kind == parsers.KindIgnored || ev.Kind == parsers.KindMalformed || c.said >= printEvents {
			continue
		}
		if c.said++; c.said == 1 {
			first = ev.Time.Unix()
		}
		// Time counts from the first line: one of the two forms may lack its zone.
		fmt.Fprintf(&h, "%d %d %s %s %s %s\n", ev.Kind, ev.Time.Unix()-first, ev.ID, ev.Addr, ev.Text, ev.MessageID)
	}
	c.print = h.Sum64()
}

// maxHosts is how many host names of one input are of interest.
const maxHosts = 16

// nameHosts gives each input whose lines name no host the one that it must be
// of: Rspamd's own file is of the host whose syslog lies beside it, or of the
// only one there is. Otherwise it is ours.
func nameHosts(list []*candidate, ours string) {
	for _, c := range list {
		c.host = []byte(ours)
		if c.format != parsers.FormatRspamd {
			continue
		}
		beside, all := map[string]bool{}, map[string]bool{}
		for _, other := range list {
			maps.Copy(all, other.hosts)
			if filepath.Dir(other.input.Name) == filepath.Dir(c.input.Name) {
				maps.Copy(beside, other.hosts)
			}
		}
		for _, hosts := range []map[string]bool{beside, all} {
			if len(hosts) == 1 {
				for name := range hosts {
					c.host = []byte(name)
				}
				break
			}
		}
	}
}

// baseName is what messages say of where their lines stand.
func baseName(name string) string {
	if name == sources.Stdin {
		return "standard input"
	}
	return filepath.ToSlash(name)
}
