// Package dnstest runs real DNS servers on loopback whose answers can be set,
// and changed while they run: for tests that must not need a network, and for
// the demonstration that brings its own.
//
// It knows DNS, nothing of DKIM.
package dnstest
