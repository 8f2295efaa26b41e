package reports

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// How many queue ids a suggested command names: on a card, and where all are
// wanted, which takes several commands then. No more than maxRetryAll are named.
const (
	maxRetryIDs  = 5
	maxRetryLine = 50
	maxRetryAll  = 1000
)

// commands are the lines that repeat the finding and retry what waits. Every
// word in them is checked: names and ids come from strangers. The messages are
// those of in.
func commands(in *correlate.Incident, messages []*correlate.Message) []Command {
	list := []Command{}
	if dig := digLine(in.Key); dig != "" {
		list = append(list, Command{Purpose: "repeat", Line: dig})
	}
	for _, g := range retryGroups(messages) {
		for _, line := range g.all() {
			list = append(list, Command{"retry", g.host, line})
		}
	}
	return list
}

// retryGroup is messages that one command retries.
type retryGroup struct {
	retryPlace
	ids []string // the oldest message first
}

type retryPlace struct {
	host, mta, instance string
	hold                bool // Postfix: must be released first
}

// retryGroups sorts the messages that wait by where and how they are retried.
// Those whose id could not stand in a command are left out.
func retryGroups(messages []*correlate.Message) []retryGroup {
	byPlace := map[retryPlace][]string{}
	for _, m := range messages {
		if !waits(m) || !safeID(m.QueueID) || m.Instance != "" && !safeID(m.Instance) {
			continue
		}
		at := retryPlace{m.Host, m.MTA, m.Instance, m.MTA == "postfix" && m.Outcome == correlate.OutcomeHeld}
		byPlace[at] = append(byPlace[at], m.QueueID)
	}
	places := slices.SortedFunc(maps.Keys(byPlace), func(a, b retryPlace) int {
		return cmp.Or(
			cmp.Compare(len(byPlace[b]), len(byPlace[a])), cmp.Compare(a.host, b.host), cmp.Compare(a.mta, b.mta),
			cmp.Compare(a.instance, b.instance), cmp.Compare(yes(a.hold), yes(b.hold)),
		)
	})
	var groups []retryGroup
	for _, p := range places {
		groups = append(groups, retryGroup{p, byPlace[p]})
	}
	return groups
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

// command is the line that retries the first of g's messages: at most limit, and
// at least one but no more than fit into width columns, if that is not 0. It
// returns how many those are.
func (g *retryGroup) command(limit, width int) (line string, n int) {
	for n < min(limit, len(g.ids)) {
		next := g.line(g.ids[:n+1])
		if n > 0 && width > 0 && len(next) > width {
			break
		}
		line, n = next, n+1
	}
	return line, n
}

// all are the lines that retry all messages of g.
func (g *retryGroup) all() []string {
	var lines []string
	for ids := range slices.Chunk(g.ids[:min(len(g.ids), maxRetryAll)], maxRetryLine) {
		lines = append(lines, g.line(ids))
	}
	return lines
}

// line is the command for these ids. Exim's -M thaws what is frozen; Postfix
// tries again what postqueue -i names, one at a time, but not what is on hold.
func (g *retryGroup) line(ids []string) string {
	if g.mta == "exim" {
		return "exim -M " + strings.Join(ids, " ")
	}
	if len(ids) == 1 {
		return g.retry(ids[0])
	}
	return "for i in " + strings.Join(ids, " ") + "; do " + g.retry("$i") + "; done"
}

// retry is what Postfix needs for one id.
func (g *retryGroup) retry(id string) string {
	line := g.postfix() + "postqueue -i " + id
	if g.hold {
		line = g.postfix() + "postsuper -H " + id + "; " + line
	}
	return line
}

// read is the command that shows the header of g's oldest message.
func (g *retryGroup) read() string {
	if g.mta == "exim" {
		return "exim -Mvh " + g.ids[0]
	}
	return g.postfix() + "postcat -qh " + g.ids[0]
}

// postfix is what stands before a Postfix command to have it run in g's instance.
func (g *retryGroup) postfix() string {
	if g.instance == "" {
		return ""
	}
	return "postmulti -i " + g.instance + " -x "
}

// digLine is the command that asks for the key, empty if there is no such name.
func digLine(key dkim.KeyName) string {
	if key.Check() != nil || strings.HasPrefix(key.Selector, "-") {
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
