package reports

import "github.com/dkimwatch/dkimwatch/correlate"

// compact writes incidents one a line, with those columns that tell something.
func (p *page) compact(list []*correlate.Incident, title func(n int) string) {
	if len(list) == 0 {
		return
	}
	p.heading(title(len(list)))
	shown := list[:min(len(list), maxRows)]
	t := table{give: 0, short: shortKey(shown)}
	room := p.width - cardIndent
	for _, c := range p.incidentColumns() {
		cells := make([]string, len(shown))
		width, empty := columns(c.head), true
		for i, in := range shown {
			cells[i] = c.cell(in)
			width = max(width, columns(cells[i]))
			empty = empty && (cells[i] == "" || cells[i] == "0")
		}
		if empty || c.room > 0 && room-2-width < c.room {
			continue
		}
		if len(t.head) > 0 {
			room -= 2 + width
		}
		t.add(c.head, c.right, cells)
	}
	p.table(cardIndent, t)
	if more := len(list) - len(shown); more > 0 {
		p.prose(cardIndent, dim, "… and "+count(more)+" more")
	}
}

// incidentColumn is a column of the compact table. It is left out where less room
// would be left for the key's name than it says; 0 is never.
type incidentColumn struct {
	head  string
	right bool
	room  int
	cell  func(in *correlate.Incident) string
}

func (p *page) incidentColumns() []incidentColumn {
	return []incidentColumn{
		{"KEY", false, 0, subject},
		{"SINCE", false, 0, func(in *correlate.Incident) string { return p.clock.at(in.Opened) }},
		{"HELD", true, 0, func(in *correlate.Incident) string { return count(in.Stuck) }},
		{"PUT OFF", true, 0, func(in *correlate.Incident) string { return count(in.Tempfailed) }},
		{"REJECTED", true, 0, func(in *correlate.Incident) string { return count(in.Rejected) }},
		{"BOUNCED", true, 0, func(in *correlate.Incident) string { return count(in.Bounced) }},
		{"CAUSE", false, 26, func(in *correlate.Incident) string { return in.Cause.String() }},
		{"ALL", true, 38, func(in *correlate.Incident) string { return count(in.Messages) }},
		{"ID", false, 46, func(in *correlate.Incident) string { return fit(Clean(in.ID, 10), 10) }},
	}
}

// shortKey returns what stands for the keys of a list where their names in DNS do
// not fit: the selector and the domain, whose end tells most.
func shortKey(list []*correlate.Incident) func(row, n int) string {
	return func(row, n int) string {
		if row < 0 {
			return "SELECTOR / DOMAIN"
		}
		in := list[row]
		domain := Clean(in.Key.Domain, maxName)
		if in.Direction == correlate.Own || domain == "" {
			return fit(subject(in), n)
		}
		if in.Direction == correlate.Outbound {
			domain += " (ours)"
		}
		const between = " / "
		n -= len(between)
		selector := fit(first(Clean(in.Key.Selector, maxName), "?"), max(leastSelector, n-columns(domain)))
		return selector + between + fitEnd(domain, n-columns(selector))
	}
}

// leastSelector is how much of a selector stays whatever its domain's length.
const leastSelector = 6
