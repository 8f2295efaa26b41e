package configs

import _ "embed"

//go:embed dkimwatch.yaml
var annotated string

// Annotated returns a configuration file with every setting at its default, and
// what each is for.
func Annotated() string { return annotated }
