package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
)

// schema is the part of JSON Schema (2020-12) that docs/schema uses.
type schema struct {
	Dialect     string             `json:"$schema"`
	Ref         string             `json:"$ref"`
	Title       string             `json:"title"`
	Description string             `json:"description"`
	Type        any                `json:"type"` // a string or a list of them
	Const       any                `json:"const"`
	Enum        []string           `json:"enum"`
	Format      string             `json:"format"`
	Minimum     *float64           `json:"minimum"`
	Properties  map[string]*schema `json:"properties"`
	Required    []string           `json:"required"`
	Items       *schema            `json:"items"`
	Additional  *schema            `json:"additionalProperties"`
	Names       *schema            `json:"propertyNames"`
}

func readSchema(t *testing.T, name string) *schema {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "docs", "schema", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var s schema
	d := json.NewDecoder(f)
	d.DisallowUnknownFields() // a keyword that would not be checked
	if err := d.Decode(&s); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return &s
}

// validate reports how v breaks s. It is stricter than JSON Schema in one thing:
// a field that the schema does not have is an error.
func (s *schema) validate(t *testing.T, at string, v any) {
	if s.Ref != "" {
		readSchema(t, s.Ref).validate(t, at, v)
		return
	}
	wrong := func(format string, args ...any) { t.Errorf("%s: %s", at, fmt.Sprintf(format, args...)) }
	if s.Const != nil && v != s.Const {
		wrong("%v is not %v", v, s.Const)
	}
	if s.Enum != nil {
		if text, ok := v.(string); !ok || !slices.Contains(s.Enum, text) {
			wrong("%v is not one of %q", v, s.Enum)
		}
	}
	if s.Type != nil && !slices.Contains(types(s.Type), typeOf(v)) {
		wrong("%v is a %s, not a %v", v, typeOf(v), s.Type)
		return
	}
	switch v := v.(type) {
	case string:
		if s.Format == "date-time" {
			if at, err := time.Parse(time.RFC3339, v); err != nil || at.Location() != time.UTC {
				wrong("%q is no time in UTC", v)
			}
		}
	case float64:
		if s.Minimum != nil && v < *s.Minimum {
			wrong("%v is less than %v", v, *s.Minimum)
		}
	case []any:
		for i, item := range v {
			s.Items.validate(t, fmt.Sprintf("%s[%d]", at, i), item)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				wrong("lacks %s", name)
			}
		}
		for name, item := range v {
			property := s.Properties[name]
			if property == nil {
				property = s.Additional
			}
			if property == nil {
				wrong("%s is not in the schema", name)
				continue
			}
			if s.Names != nil {
				s.Names.validate(t, at+" names", name)
			}
			property.validate(t, at+"."+name, item)
		}
	}
}

func types(v any) []string {
	if one, ok := v.(string); ok {
		return []string{one}
	}
	var list []string
	for _, one := range v.([]any) {
		list = append(list, one.(string))
	}
	return list
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

var schemaFixtures = map[string]func() *Report{
	"rich": rich, "empty": empty, "stuck": func() *Report { return StuckOnly(rich()) },
	"hostile": func() *Report { return hostile(nasty[5]) }, "no DNS": noDNS, "no route": noRoute, "everything": everything,
}

// everything is a report with every value of every enumeration.
func everything() *Report {
	r := rich()
	r.Since, r.Until = ago(48*time.Hour), now
	for c := range dkim.Cause(len(names(dkim.CauseNone))) {
		m := held(fmt.Sprint("1uC", c), time.Hour, zendesk, correlate.Explicit, "")
		m.Findings[0].Cause, m.Signatures[0].Cause = c, c
		m.Outcome = correlate.Outcome(int(c) % len(names(correlate.OutcomeUnknown)))
		m.Findings[0].Harm = correlate.Harm(int(c) % len(names(correlate.HarmNone)))
		m.Signatures[0].Result = dkim.Result(int(c) % len(names(dkim.ResultUnknown)))
		m.Signatures[0].Ours = true
		r.Messages = append(r.Messages, m)
		in := r.Incidents[1]
		in.Cause = c
		in.Verdict.Status = dkim.KeyStatus(int(c) % len(names(dkim.KeyUnknown)))
		in.Verdict.Fault = dkim.Fault(int(c) % len(names(dkim.FaultUnknown)))
		r.Incidents = append(r.Incidents, in)
		r.Other = append(r.Other, correlate.Other{Cause: c, Domain: "example.com", Messages: 1})
	}
	return r
}

func TestNDJSONMatchesSchemas(t *testing.T) {
	schemas := map[string]*schema{}
	for _, name := range []string{"message", "incident", "source", "summary"} {
		schemas[name] = readSchema(t, name+".json")
	}
	for name, fixture := range schemaFixtures {
		var b bytes.Buffer
		if err := WriteNDJSON(&b, fixture(), true); err != nil {
			t.Fatal(err)
		}
		order := []string{"message", "incident", "source", "summary"}
		for line := range bytes.Lines(b.Bytes()) {
			var v map[string]any
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatal(err)
			}
			kind, _ := v["type"].(string)
			s := schemas[kind]
			if s == nil {
				t.Fatalf("%s: type %q has no schema", name, kind)
			}
			s.validate(t, name+" "+kind, v)
			if kind != order[0] && !slices.Contains(order, kind) {
				t.Errorf("%s: a %s comes too late", name, kind)
			}
			order = order[slices.Index(order, kind):]
		}
		if len(order) != 1 {
			t.Errorf("%s: no summary at the end", name)
		}
	}
}

