package pipeline

import (
	"time"

	"github.com/dkimwatch/dkimwatch/parsers"
	"github.com/dkimwatch/dkimwatch/sources"
)

// How sure the zone must be: an arrival is logged up to zoneLate after its id was
// made, or zoneEarly before, if the clock was set in between; so many arrivals
// must agree, and of all of them nine in ten.
const (
	zoneStep     = 15 * time.Minute // all zones in use are so far apart
	zoneEarly    = time.Minute
	zoneLate     = 2 * time.Minute
	zoneArrivals = 3
)

// EximZone finds out the zone of an Exim log whose stamps name none, from its
// first lines: an arrival is stamped with local time, and the message id says, in
// UTC, when it began. If local is that zone it is returned, since it also knows
// of summer time. Without enough arrivals that agree there is no answer: ids may
// have been made with another clock, and since Exim 4.9x they stay behind where
// the machine was suspended.
func EximZone(head []sources.Line, local *time.Location) (zone *time.Location, ok bool) {
	p := parsers.FormatExim.New(parsers.Options{Location: time.UTC})
	votes := map[time.Duration]int{}
	arrivals := 0
	var ev parsers.Event
	var last time.Time
	for _, line := range head {
		p.Parse(line.Text, line.Received, &ev)
		if ev.Kind != parsers.KindArrived {
			continue
		}
		began, ok := parsers.EximIDTime(ev.ID)
		if !ok {
			continue
		}
		arrivals++
		last = began
		ahead := ev.Time.Sub(began)
		offset := (ahead + zoneEarly).Truncate(zoneStep)
		if ahead+zoneEarly < 0 && offset > ahead+zoneEarly {
			offset -= zoneStep
		}
		if ahead-offset <= zoneLate {
			votes[offset]++
		}
	}
	for offset, n := range votes {
		if n < zoneArrivals || n*10 < arrivals*9 || offset < -12*time.Hour || offset > 14*time.Hour {
			continue
		}
		seconds := int(offset / time.Second)
		if _, have := last.In(local).Zone(); have == seconds {
			return local, true
		}
		return time.FixedZone("", seconds), true
	}
	return nil, false
}
