// Package store keeps the history of what was found: messages in trouble, the
// incidents and verdicts about their keys, and counts of everything else. It
// knows SQL and nothing of how its rows came to be or who reads them.
//
// Open gives a DB that writes and reads, OpenReadOnly one for those who only
// look. All that belongs together is committed together, by DB.Commit, and
// committing the same things twice changes nothing: a log may be read again,
// whole or in part, at any time.
//
// This version has SQLite. Queries keep to what PostgreSQL speaks too ($1,
// ON CONFLICT, RETURNING), and only the migrations and sqlite.go know better.
// Package storetest is the contract for every dialect.
//
// Conventions of the tables:
//
//   - Times are integer microseconds since 1970, UTC. A time that may be missing
//     is NULL; the zero time.Time elsewhere is its own number of microseconds.
//   - Enumerations are stored as their identifiers ("tempfailed"), which are
//     stable between releases where their numbers in Go are not.
//   - Text is UTF-8 without NUL. Strangers' bytes that are not are written as
//     \xNN, and a backslash as two, so that every string comes back byte for byte
//     (see text).
//   - What repeats in row after row (hosts, domains, selectors, verifiers' words,
//     file names) is a number in table term. What hardly repeats (addresses,
//     replies, ids) stands where it belongs.
//   - Keys of findings, incidents and verdicts are canonical
//     (dkim.KeyName.Canonical); those of signatures are as logged.
package store
