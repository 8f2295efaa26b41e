package main

import (
	"strconv"
	"time"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// explainedEvent is what one line says, as explain prints it
// (docs/schema/explain). Its texts are clean.
type explainedEvent struct {
	Type    string     `json:"type"` // "event"
	Source  string     `json:"source"`
	Line    int64      `json:"line"`
	Format  string     `json:"format"`
	Program string     `json:"program"`
	Kind    string     `json:"kind"`
	Time    *time.Time `json:"time,omitempty"`
	Text    string     `json:"text"` // the line

	// UnknownProgram is whose the line is, if it is none that is read.
	UnknownProgram string `json:"unknown_program,omitempty"`

	Host       string `json:"host,omitempty"`
	Instance   string `json:"instance,omitempty"`
	QueueID    string `json:"queue_id,omitempty"`
	Tag        string `json:"tag,omitempty"` // a filter's own number of one scan
	Sender     string `json:"sender,omitempty"`
	NullSender bool   `json:"null_sender,omitempty"`
	ClientName string `json:"client_name,omitempty"`
	ClientIP   string `json:"client_ip,omitempty"`
	Helo       string `json:"helo,omitempty"`
	MessageID  string `json:"message_id,omitempty"`
	Size       int64  `json:"size,omitempty"`
	Local      bool   `json:"local,omitempty"`
	Address    string `json:"address,omitempty"`
	Original   string `json:"original_address,omitempty"`
	Relay      string `json:"relay,omitempty"`
	RelayIP    string `json:"relay_ip,omitempty"`
	Related    string `json:"related,omitempty"`
	Relation   string `json:"relation,omitempty"`
	Words      string `json:"words,omitempty"`
	Stage      string `json:"stage,omitempty"`
	Temporary  bool   `json:"temporary,omitempty"`
	NoAttempt  bool   `json:"no_attempt,omitempty"`
	DKIM       bool   `json:"dkim,omitempty"`
	Cause      string `json:"cause,omitempty"`
	Domain     string `json:"domain,omitempty"`
	Selector   string `json:"selector,omitempty"`
	Count      int    `json:"count,omitempty"`

	Signatures []explainedSignature `json:"signatures,omitempty"`
	Means      string               `json:"means"`
}

// explainedSignature is one signature in an explainedEvent.
type explainedSignature struct {
	Domain    string `json:"domain"`
	Selector  string `json:"selector"`
	Algorithm string `json:"algorithm,omitempty"`
	Result    string `json:"result"`
	Cause     string `json:"cause"`
	Reason    string `json:"reason,omitempty"`
}

// explainEvent copies what ev says of the given line.
func explainEvent(source string, line int64, text []byte, format parsers.Format, ev *parsers.Event) explainedEvent {
	e := explainedEvent{
		Type: "event", Source: source, Line: line, Format: format.String(), Program: ev.Program.String(),
		Kind: ev.Kind.String(), Text: show(text),
		Host: show(ev.Host), Instance: show(ev.Instance), QueueID: show(ev.ID), Tag: show(ev.Tag),
		Sender: show(ev.Sender), NullSender: ev.NullSender, ClientName: show(ev.ClientName), ClientIP: show(ev.ClientIP),
		Helo: show(ev.Helo), MessageID: show(ev.MessageID), Size: ev.Size, Local: ev.Local,
		Address: show(ev.Addr), Original: show(ev.OrigAddr), Relay: show(ev.Relay), RelayIP: show(ev.RelayIP),
		Related: show(ev.Related), Relation: ev.Relation.String(), Words: show(ev.Text), Stage: show(ev.Stage),
		Temporary: ev.Temporary, NoAttempt: ev.NoAttempt, DKIM: ev.DKIM,
		Domain: show(ev.Domain), Selector: show(ev.Selector), Count: ev.Count,
		Means: lineMeans(ev),
	}
	if !ev.Time.IsZero() {
		t := ev.Time.UTC()
		e.Time = &t
	}
	if ev.Cause != dkim.CauseNone {
		e.Cause = ev.Cause.String()
	}
	for i := range ev.Sigs {
		s := &ev.Sigs[i]
		e.Signatures = append(e.Signatures, explainedSignature{
			show(s.Domain), show(s.Selector), show(s.Algorithm), s.Result.String(), s.Cause.String(), show(s.Reason),
		})
	}
	return e
}

// labelled is one field with its name.
type labelled struct{ name, value string }

// fields lists the fields that the line sets, in the order of reading.
func (e *explainedEvent) fields() []labelled {
	var list []labelled
	for _, f := range []labelled{
		{"Host", e.Host}, {"Instance", e.Instance}, {"Queue id", e.QueueID}, {"Scan", e.Tag},
		{"Sender", e.Sender}, {"Sender", whenSet(e.NullSender, "<>, the null sender")},
		{"Client", e.ClientName}, {"Client IP", e.ClientIP}, {"HELO", e.Helo}, {"Message-ID", e.MessageID},
		{"Size", number(e.Size)}, {"Origin", whenSet(e.Local, "here, or an authenticated user: our own mail going out")},
		{"Recipient", e.Address}, {"Original", e.Original}, {"Relay", e.Relay}, {"Relay IP", e.RelayIP},
		{"Related", joined(e.Related, e.Relation)}, {"Words", e.Words}, {"Stage", e.Stage},
		{"Refused", whenSet(e.Temporary, "for now (4xx)")}, {"Attempt", whenSet(e.NoAttempt, "none was made")},
		{"Names DKIM", whenSet(e.DKIM, "yes")}, {"Cause", e.Cause}, {"Domain", e.Domain}, {"Selector", e.Selector},
		{"Count", number(int64(e.Count))},
	} {
		if f.value != "" {
			list = append(list, f)
		}
	}
	for _, s := range e.Signatures {
		list = append(list, labelled{"Signature", s.text()})
	}
	return list
}

func (s *explainedSignature) text() string {
	text := "d=" + s.Domain
	for _, f := range []labelled{{"s", s.Selector}, {"a", s.Algorithm}} {
		if f.value != "" {
			text += " " + f.name + "=" + f.value
		}
	}
	text += ", result " + s.Result
	if s.Cause != dkim.CauseNone.String() {
		text += ", cause " + s.Cause
	}
	if s.Reason != "" {
		text += ", words “" + s.Reason + "”"
	}
	return text
}

func whenSet(set bool, words string) string {
	if set {
		return words
	}
	return ""
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func joined(id, relation string) string {
	if id == "" || relation == "" {
		return id
	}
	return id + " (" + relation + ")"
}

// print writes e for people.
func (e *explainedEvent) print(p *prose) {
	p.quote(2, e.Text)
	p.line("")
	p.field("Format", formatWords[e.Format].name)
	if e.Format == parsers.FormatNone.String() {
		p.field("Means", "This is no line that dkimwatch knows.")
		p.notKnown()
		return
	}
	switch {
	case e.UnknownProgram != "":
		p.field("Program", e.UnknownProgram+", which dkimwatch does not read")
	case e.Program != parsers.ProgramUnknown.String():
		p.field("Program", e.Program)
	}
	p.field("Kind", e.Kind+": "+kindShort(e.Kind))
	if e.Time != nil {
		p.field("Time", e.Time.Format("2006-01-02 15:04:05.999999 -07:00"))
	}
	for _, f := range e.fields() {
		p.field(f.name, f.value)
	}
	if e.UnknownProgram != "" {
		p.field("Means", "It is left out, whatever it says.")
		p.field("Needed", "If "+e.UnknownProgram+" verifies DKIM: its results in the log of a program that is read ("+
			programsRead+"), or support for its lines, for which a developer needs samples with the queue id, d=, s= and the reason.")
		return
	}
	p.field("Means", e.Means)
	if e.Kind != parsers.KindIgnored.String() && e.Kind != parsers.KindMalformed.String() {
		p.field("Message", e.belongs())
	}
}

// kindShort is what the lines of a kind, by its name, tell.
func kindShort(name string) string {
	for kind, words := range kindWords {
		if kind.String() == name {
			return words.short
		}
	}
	return ""
}

// belongs says which message the line is of.
func (e *explainedEvent) belongs() string {
	switch {
	case e.QueueID != "":
		return e.QueueID
	case e.Tag != "":
		return "that of scan " + e.Tag + ", which the filter's summary ties to a queue id"
	}
	return "none that the line names"
}
