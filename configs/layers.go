package configs

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// layers puts one configuration together.
type layers struct {
	config  Config // defaults, then the result
	flags   Flags
	origins map[string]string
}

func (l *layers) read(content []byte) Faults {
	v := viper.New()
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(content)); err != nil {
		return Faults{{Problem: yamlProblem(err)}}
	}

	// Variables and flags are bound one by one: viper's AutomaticEnv would let
	// a variable DKIMWATCH_RECHECK hide the whole section from the file.
	keys := []string{}
	for _, s := range l.config.Settings() {
		keys = append(keys, s.Key)
		l.origins[s.Key] = l.bind(v, s)
	}

	unknown := unknownKeys(v, keys)
	undecoded := l.decode(v, unknown)
	faults := slices.Concat(unknown, l.unknownVariables(), undecoded)
	for _, f := range l.config.faults() {
		if !undecoded.about(f.Key) {
			faults = append(faults, f)
		}
	}
	for i, f := range faults {
		name, _, _ := strings.Cut(f.Key, "[")
		if origin := l.origins[name]; strings.HasPrefix(origin, "$") || strings.HasPrefix(origin, "--") {
			faults[i].Problem += " (from " + origin + ")"
		}
	}
	return faults.sorted()
}

// yamlProblem returns the parser's words without viper's around them.
func yamlProblem(err error) string {
	if parse, ok := errors.AsType[viper.ConfigParseError](err); ok {
		err = parse.Unwrap()
	}
	return err.Error()
}

// bind lets s be overridden, and returns where its value is from.
func (l *layers) bind(v *viper.Viper, s Setting) string {
	if err := v.BindEnv(s.Key, s.Env()); err != nil {
		panic(err) // only for an empty key
	}
	if f := l.flags[s.Key]; f != nil && f.Changed {
		if err := v.BindPFlag(s.Key, f); err != nil {
			panic(err) // only for a nil flag
		}
		return "--" + f.Name
	}
	switch {
	case os.Getenv(s.Env()) != "":
		return "$" + s.Env()
	case v.InConfig(s.Key):
		return "file"
	}
	return "default"
}

// decode fills l.config once. The settings that are faulty keep their defaults,
// so that the others can still be checked. UnmarshalExact refuses the unknown
// keys too, in words without help; they are not told twice.
func (l *layers) decode(v *viper.Viper, unknown Faults) Faults {
	err := v.UnmarshalExact(&l.config, func(c *mapstructure.DecoderConfig) {
		c.WeaklyTypedInput = false
		c.ZeroFields = true // a shorter list replaces a longer one
		c.DecodeHook = mapstructure.DecodeHookFuncType(convert)
	})
	var faults Faults
	for _, err := range leaves(err) {
		decode, named := errors.AsType[*mapstructure.DecodeError](err)
		kind, told := errors.AsType[*kindError](err)
		switch {
		case named && told:
			faults.add(decode.Name(), "%s", kind)
		case len(unknown) == 0:
			faults.add("", "%s", err)
		}
	}
	return faults
}

// leaves takes joined errors apart.
func leaves(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok {
		return []error{err}
	}
	var list []error
	for _, err := range joined.Unwrap() {
		list = append(list, leaves(err)...)
	}
	return list
}
