// Package reports turns messages, incidents and what was read into what people
// and programs look at: text for a terminal, JSON, CSV and Markdown. All of them
// are made from the same view structs, whose JSON names are the vocabulary that
// stays (docs/schema).
package reports
