package reports

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// count writes n with separators for thousands: 1,234,567.
func count[T int | int64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(d)
	}
	return sign + b.String()
}

// number is count with the noun it counts, whose plural ends in s.
func number[T int | int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if noun == "is" || noun == "was" {
		return count(n) + map[string]string{"is": " are", "was": " were"}[noun]
	}
	return count(n) + " " + noun + "s"
}

// age writes a duration in its two largest units: 45s, 12m, 1h 14m, 2d 3h.
func age(d time.Duration) string {
	d = max(0, d)
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%dm", m)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh %02dm", h, m)
	}
	return fmt.Sprintf("%dd %dh", h/24, h%24)
}

// clock writes times for one reader, with as much of the date as is needed.
type clock struct {
	zone *time.Location
	asOf time.Time
}

// at is the time of day, preceded by the date if that is not today, and by the
// year if it is months away.
func (c clock) at(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	t, now := t.In(c.zone), c.asOf.In(c.zone)
	switch {
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return t.Format("15:04")
	case t.Sub(now).Abs() < 300*24*time.Hour:
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// since is the time with how long ago it was.
func (c clock) since(t time.Time) string {
	return c.at(t) + " (" + age(c.asOf.Sub(t)) + " ago)"
}

// until is the time with how far off it is.
func (c clock) until(t time.Time) string {
	if left := t.Sub(c.asOf); left >= 0 {
		return c.at(t) + " (in " + age(left) + ")"
	}
	return c.at(t) + " (" + age(c.asOf.Sub(t)) + " overdue)"
}

// exact is a moment with date, seconds and offset, for a header.
func (c clock) exact(t time.Time) string {
	return t.In(c.zone).Format("2006-01-02 15:04:05 -07:00")
}

// span is the period from first to last. A day that both have is told once.
func (c clock) span(first, last time.Time) string {
	first, last = first.In(c.zone), last.In(c.zone)
	if first.Format(time.DateOnly) == last.Format(time.DateOnly) {
		return first.Format("2006-01-02 15:04") + " – " + last.Format("15:04")
	}
	return first.Format("2006-01-02 15:04") + " – " + last.Format("2006-01-02 15:04")
}
