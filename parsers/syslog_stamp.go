package parsers

import (
	"bytes"
	"time"
)

// syslogStamp reads the time at the start of a line:
//
//	Nov 21 19:56:23                    RFC 3164; journalctl short; the month in the locale's language
//	Jan 02 07:31:13                    postlogd
//	Nov 21 19:56:23.113612             journalctl short-precise
//	2026-11-21T19:56:23.113612+00:00   RFC 3339; journalctl short-iso has "+0000"
//	Sat 2026-11-21 19:56:23 UTC        journalctl short-full
//	1795290983.113612                  journalctl short-unix
//
// rest begins after the blank that follows. zoned means that the stamp is an
// instant by itself, and not by Clock.Location.
func syslogStamp(c *Clock, b []byte, received time.Time) (t time.Time, zoned bool, rest []byte, ok bool) {
	if len(b) < 16 {
		return t, false, b, false
	}
	switch {
	case b[0]-'0' > 9:
		t, rest, ok = wordStamp(c, b, received)
		return t, false, rest, ok
	case b[4] == '-' && b[10] == 'T':
		return isoStamp(c, b)
	case b[10] == '.':
		t, rest, ok = unixStamp(b)
		return t, true, rest, ok
	}
	return t, false, b, false
}

// wordStamp reads a stamp that begins with the name of a month or of a day of
// the week.
func wordStamp(c *Clock, b []byte, received time.Time) (t time.Time, rest []byte, ok bool) {
	const plain = len("Nov 21 19:56:23 ")
	if t, ok := c.again(b[:plain], received); ok {
		return t, b[plain:], true
	}
	i := bytes.IndexByte(b[:12], ' ')
	if i < 2 {
		return t, b, false
	}
	word, rest := b[:i], b[i+1:]
	month := monthNumber(word)
	if month == 0 {
		if len(rest) > 20 && rest[4] == '-' && rest[10] == ' ' {
			return fullStamp(c, rest)
		}
		return t, b, false
	}
	if len(rest) > 0 && rest[0] == ' ' {
		rest = rest[1:]
	}
	mday, rest, ok := cutUint(rest)
	if !ok || mday < 1 || mday > 31 || len(rest) == 0 || rest[0] != ' ' {
		return t, b, false
	}
	hour, minute, sec, rest, ok := cutClock(rest[1:])
	if !ok {
		return t, b, false
	}
	nsec, rest := cutFraction(rest)
	rest, ok = after(rest, " ")
	if !ok {
		return t, b, false
	}
	t = c.Yearless(month, int(mday), hour, minute, sec, received)
	if nsec == 0 && len(b)-len(rest) == plain {
		c.remember(b[:plain], received, t)
	}
	return t.Add(time.Duration(nsec)), rest, true
}

// isoStamp reads "2026-11-21T19:56:23.113612+00:00 ". Without a zone it is that
// of Clock.Location.
func isoStamp(c *Clock, b []byte) (t time.Time, zoned bool, rest []byte, ok bool) {
	year, month, mday, rest, ok := cutDate(b)
	if !ok {
		return t, false, b, false
	}
	hour, minute, sec, rest, ok := cutClock(rest[1:])
	if !ok {
		return t, false, b, false
	}
	nsec, rest := cutFraction(rest)
	if tail, ok := after(rest, " "); ok {
		return c.Wall(year, month, mday, hour, minute, sec, nsec), false, tail, true
	}
	offset, rest, ok := cutZone(rest)
	if !ok {
		return t, false, b, false
	}
	if rest, ok = after(rest, " "); !ok {
		return t, false, b, false
	}
	return c.Offset(year, month, mday, hour, minute, sec, nsec, offset), true, rest, true
}

// fullStamp reads "2026-11-21 19:56:23 UTC ", the rest of journalctl's
// short-full after the day's name. Of zone names UTC alone is known; another is
// that of the machine that printed the log.
func fullStamp(c *Clock, b []byte) (t time.Time, rest []byte, ok bool) {
	year, month, mday, rest, ok := cutDate(b)
	if !ok {
		return t, b, false
	}
	hour, minute, sec, rest, ok := cutClock(rest[1:])
	if !ok {
		return t, b, false
	}
	nsec, rest := cutFraction(rest)
	if rest, ok = after(rest, " "); !ok {
		return t, b, false
	}
	name, rest, ok := until(rest, " ")
	switch {
	case !ok || len(name) == 0 || len(name) > 6:
		return t, b, false
	case string(name) == "UTC":
		return c.Offset(year, month, mday, hour, minute, sec, nsec, 0), rest, true
	}
	return c.Wall(year, month, mday, hour, minute, sec, nsec), rest, true
}

// unixStamp reads "1795290983.113612 ".
func unixStamp(b []byte) (t time.Time, rest []byte, ok bool) {
	sec, rest, ok := cutUint(b)
	if !ok || len(b)-len(rest) != 10 {
		return t, b, false
	}
	nsec, rest := cutFraction(rest)
	rest, ok = after(rest, " ")
	return time.Unix(sec, int64(nsec)).UTC(), rest, ok
}

// monthNumber is the month, 1 to 12, that a short name stands for, or 0.
func monthNumber(word []byte) int {
	if len(word) == 3 {
		switch string(word) {
		case "Jan":
			return 1
		case "Feb":
			return 2
		case "Mar":
			return 3
		case "Apr":
			return 4
		case "May":
			return 5
		case "Jun":
			return 6
		case "Jul":
			return 7
		case "Aug":
			return 8
		case "Sep":
			return 9
		case "Oct":
			return 10
		case "Nov":
			return 11
		case "Dec":
			return 12
		}
	}
	for i, names := range monthNames {
		for _, name := range names {
			if string(word) == name {
				return i + 1
			}
		}
	}
	return 0
}

// monthNames are the short names of the months that journalctl prints in other
// locales than English: glibc's for German, Polish, French, Spanish, Italian,
// Dutch and Portuguese.
var monthNames = [12][]string{
	{"Jän", "sty", "janv.", "ene", "gen", "jan"},
	{"lut", "févr.", "feb", "fev"},
	{"Mär", "mar", "mars", "mrt"},
	{"kwi", "avril", "abr", "apr"},
	{"Mai", "maj", "mai", "may", "mag", "mei"},
	{"cze", "juin", "jun", "giu"},
	{"lip", "juil.", "jul", "lug"},
	{"sie", "août", "ago", "aug"},
	{"wrz", "sept.", "sep", "set"},
	{"Okt", "paź", "oct.", "oct", "ott", "okt", "out"},
	{"lis", "nov.", "nov"},
	{"Dez", "gru", "déc.", "dic", "dec", "dez"},
}
