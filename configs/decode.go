package configs

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// kindError says that a value is not of the kind its setting has.
type kindError struct {
	wants string
	got   any
}

func (e *kindError) Error() string {
	switch e.got.(type) {
	case map[string]any:
		return fmt.Sprintf("wants %s, not a section", e.wants)
	case []any, []string:
		return fmt.Sprintf("wants %s, not a list", e.wants)
	}
	return fmt.Sprintf("wants %s, not %s", e.wants, show(e.got))
}

// convert is the decode hook: it makes of a value from YAML, from the
// environment (always text) or from a flag what the setting wants, or returns a
// *kindError. It does not guess: 5 is no duration, 1.5 no whole number.
func convert(_, to reflect.Type, got any) (any, error) {
	if to == reflect.TypeFor[time.Duration]() {
		return convertDuration(got)
	}
	switch to.Kind() {
	case reflect.String:
		if s, ok := got.(string); ok {
			return s, nil
		}
		return nil, &kindError{"text", got}
	case reflect.Bool:
		return convertBool(got)
	case reflect.Int:
		return convertInt(got)
	case reflect.Slice:
		return convertList(got)
	}
	return got, nil
}

func convertDuration(got any) (any, error) {
	switch v := got.(type) {
	case string:
		if d, ok := parseDuration(v); ok {
			return d, nil
		}
	case int:
		if v == 0 {
			return time.Duration(0), nil
		}
	}
	return nil, &kindError{"a duration with its unit, such as 30s, 10m or 4d", got}
}

func convertBool(got any) (any, error) {
	switch v := got.(type) {
	case bool:
		return v, nil
	case string:
		switch strings.ToLower(v) {
		case "true", "yes", "on", "1":
			return true, nil
		case "false", "no", "off", "0":
			return false, nil
		}
	}
	return nil, &kindError{"true or false", got}
}

func convertInt(got any) (any, error) {
	switch v := got.(type) {
	case int:
		return v, nil
	case float64: // 1e6
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int(v), nil
		}
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n, nil
		}
	}
	return nil, &kindError{"a whole number", got}
}

// convertList splits text at commas, and leaves the elements of a list to
// convert.
func convertList(got any) (any, error) {
	switch v := got.(type) {
	case []any, []string:
		return v, nil
	case string:
		list := []string{}
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				list = append(list, s)
			}
		}
		return list, nil
	}
	return nil, &kindError{"a list", got}
}
