package reports

import "github.com/dkimwatch/dkimwatch/correlate"

// distinct returns the messages with a finding, each once: one that is in two
// queues, or was tried again under another id, is one message, and what became of
// it is the worst of that. The order is that of the first sight.
func distinct(messages []*correlate.Message) []*correlate.Message {
	var list []*correlate.Message
	at := map[string]int{}
	for _, m := range messages {
		if len(m.Findings) == 0 {
			continue
		}
		id := m.Identity()
		switch i, ok := at[id]; {
		case !ok:
			at[id] = len(list)
			list = append(list, m)
		case gravity[harmOf(m)] > gravity[harmOf(list[i])]:
			list[i] = m
		}
	}
	return list
}

// gravity orders what became of a message: what waits here counts, whatever the
// next host did with it.
var gravity = map[correlate.Harm]int{
	correlate.HarmTempfailed: 1, correlate.HarmRejected: 2, correlate.HarmBounced: 3, correlate.HarmHeldHere: 4,
}

// harmOf is the worst that a key did to m. A message that was not tried yet is
// not held.
func harmOf(m *correlate.Message) correlate.Harm {
	if waits(m) {
		return correlate.HarmHeldHere
	}
	worst := correlate.HarmNone
	for i := range m.Findings {
		if h := m.Findings[i].Harm; h != correlate.HarmHeldHere && gravity[h] > gravity[worst] {
			worst = h
		}
	}
	return worst
}
