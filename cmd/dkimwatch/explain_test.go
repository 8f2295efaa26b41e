package main

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/parsers"
)

// Every kind, cause and result must be put into words.
func TestExplainHasWords(t *testing.T) {
	for k := parsers.KindIgnored; k.String() != "?"; k++ {
		if words := kindWords[k]; words.short == "" || words.sentence == "" {
			t.Errorf("no words for kind %v", k)
		}
	}
	for c := dkim.CauseNone + 1; ; c++ {
		var known dkim.Cause
		if known.UnmarshalText([]byte(c.String())) != nil {
			break
		}
		if causeWords[c] == "" {
			t.Errorf("no words for cause %v", c)
		}
	}
	for r := dkim.ResultUnknown; ; r++ {
		var known dkim.Result
		if known.UnmarshalText([]byte(r.String())) != nil {
			break
		}
		if resultWords[r] == "" {
			t.Errorf("no words for result %v", r)
		}
	}
}

func TestShapeOf(t *testing.T) {
	tests := map[string]struct{ a, b string }{
		"numbers":   {"2026-05-11 14:51:19 Start queue run: pid=1203", "2026-05-12 06:01:02 Start queue run: pid=7"},
		"processes": {"May 11 15:22:35 mx1 postfix/smtpd[1301]: connect from a.example[192.0.2.1]", "May 12 15:22:35 mx1 postfix/smtpd[9]: connect from b.example[192.0.2.7]"},
		"addresses": {"to=<a@example.org>, relay=none", "to=<b@example.net>, relay=mx"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if a, b := shapeOf([]byte(tt.a)), shapeOf([]byte(tt.b)); a != b {
				t.Errorf("shapeOf: %q and %q differ", a, b)
			}
		})
	}
}

func TestWrapWords(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"short":     {"one two", []string{"one two"}},
		"wrapped":   {"one two three four", []string{"one two", "three four"}},
		"long word": {"a selector1._domainkey", []string{"a", "selector1.", "_domainkey"}},
		"empty":     {"  ", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := wrapWords(tt.text, 10)
			if len(got) != len(tt.want) {
				t.Fatalf("wrapWords(%q) = %q, want %q", tt.text, got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("wrapWords(%q) = %q, want %q", tt.text, got, tt.want)
				}
			}
		})
	}
}

// The schema of an event must have the fields that there are, and the kinds.
func TestEventSchema(t *testing.T) {
	text, err := os.ReadFile("../../docs/schema/explain/event.json")
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]struct {
			Enum  []string
			Items struct{ Properties map[string]any }
		}
		Required []string
	}
	var schema object
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	fields := func(v any) (all, required []string) {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			all = append(all, name)
			if option == "" {
				required = append(required, name)
			}
		}
		return slices.Sorted(slices.Values(all)), required
	}
	all, required := fields(explainedEvent{})
	if have := slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(have, all) {
		t.Errorf("the schema has %q, an event %q", have, all)
	}
	if !slices.Equal(schema.Required, required) {
		t.Errorf("the schema requires %q, an event always has %q", schema.Required, required)
	}
	all, _ = fields(explainedSignature{})
	if have := slices.Sorted(maps.Keys(schema.Properties["signatures"].Items.Properties)); !slices.Equal(have, all) {
		t.Errorf("the schema's signatures have %q, those of an event %q", have, all)
	}
	var kinds []string
	for k := parsers.KindIgnored; k.String() != "?"; k++ {
		kinds = append(kinds, k.String())
	}
	if have := schema.Properties["kind"].Enum; !slices.Equal(have, kinds) {
		t.Errorf("the schema has the kinds %q, want %q", have, kinds)
	}
}
