package pipeline

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/sources"
)

// cursor stands at one event of one input. Its event is on loan from its reader
// until advance is called again.
type cursor struct {
	index  int // of its Source
	input  *sources.Input
	parser parsers.Parser
	reader *sources.Reader
	ev     parsers.Event
	at     time.Time // for putting inputs in order: never goes back
	begin  time.Time // of the first line with a stamp
	format parsers.Format
	host   []byte // of lines that name none
	stats  *Source

	read    *atomic.Int64 // bytes, of all inputs
	counted int64         // of them, those that this one has told
}

// close ends reading; err is what spoiled the end.
func (c *cursor) close(err error) {
	c.progress()
	_, c.stats.Cut = c.reader.Lines()
	if closing := c.reader.Close(); err == nil {
		err = closing
	}
	c.stats.Err = err
}

// progress tells how far the input has been read.
func (c *cursor) progress() {
	read, _ := c.reader.Progress()
	c.read.Add(read - c.counted)
	c.counted = read
}

// progressLines is how often progress is told.
const progressLines = 4096

// advance reads lines up to one that says something. It reports false at the
// end; err is what spoiled the end, if anything did.
func (c *cursor) advance() (ok bool, err error) {
	for {
		line, err := c.reader.Next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return false, err
		}
		if c.stats.Lines++; c.stats.Lines%progressLines == 0 {
			c.progress()
		}
		c.parser.Parse(line.Text, line.Received, &c.ev)
		c.ev.Seq = uint64(line.Number)
		if t := c.ev.Time; t != c.at && !t.IsZero() {
			c.stats.see(t)
			if t.After(c.at) {
				c.at = t
			}
		}
		switch c.ev.Kind {
		case parsers.KindIgnored:
			c.stats.Ignored++
			continue
		case parsers.KindMalformed:
			c.stats.malformed(line)
			continue
		}
		c.stats.Events++
		return true, nil
	}
}

// Source is what became of one input.
type Source struct {
	Name      string
	Format    string // "exim", "syslog", "rspamd"; empty if it is no log that we know
	Lines     int64
	Events    int64
	Ignored   int64 // good lines with nothing for us
	Malformed int64 // not of the format
	Cut       int64 // longer than the limit
	First     time.Time
	Last      time.Time
	Samples   []Sample // of malformed lines
	Duplicate string   // the input that holds the same lines, which was read instead
	Err       error    // why it was not read, or not to its end
}

// Sample is a malformed line, for people to look at.
type Sample struct {
	Line int64
	Text string // its beginning; a stranger's text
}

const (
	maxSamples   = 3
	sampleLength = 160
)

func (s *Source) see(t time.Time) {
	if s.First.IsZero() || t.Before(s.First) {
		s.First = t
	}
	if t.After(s.Last) {
		s.Last = t
	}
}

func (s *Source) malformed(line sources.Line) {
	s.Malformed++
	if len(s.Samples) < maxSamples {
		s.Samples = append(s.Samples, Sample{line.Number, string(line.Text[:min(len(line.Text), sampleLength)])})
	}
}
