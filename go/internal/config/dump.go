package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

// MarshalJSON writes one object with every key of the table in its order, each in a line; a value that is not set is
// null. Secrets are masked.
func (c *Config) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	separator := "{\n  "
	for i := range table {
		if table[i].Action {
			continue
		}
		value := masked(&table[i], c.values[table[i].Key])
		if a, ok := value.(address.Address); ok {
			value = a.String()
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		out.WriteString(separator)
		separator = ",\n  "
		fmt.Fprintf(&out, "%q: %s", table[i].Key, text)
	}
	out.WriteString("\n}")
	return out.Bytes(), nil
}

// TOML writes the configuration as a file that yields it again, but for secrets, which are masked; a comment says where
// each value comes from.
func (c *Config) TOML() string {
	var out strings.Builder
	fmt.Fprintf(&out, "[[worker_manager]]\ntype = %q\n", ManagerType)
	for i := range table {
		o := &table[i]
		switch {
		case o.Action:
		case !c.Given(o.Key):
			fmt.Fprintf(&out, "# %s is not set\n", o.Key)
		default:
			fmt.Fprintf(&out, "%s = %s  # %s\n", o.Key, tomlValue(masked(o, c.values[o.Key])), comment(c.origins[o.Key]))
		}
	}
	return out.String()
}

// comment keeps a file name from ending the comment.
func comment(origin Origin) string {
	text := strconv.Quote(origin.String())
	return text[1 : len(text)-1]
}

func tomlValue(value any) string {
	switch value := value.(type) {
	case fmt.Stringer:
		return tomlString(value.String())
	case string:
		return tomlString(value)
	case []string:
		items := make([]string, len(value))
		for i, item := range value {
			items[i] = tomlString(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case float64:
		text := strconv.FormatFloat(value, 'f', -1, 64)
		if !strings.Contains(text, ".") && len(text) > 18 {
			// Without a fraction it would be read as an integer, which may not be longer than 64 bits.
			text += ".0"
		}
		return text
	default:
		return fmt.Sprint(value)
	}
}

// tomlString writes a basic string; every escape of JSON is one of TOML.
func tomlString(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	// Encoding a string cannot fail.
	_ = encoder.Encode(text)
	return strings.ReplaceAll(strings.TrimSpace(out.String()), "\x7f", `\u007f`)
}
