package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Capability is something that a worker offers. A bare name ("linux") has the value -1, as in Scaler.
type Capability struct {
	Name  string
	Value int64
}

// Capabilities are in the order in which their names first appeared.
type Capabilities []Capability

// ParseCapabilities reads "linux,cpu=4". If a name is repeated, its last value counts.
func ParseCapabilities(text string) (Capabilities, error) {
	result := Capabilities{}
	if text == "" {
		return result, nil
	}
	for _, item := range strings.Split(text, ",") {
		name, number, given := strings.Cut(item, "=")
		capability := Capability{Name: strings.TrimSpace(name), Value: -1}
		if capability.Name == "" {
			return nil, fmt.Errorf("a capability in %q has no name", text)
		}
		if given {
			value, err := parseInteger(number)
			if err != nil {
				return nil, fmt.Errorf("capability %s: %w", capability.Name, err)
			}
			capability.Value = value
		}
		result = result.with(capability)
	}
	return result, nil
}

func (c Capabilities) with(capability Capability) Capabilities {
	for i := range c {
		if c[i].Name == capability.Name {
			c[i].Value = capability.Value
			return c
		}
	}
	return append(c, capability)
}

// String returns the form that ParseCapabilities reads.
func (c Capabilities) String() string {
	items := make([]string, len(c))
	for i, capability := range c {
		items[i] = capability.Name
		if capability.Value != -1 {
			items[i] += "=" + strconv.FormatInt(capability.Value, 10)
		}
	}
	return strings.Join(items, ",")
}

// MarshalJSON writes an object, its members in order.
func (c Capabilities) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, capability := range c {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := json.Marshal(capability.Name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%s:%d", name, capability.Value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
