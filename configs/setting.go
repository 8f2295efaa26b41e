package configs

import (
	"reflect"
	"strings"
)

// EnvPrefix begins the name of every variable that overrides a setting.
const EnvPrefix = "DKIMWATCH_"

// Setting is one key of the configuration with its value.
type Setting struct {
	Key   string // recheck.timeout
	Value any    // string, bool, int, time.Duration or []string
}

// Env is the name of the variable that overrides the setting:
// DKIMWATCH_RECHECK_TIMEOUT.
func (s Setting) Env() string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Settings returns every setting of c in the order of the fields, those of a
// section together.
func (c Config) Settings() []Setting {
	return appendSettings(nil, "", reflect.ValueOf(c))
}

func appendSettings(list []Setting, prefix string, section reflect.Value) []Setting {
	for field, value := range section.Fields() {
		key := prefix + field.Tag.Get("mapstructure")
		if value.Kind() == reflect.Struct {
			list = appendSettings(list, key+".", value)
			continue
		}
		list = append(list, Setting{Key: key, Value: value.Interface()})
	}
	return list
}
