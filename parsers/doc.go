// Package parsers is the grammar of one log line: the envelopes that syslog and
// others put around it, and the words of Exim, Postfix and the DKIM verifiers
// beside them. What a line says becomes an Event.
//
// Everything in a line may be a stranger's text. Fields are therefore read from
// their place, from left to right, and never searched for in the whole line.
// Nothing here allocates per line, and nothing knows the time of day.
package parsers
