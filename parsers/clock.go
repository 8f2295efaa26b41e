package parsers

import "time"

// Clock turns the stamps of one source's lines into instants, in UTC. The zero
// Clock takes stamps without a zone as UTC. It is not safe for concurrent use.
//
// Nothing is ever corrected: where a log's time goes back, so do the instants.
// A day or an hour beyond its range counts on, as in time.Date.
type Clock struct {
	Location *time.Location // of stamps without a zone; nil is UTC

	hour   int64 // the hour that civil, known and offset belong to; see asUTC
	civil  int64 // its start in seconds since 1970, if it were UTC
	known  bool  // offset is Location's for the whole hour
	offset int64
	last   int64 // the stamp before, in seconds since 1970
	year   int   // of the last stamp that had none
	said   said
}

// said is a stamp as it was logged, and the instant that it was read as.
type said struct {
	stamp    [20]byte
	n        int
	received time.Time
	at       time.Time
}

const secondsPerDay = 24 * 3600

// Wall is the instant of a stamp without a zone. An hour that an autumn repeats
// is read the first time round until time would then run back by more than half
// an hour, and the second time round from there on; an hour that a spring leaves
// out is read as if the clocks had not been changed yet.
func (c *Clock) Wall(year, month, mday, hour, minute, sec, nsec int) time.Time {
	c.last = c.wall(year, month, mday, hour, minute, sec)
	return time.Unix(c.last, int64(nsec)).UTC()
}

// Offset is the instant of a stamp with a zone of its own, offset seconds east
// of Greenwich.
func (c *Clock) Offset(year, month, mday, hour, minute, sec, nsec, offset int) time.Time {
	c.last = c.asUTC(year, month, mday, hour, minute, sec) - int64(offset)
	return time.Unix(c.last, int64(nsec)).UTC()
}

// Yearless is the instant of a stamp with neither year nor zone, such as
// "Feb 29 07:31:13". Its year is the latest one that does not put it more than
// a day after received; February 29 falls in leap years only.
func (c *Clock) Yearless(month, mday, hour, minute, sec int, received time.Time) time.Time {
	limit := received.Unix() + secondsPerDay
	leapDay := month == 2 && mday == 29
	t := c.wall(c.year, month, mday, hour, minute, sec)
	if t > limit || limit-t >= 364*secondsPerDay || leapDay && !leap(c.year) {
		c.year = received.UTC().Year() + 1
		for range 10 { // two leap years may be eight years apart
			if t = c.wall(c.year, month, mday, hour, minute, sec); t <= limit && (!leapDay || leap(c.year)) {
				break
			}
			c.year--
		}
	}
	c.last = t
	return time.Unix(t, 0).UTC()
}

// again is the instant of a stamp that was read last, and remembered: on a busy
// server most lines have that of the line before.
func (c *Clock) again(stamp []byte, received time.Time) (at time.Time, ok bool) {
	s := &c.said
	ok = string(stamp) == string(s.stamp[:s.n]) && received.Equal(s.received) && s.at.Unix() == c.last
	return s.at, ok
}

// remember keeps a stamp, of 20 bytes at most, that was just read as at.
func (c *Clock) remember(stamp []byte, received, at time.Time) {
	c.said.n = copy(c.said.stamp[:], stamp)
	c.said.received, c.said.at = received, at
}

// asUTC is a stamp in seconds since 1970, if it were UTC. It makes the stamp's
// hour the one that the fields speak of: log lines come in order, so that nearly
// all of them find it already there.
func (c *Clock) asUTC(year, month, mday, hour, minute, sec int) int64 {
	key := ((int64(year)*16+int64(month))*64+int64(mday))*64 + int64(hour) + 1 // never 0, the zero Clock's
	if key != c.hour {
		c.hour, c.known = key, false
		c.civil = daysSince1970(year, month, mday)*secondsPerDay + int64(hour)*3600
	}
	return c.civil + int64(minute*60+sec)
}

// wall reads a stamp in Location.
func (c *Clock) wall(year, month, mday, hour, minute, sec int) int64 {
	civil := c.asUTC(year, month, mday, hour, minute, sec)
	if c.Location == nil {
		return civil
	}
	if c.known {
		return civil - c.offset
	}
	first, second := c.readings(c.civil)
	if a, b := c.readings(c.civil + 3599); first == second && a == b && a-first == 3599 {
		c.offset, c.known = c.civil-first, true
		return civil - c.offset
	}
	first, second = c.readings(civil)
	back := int64(1800)
	if first < second && c.offsetAt(c.last) == civil-second {
		back = 10 // the second time round has begun: only a straggler is of the first
	}
	const horizon = 3 * 3600 // a stamp before from far ahead says nothing: another, older file
	if first < c.last-back && second >= c.last-horizon {
		return second
	}
	return first
}

