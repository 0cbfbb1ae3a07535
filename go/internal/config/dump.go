package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

// MarshalJSON writes an object with every key of the table, in its order and one a line. An option without a value is
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

// TOML writes a file that yields this configuration again, except that secrets are masked. Comments say where values
// come from.
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

// comment quotes line breaks, which a file name may have.
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
			// Without a fraction it would be read as an integer of more than 64 bits.
			text += ".0"
		}
		return text
	default:
		return fmt.Sprint(value)
	}
}

// tomlString writes a basic string. TOML has all escapes of JSON.
func tomlString(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // of a string, it cannot fail
	return strings.ReplaceAll(strings.TrimSpace(out.String()), "\x7f", `\u007f`)
}
