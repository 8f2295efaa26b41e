package configs

import (
	"fmt"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// WriteYAML writes the effective configuration as a file that Load reads, with
// each value's origin as a comment unless it is the default.
func (l *Loaded) WriteYAML(w io.Writer) error {
	root := &yaml.Node{Kind: yaml.MappingNode}
	sections := map[string]*yaml.Node{"": root}
	for _, s := range l.Config.Settings() {
		value, err := valueNode(s.Value)
		if err != nil {
			return fmt.Errorf("write %s: %w", s.Key, err)
		}
		if origin := l.Origins[s.Key]; origin != "default" {
			value.LineComment = origin
		}
		section, name := "", s.Key
		if before, after, nested := strings.Cut(s.Key, "."); nested {
			section, name = before, after
		}
		if sections[section] == nil {
			sections[section] = &yaml.Node{Kind: yaml.MappingNode}
			appendPair(root, section, sections[section])
		}
		appendPair(sections[section], name, value)
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return enc.Close()
}

func valueNode(value any) (*yaml.Node, error) {
	if d, ok := value.(time.Duration); ok {
		value = formatDuration(d)
	}
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		return nil, err
	}
	if n.Kind == yaml.SequenceNode {
		n.Style = yaml.FlowStyle
	}
	return &n, nil
}

func appendPair(mapping *yaml.Node, name string, value *yaml.Node) {
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, value)
}
