// Package configs is the configuration: the settings, their defaults, and how a
// file, the environment and flags are laid over them. It reports every fault at
// once, each with its key, and ships the annotated file that `dkimwatch config
// init` writes.
//
// It knows no other package of the program: the commands translate its values
// into what each part asks for.
package configs
