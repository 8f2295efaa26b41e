package reports

import (
	"time"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// Message is one message as every output shows it.
type Message struct {
	Type       string    `json:"type"` // "message"
	Host       string    `json:"host"`
	Instance   string    `json:"instance,omitempty"`
	MTA        string    `json:"mta"`
	QueueID    string    `json:"queue_id"`
	MessageID  string    `json:"message_id,omitempty"`
	Sender     *string   `json:"sender"` // null: not logged; "": the null sender
	ClientIP   string    `json:"client_ip,omitempty"`
	Helo       string    `json:"helo,omitempty"`
	Size       int64     `json:"size,omitempty"`
	FirstSeen  time.Time `json:"first_seen"`
	LastSeen   time.Time `json:"last_seen"`
	Outcome    string    `json:"outcome"`
	Stuck      bool      `json:"stuck"`
	AgeSeconds int64     `json:"age_seconds"` // in the queue: until now; else until it left
	// Deadline is when it bounces if nothing changes, if that is known.
	Deadline       time.Time   `json:"deadline,omitzero"`
	DeadlineSource string      `json:"deadline_source,omitempty"`
	Attempts       int         `json:"attempts"`
	Recipients     []Recipient `json:"recipients"`
	Signatures     []Signature `json:"signatures"`
	Findings       []Finding   `json:"findings"`
	Related        []Relation  `json:"related"`
	Sources        []Span      `json:"sources"`
}

// Recipient is what became of a message for one address.
type Recipient struct {
	Address   string     `json:"address"`
	Outcome   string     `json:"outcome"`
	Deferrals int        `json:"deferrals"`
	LastReply string     `json:"last_reply,omitempty"`
	At        *time.Time `json:"at,omitempty"`
}

// Signature is what the logs say of one signature.
type Signature struct {
	Domain    string `json:"domain"`
	Selector  string `json:"selector"`
	Algorithm string `json:"algorithm,omitempty"`
	Result    string `json:"result"`
	Cause     string `json:"cause"`
	Reason    string `json:"reason,omitempty"`
	Ours      bool   `json:"ours,omitempty"`
}

// Finding is one message's trouble with one key.
type Finding struct {
	Domain      string   `json:"domain"`
	Selector    string   `json:"selector"`
	Cause       string   `json:"cause"`
	Harm        string   `json:"harm"`
	Direction   string   `json:"direction"`
	Attribution string   `json:"attribution"`
	Evidence    []string `json:"evidence"`
}

// Relation ties a message to another queue id.
type Relation struct {
	QueueID  string `json:"queue_id"`
	Relation string `json:"relation"`
}

// Span is where a message's lines stand.
type Span struct {
	File      string `json:"file"`
	FirstLine int64  `json:"first_line"`
	LastLine  int64  `json:"last_line"`
}

// Incident is one spell of trouble with one key as every output shows it.
type Incident struct {
	Type             string     `json:"type"` // "incident"
	ID               string     `json:"id"`
	Direction        string     `json:"direction"`
	Domain           string     `json:"domain"`
	Selector         string     `json:"selector"`
	About            string     `json:"about,omitempty"`
	Cause            string     `json:"cause"`
	State            string     `json:"state"`
	Severity         string     `json:"severity"`
	Opened           time.Time  `json:"opened"`
	LastSeen         time.Time  `json:"last_seen"`
	Resolved         *time.Time `json:"resolved,omitempty"`
	Messages         int        `json:"messages"`
	Stuck            int        `json:"stuck"`
	Tempfailed       int        `json:"tempfailed"`
	Rejected         int        `json:"rejected"`
	Bounced          int        `json:"bounced"`
	Delivered        int        `json:"delivered"`
	Recipients       int        `json:"recipients"`
	OldestAgeSeconds int64      `json:"oldest_age_seconds"`
	Deadline         *time.Time `json:"deadline,omitempty"`
	DeadlineSource   string     `json:"deadline_source,omitempty"`
	WorkedUntil      *time.Time `json:"worked_until,omitempty"`
	Explicit         int        `json:"explicit"`
	Reopened         int        `json:"reopened,omitempty"`
	Verdict          *Verdict   `json:"verdict,omitempty"`
	FindingsTotal    int        `json:"findings_total"`
	Commands         []Command  `json:"commands"`
}

// Command is a line that the administrator may run, where, and what for.
type Command struct {
	Purpose string `json:"purpose"`        // "repeat": ask for the key; "retry": try to deliver what waits
	Host    string `json:"host,omitempty"` // of the mail server; empty for any
	Line    string `json:"line"`
}

// Verdict is what DNS said of a key.
type Verdict struct {
	Status       string        `json:"status"`
	Code         string        `json:"code"`
	Fault        string        `json:"fault"`
	Confidence   string        `json:"confidence"`
	Detail       string        `json:"detail,omitempty"`
	Record       string        `json:"record,omitempty"`
	Chain        []string      `json:"cname,omitempty"`
	At           time.Time     `json:"at"`
	Observations []Observation `json:"observations"`
}

// Observation is one server's answer.
type Observation struct {
	Server    string `json:"server"`
	Transport string `json:"transport"`
	Name      string `json:"name"`
	Rcode     string `json:"rcode,omitempty"`
	Error     string `json:"error,omitempty"`
	Answers   int    `json:"answers"`
	RTTMillis int64  `json:"rtt_ms"`
	TTL       int64  `json:"ttl_seconds"`
	Truncated bool   `json:"truncated,omitempty"`
	EDE       string `json:"ede,omitempty"`
}

// ViewMessage makes the view of m as it stands at asOf.
func ViewMessage(m *correlate.Message, asOf time.Time) Message {
	v := Message{
		Type: "message", Host: m.Host, Instance: m.Instance, MTA: m.MTA, QueueID: m.QueueID, MessageID: m.MessageID,
		ClientIP: m.ClientIP, Helo: m.Helo, Size: m.Size, FirstSeen: m.FirstSeen.UTC(), LastSeen: m.LastSeen.UTC(),
		Outcome: m.Outcome.String(), Stuck: m.Stuck, Attempts: m.Attempts,
		Recipients: []Recipient{}, Signatures: []Signature{}, Findings: []Finding{}, Related: []Relation{}, Sources: []Span{},
	}
	if m.SenderKnown {
		v.Sender = &m.Sender
	}
	until := m.LastSeen
	if m.Outcome.InQueue() && !m.Ended {
		until = asOf
	}
	v.AgeSeconds = max(0, int64(until.Sub(m.FirstSeen)/time.Second))
	for _, r := range m.Recipients {
		v.Recipients = append(v.Recipients, Recipient{r.Address, r.Outcome.String(), r.Deferrals, r.LastReply, known(r.At)})
	}
	for _, s := range m.Signatures {
		v.Signatures = append(v.Signatures, Signature{
			s.Key.Domain, s.Key.Selector, s.Algorithm, s.Result.String(), s.Cause.String(), s.Reason, s.Ours,
		})
	}
	for _, f := range m.Findings {
		v.Findings = append(v.Findings, Finding{
			f.Key.Domain, f.Key.Selector, f.Cause.String(), f.Harm.String(), f.Direction.String(),
			f.Attribution.String(), append([]string{}, f.Evidence...),
		})
	}
	for _, r := range m.Related {
		v.Related = append(v.Related, Relation{r.QueueID, r.Kind})
	}
	for _, s := range m.Sources {
		v.Sources = append(v.Sources, Span{s.File, s.FirstLine, s.LastLine})
	}
	return v
}

// ViewIncident makes the view of in as it stands at asOf. The messages are those
// of the incident: the ones that wait give the commands.
func ViewIncident(in *correlate.Incident, messages []*correlate.Message, asOf time.Time) Incident {
	v := Incident{
		Type: "incident", ID: in.ID, Direction: in.Direction.String(), Domain: in.Key.Domain, Selector: in.Key.Selector,
		About: in.About, Cause: in.Cause.String(), State: in.State.String(), Severity: in.Severity.String(),
		Opened: in.Opened.UTC(), LastSeen: in.LastSeen.UTC(), Resolved: known(in.ResolvedAt),
		Messages: in.Messages, Stuck: in.Stuck, Tempfailed: in.Tempfailed, Rejected: in.Rejected, Bounced: in.Bounced,
		Delivered: in.Delivered, Recipients: in.Recipients, Deadline: known(in.Deadline), DeadlineSource: in.DeadlineSource,
		WorkedUntil: known(in.WorkedUntil), Explicit: in.Explicit, Reopened: in.Reopened, FindingsTotal: in.Findings,
		Verdict: viewVerdict(&in.Verdict), Commands: commands(in, messages),
	}
	if !in.Oldest.IsZero() {
		v.OldestAgeSeconds = max(0, int64(asOf.Sub(in.Oldest)/time.Second))
	}
	return v
}

func viewVerdict(d *dkim.Verdict) *Verdict {
	if d.At.IsZero() {
		return nil
	}
	v := &Verdict{
		Status: d.Status.String(), Code: verdictCode(d.Status), Fault: d.Fault.String(), Confidence: d.Confidence,
		Detail: d.Detail, Record: d.Record, Chain: d.Chain, At: d.At.UTC(), Observations: []Observation{},
	}
	for _, o := range d.Observations {
		v.Observations = append(v.Observations, Observation{
			o.Server, o.Transport, o.Name, o.Rcode, o.Err, o.Answers, o.RTT.Milliseconds(), int64(o.TTL / time.Second), o.Truncated, o.EDE,
		})
	}
	return v
}

// verdictCode is the stable word for what to do about a status.
func verdictCode(s dkim.KeyStatus) string {
	switch s {
	case dkim.KeyValid:
		return "key-ok"
	case dkim.KeyNotFound, dkim.KeyNoData:
		return "key-missing"
	case dkim.KeyUnknown, dkim.KeyUnreachable, dkim.KeyNameInvalid:
		return s.String()
	}
	return "key-" + s.String()
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
