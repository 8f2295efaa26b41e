package configs

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/viper"
)

// unknownKeys finds the keys of the file that are no setting.
func unknownKeys(v *viper.Viper, known []string) Faults {
	var faults Faults
	for _, key := range v.AllKeys() {
		if slices.Contains(known, key) {
			continue
		}
		section := func(name string) bool { return strings.HasPrefix(name, key+".") }
		switch near := nearest(key, known); {
		case slices.ContainsFunc(known, section):
			if got := v.Get(key); got != nil {
				faults.add(key, "%s", &kindError{"settings under it", got})
			}
		case near != "":
			faults.add(key, "unknown setting; did you mean %s?", near)
		default:
			faults.add(key, "unknown setting")
		}
	}
	return faults
}

// unknownVariables finds misspelt variables. One that resembles no setting may
// be somebody else's: Kubernetes sets DKIMWATCH_PORT for a service of our name.
func (l *layers) unknownVariables() Faults {
	var faults Faults
	known := []string{}
	for _, s := range l.config.Settings() {
		known = append(known, strings.TrimPrefix(s.Env(), EnvPrefix))
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		name, ours := strings.CutPrefix(name, EnvPrefix)
		if !ours || slices.Contains(known, name) {
			continue
		}
		if near := nearest(name, known); near != "" {
			faults.add("$"+EnvPrefix+name, "no such variable; did you mean $%s?", EnvPrefix+near)
		}
	}
	return faults
}

// nearest returns the name most like got, or "" if none is like it. One that
// ends alike after a dot is nearest: a setting that slipped out of its section.
func nearest(got string, names []string) string {
	best, least := "", len(got)/3+1
	for _, name := range names {
		if strings.HasSuffix(name, "."+got) {
			return name
		}
		if d := distance(got, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the bytes to insert, delete, replace or swap with their
// neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	older, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			replace := row[j]
			if a[i] != b[j] {
				replace++
			}
			next[j+1] = min(replace, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], older[j-1]+1)
			}
		}
		older, row = row, next
	}
	return row[len(b)]
}
