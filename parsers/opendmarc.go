package parsers

import (
	"bytes"

	"github.com/dkimwatch/dkimwatch/dkim"
)

// opendmarc reads OpenDMARC's judgement of a message, of which only "fail" is of
// interest: the domain in From has no aligned signature that passed.
//
//	6E56915785: bistro-nova.example none
//	6E56915785: bistro-nova.example fail
//	6E56915785: SPF(mailfrom): bistro-nova.example pass
//
// The refusal that may follow is on Postfix's milter-reject line.
func (p *Syslog) opendmarc(text []byte, ev *Event) {
	ev.Program = ProgramOpenDMARC
	var rest []byte
	ev.ID, rest = cutMilterID(text)
	domain, ok := bytes.CutSuffix(rest, []byte(" fail"))
	if !ok || len(domain) == 0 || bytes.ContainsAny(domain, " :") {
		return
	}
	ev.Kind, ev.Text, ev.Cause, ev.Domain = KindWarning, rest, dkim.CausePolicyAlignment, domain
}
