package main

import (
	"io"
	"log/slog"

	"github.com/dkimwatch/dkimwatch/configs"
)

// app is what all commands share: the global flags, and what they lead to.
type app struct {
	configFile string
	logLevel   slog.LevelVar // info unless --log-level says otherwise
	log        *slog.Logger  // obeys logLevel
}

// newApp returns an app that logs to w.
func newApp(w io.Writer) *app {
	a := &app{}
	a.log = slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: &a.logLevel}))
	return a
}

// load returns the configuration with flags over it.
func (a *app) load(flags configs.Flags) (*configs.Loaded, error) {
	l, err := configs.Load(a.configFile, flags)
	if err != nil {
		return nil, err
	}
	a.log.Debug("configuration read", "source", l.File)
	return l, nil
}
