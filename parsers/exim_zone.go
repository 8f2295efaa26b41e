package parsers

// eximZone learns the zone of stamps that have none. An arrival line is written
// when the message is there, and its id says, in UTC, when that began.
type eximZone struct {
	offset int64 // seconds east of Greenwich
	known  bool

	last  int64 // the stamp before, as if it were UTC
	gap   int64 // the longest time without a line since offset was last confirmed
	votes int   // arrivals in a row that speak for another offset
}

// ZoneOffset is the offset, in seconds east of Greenwich, that AutoZone has
// found for stamps without a zone. Before the first arrival line it is not known
// and Clock.Location is used: a caller that reads a file twice may set it for the
// second time.
//
// Only offsets that some place on earth has are found. One that is too great is
// corrected by the next arrival, as no message comes in before it began to. One
// that is too small looks like a message that took long to come in, or like a
// daemon that slept with its virtual machine, whose ids stay behind. Summer time
// is therefore believed when an hour (or Lord Howe's half) is missing from the
// log, and two arrivals in a row are ahead by just that.
func (p *Exim) ZoneOffset() (sec int, known bool) { return int(p.zone.offset), p.zone.known }

// pass notes the stamp of any line, as if it were UTC.
func (z *eximZone) pass(civil int64) {
	z.gap = max(z.gap, civil-z.last)
	z.last = civil
}

// observe learns from an arrival that was logged at civil, as if it were UTC.
func (z *eximZone) observe(civil int64, id []byte) {
	const slack = 60 // clocks are set while mail comes in
	ahead := civil - eximIDSeconds(id)
	offset := zoneBelow(ahead + slack)
	if offset < -12*3600 || offset > 14*3600 {
		return // another scheme of ids, or a message that took hours
	}
	change := ahead - z.offset
	switch {
	case !z.known || offset <= z.offset:
		z.offset, z.known, z.gap, z.votes = offset, true, 0, 0
	case z.gap < change-slack || (change-3600)/slack != 0 && (change-1800)/slack != 0:
		z.votes = 0
	case z.votes == 0:
		z.votes = 1
	default:
		z.offset, z.gap, z.votes = offset, 0, 0
	}
}

// zoneBelow is the greatest offset in use that is not above sec.
func zoneBelow(sec int64) int64 {
	offset := floorDiv(sec, 3600) * 3600
	for _, minutes := range oddZones {
		if odd := minutes * 60; odd <= sec && odd > offset {
			offset = odd
		}
	}
	return offset
}

// oddZones are the offsets in use that are not whole hours, in minutes.
var oddZones = [...]int64{
	-(9*60 + 30), -(3*60 + 30), -(2*60 + 30), // Marquesas, Newfoundland and its summer
	3*60 + 30, 4*60 + 30, 5*60 + 30, 5*60 + 45, 6*60 + 30, // Iran, Afghanistan, India, Nepal, Myanmar
	8*60 + 45, 9*60 + 30, 10*60 + 30, // Eucla, central Australia, Lord Howe
	12*60 + 45, 13*60 + 45, // Chatham and its summer
}
