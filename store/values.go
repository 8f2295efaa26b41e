package store

import (
	"encoding"
	"encoding/json"
	"fmt"
	"time"
)

// micros returns t as it is stored in a column that must have a time.
func micros(t time.Time) int64 { return t.UnixMicro() }

// microsOrNull returns t as it is stored in a column where none is NULL.
func microsOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return micros(t)
}

// instant scans a time into the time.Time it points to: UTC, zero for NULL.
type instant struct{ to *time.Time }

func (t instant) Scan(src any) error {
	switch us := src.(type) {
	case nil:
		*t.to = time.Time{}
	case int64:
		*t.to = time.UnixMicro(us).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", src)
	}
	return nil
}

// stored returns t as it comes back: UTC, in whole microseconds.
func stored(t time.Time) time.Time { return time.UnixMicro(micros(t)).UTC() }

// identifier scans the identifier of an enumeration.
type identifier struct{ to encoding.TextUnmarshaler }

func (i identifier) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("an identifier is stored as %T", src)
	}
	return i.to.UnmarshalText([]byte(s))
}

// jsonStrings returns ss as it is stored, a JSON array.
func jsonStrings(ss []string) (string, error) {
	ts := make([]text, len(ss))
	for i, s := range ss {
		ts[i] = text(s)
	}
	b, err := json.Marshal(ts)
	return string(b), err
}

// stringList scans what jsonStrings wrote. An empty list becomes nil.
type stringList struct{ to *[]string }

func (l stringList) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("a list is stored as %T", src)
	}
	var ts []text
	if err := json.Unmarshal([]byte(s), &ts); err != nil {
		return err
	}
	*l.to = nil
	for _, t := range ts {
		*l.to = append(*l.to, string(t))
	}
	return nil
}