// readings are the two instants that a clock on the wall of Location shows as
// civil; they are the same but for an hour in autumn.
func (c *Clock) readings(civil int64) (first, second int64) {
	before, after := c.offsetAt(civil-secondsPerDay), c.offsetAt(civil+secondsPerDay)
	first, second = civil-before, civil-after
	switch {
	case c.offsetAt(second) != after: // not yet changed, or left out in spring
		return first, first
	case c.offsetAt(first) != before: // already changed
		return second, second
	}
	return first, second
}

func (c *Clock) offsetAt(unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(c.Location).Zone()
	return int64(offset)
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// daysSince1970 counts days in the Gregorian calendar. Years begin in March
// here, so that the leap day is their last.
func daysSince1970(year, month, mday int) int64 {
	y, m := int64(year), int64(month)
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400) + (153*(m-3)+2)/5 + int64(mday) - 1 - 719468
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// int2 is the number at the start of b that has two digits, or -1.
func int2(b []byte) int {
	if len(b) < 2 {
		return -1
	}
	x, y := b[0]-'0', b[1]-'0'
	if x > 9 || y > 9 {
		return -1
	}
	return int(x)*10 + int(y)
}

// int4 is the number at the start of b that has four digits, or -1.
func int4(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	x, y := int2(b), int2(b[2:])
	if x < 0 || y < 0 {
		return -1
	}
	return x*100 + y
}

// cutUint cuts a decimal number off b: all its leading digits. It fails without
// a digit, and where there are more than 18 of them.
func cutUint(b []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for i < len(b) && b[i]-'0' <= 9 {
		if i == 18 {
			return 0, b, false
		}
		n = n*10 + int64(b[i]-'0')
		i++
	}
	return n, b[i:], i > 0
}

// cutDate cuts "2017-07-30" off b, and checks the ranges of month and day.
func cutDate(b []byte) (year, month, mday int, rest []byte, ok bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return 0, 0, 0, b, false
	}
	year, month, mday = int4(b), int2(b[5:]), int2(b[8:])
	if year < 0 || month < 1 || month > 12 || mday < 1 || mday > 31 {
		return 0, 0, 0, b, false
	}
	return year, month, mday, b[10:], true
}

// cutClock cuts "18:51:05" off b, and checks the ranges. A leap second is one.
func cutClock(b []byte) (hour, minute, sec int, rest []byte, ok bool) {
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return 0, 0, 0, b, false
	}
	hour, minute, sec = int2(b), int2(b[3:]), int2(b[6:])
	if uint(hour) > 23 || uint(minute) > 59 || uint(sec) > 60 {
		return 0, 0, 0, b, false
	}
	return hour, minute, sec, b[8:], true
}

// cutFraction cuts ".712" or ".995402" off b, as nanoseconds. There may be none.
func cutFraction(b []byte) (nsec int, rest []byte) {
	if len(b) < 2 || b[0] != '.' && b[0] != ',' || b[1]-'0' > 9 {
		return 0, b
	}
	scale := 100_000_000
	i := 1
	for i < len(b) && b[i]-'0' <= 9 {
		nsec += int(b[i]-'0') * scale
		scale /= 10
		i++
	}
	return nsec, b[i:]
}

// cutZone cuts "+0200", "+02:00" or "Z" off b, as seconds east of Greenwich.
func cutZone(b []byte) (offset int, rest []byte, ok bool) {
	if len(b) > 0 && b[0] == 'Z' {
		return 0, b[1:], true
	}
	if len(b) < 5 || b[0] != '+' && b[0] != '-' {
		return 0, b, false
	}
	hours, tail := int2(b[1:]), b[3:]
	if tail[0] == ':' {
		tail = tail[1:]
	}
	minutes := int2(tail)
	if uint(hours) > 23 || uint(minutes) > 59 {
		return 0, b, false
	}
	offset = hours*3600 + minutes*60
	if b[0] == '-' {
		offset = -offset
	}
	return offset, tail[2:], true
}
