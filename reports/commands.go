package reports

import (
	"slices"
	"strings"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// maxRetryIDs is how many queue ids a suggested command names.
const maxRetryIDs = 5

// commands are the lines that repeat the finding and retry what waits. Every
// word in them is checked: names and ids come from strangers.
func commands(in *correlate.Incident, messages []*correlate.Message) []Command {
	list := []Command{}
	if dig := digLine(in.Key); dig != "" {
		list = append(list, Command{"repeat", dig})
	}
	byMTA := map[string][]string{}
	for _, m := range messages {
		if m.Stuck && safeID(m.QueueID) && concerns(m, in) {
			byMTA[m.MTA] = append(byMTA[m.MTA], m.QueueID)
		}
	}
	if ids := byMTA["exim"]; len(ids) > 0 {
		list = append(list, Command{"retry", "exim -M " + strings.Join(ids[:min(len(ids), maxRetryIDs)], " ")})
	}
	if ids := byMTA["postfix"]; len(ids) > 0 {
		line := make([]string, 0, maxRetryIDs)
		for _, id := range ids[:min(len(ids), maxRetryIDs)] {
			line = append(line, "postqueue -i "+id)
		}
		list = append(list, Command{"retry", strings.Join(line, "; ")})
	}
	return list
}

// concerns reports whether one of m's findings is of in's key.
func concerns(m *correlate.Message, in *correlate.Incident) bool {
	return slices.ContainsFunc(m.Findings, func(f correlate.Finding) bool {
		return f.Key == in.Key && f.Direction == in.Direction
	})
}

// digLine is the command that asks for the key, empty if there is no such name.
func digLine(key dkim.KeyName) string {
	if key.Check() != nil {
		return ""
	}
	return "dig +short TXT " + strings.TrimSuffix(key.String(), ".")
}

// safeID reports whether a queue id is safe to put into a shell command.
func safeID(id string) bool {
	if id == "" || id[0] == '-' {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-'
	})
}
