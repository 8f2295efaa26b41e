// Package dkim knows DKIM keys: their names, their records in DNS, how to look
// one up, and what the answer means (RFC 6376, 8301, 8463). It also holds the
// vocabulary for what goes wrong with a signature (Cause, Result), because the
// words of every verifier are mapped onto it.
//
// It knows no logs, no mail transfer agents and no storage.
package dkim