func TestReportMatchesSchema(t *testing.T) {
	s := readSchema(t, "report.json")
	for name, fixture := range schemaFixtures {
		var b bytes.Buffer
		if err := WriteJSON(&b, fixture()); err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(&b)
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		s.validate(t, name, v)
		if _, err := d.Token(); err != io.EOF {
			t.Errorf("%s: something follows the document: %v", name, err)
		}
	}
}

// names returns what all values from zero on are called.
func names[T ~uint8](T) []string {
	var list []string
	for i := range 256 {
		name := fmt.Sprint(T(i))
		if strings.Contains(name, "(") {
			break
		}
		list = append(list, name)
	}
	return list
}

func TestSchemaEnumerations(t *testing.T) {
	var codes []string
	for i := range names(dkim.KeyUnknown) {
		if c := verdictCode(dkim.KeyStatus(i)); !slices.Contains(codes, c) {
			codes = append(codes, c)
		}
	}
	message, incident, summary := readSchema(t, "message.json"), readSchema(t, "incident.json"), readSchema(t, "summary.json")
	recipient, signature := message.Properties["recipients"].Items, message.Properties["signatures"].Items
	finding, verdict := message.Properties["findings"].Items, incident.Properties["verdict"]
	for name, tt := range map[string]struct {
		have *schema
		want []string
	}{
		"outcome":          {message.Properties["outcome"], names(correlate.OutcomeUnknown)},
		"of a recipient":   {recipient.Properties["outcome"], names(correlate.OutcomeUnknown)},
		"result":           {signature.Properties["result"], names(dkim.ResultUnknown)},
		"signature cause":  {signature.Properties["cause"], names(dkim.CauseNone)},
		"finding cause":    {finding.Properties["cause"], names(dkim.CauseNone)},
		"harm":             {finding.Properties["harm"], names(correlate.HarmNone)},
		"direction":        {finding.Properties["direction"], names(correlate.Inbound)},
		"attribution":      {finding.Properties["attribution"], names(correlate.Inferred)},
		"incident's":       {incident.Properties["direction"], names(correlate.Inbound)},
		"incident cause":   {incident.Properties["cause"], names(dkim.CauseNone)},
		"state":            {incident.Properties["state"], names(correlate.StateOpen)},
		"severity":         {incident.Properties["severity"], names(correlate.SeverityInfo)},
		"status":           {verdict.Properties["status"], names(dkim.KeyUnknown)},
		"code":             {verdict.Properties["code"], codes},
		"fault":            {verdict.Properties["fault"], names(dkim.FaultUnknown)},
		"counted outcomes": {summary.Properties["messages"].Properties["by_outcome"].Names, names(correlate.OutcomeUnknown)},
		"counted causes":   {summary.Properties["findings"].Properties["by_cause"].Names, names(dkim.CauseNone)},
		"counted states":   {summary.Properties["incidents"].Properties["by_state"].Names, names(correlate.StateOpen)},
	} {
		if diff := cmp.Diff(slices.Sorted(slices.Values(tt.want)), slices.Sorted(slices.Values(tt.have.Enum))); diff != "" {
			t.Errorf("%s (-Go +schema):\n%s", name, diff)
		}
	}
}

func TestSchemasDescribeEverything(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "docs", "schema", "*.json"))
	if err != nil || len(files) != 5 {
		t.Fatalf("%d schemas, want 5 (%v)", len(files), err)
	}
	var walk func(at string, s *schema)
	walk = func(at string, s *schema) {
		if s.Ref == "" && s.Const == nil && s.Description == "" {
			t.Errorf("%s has no description", at)
		}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			walk(at+"."+name, s.Properties[name])
		}
		if s.Items != nil && s.Items.Properties != nil {
			walk(at+"[]", s.Items)
		}
	}
	for _, file := range files {
		s := readSchema(t, filepath.Base(file))
		if s.Dialect != "https://json-schema.org/draft/2020-12/schema" {
			t.Errorf("%s: $schema is %q", file, s.Dialect)
		}
		walk(filepath.Base(file), s)
	}
}
