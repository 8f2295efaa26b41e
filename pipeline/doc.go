// Package pipeline runs the stages in order: sources give lines, parsers make
// events of them, correlate makes messages and incidents, and dkim asks DNS
// again. It decides which goroutine runs what, and nothing else.
package pipeline
