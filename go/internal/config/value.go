package config

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/affinity"
	"github.com/scaler-native/scaler-native/go/internal/size"
)

// ParseText reads one value from the command line, from the environment, or from a string in a file. A TextList is then
// a list of one.
func (o *Option) ParseText(text string) (any, error) {
	switch o.Kind {
	case Integer:
		return parseInteger(text)
	case Seconds:
		value, err := parseInteger(text)
		return float64(value), err
	case Number:
		return parseNumber(text)
	case Flag:
		return parseBoolean(text)
	case Choice:
		if !slices.Contains(o.Choices, text) {
			return nil, fmt.Errorf("invalid choice %q (choose from %s)", text, strings.Join(o.Choices, ", "))
		}
		return text, nil
	case Address:
		return address.Parse(text)
	case CapabilityList:
		return ParseCapabilities(text)
	case CommaList:
		return splitCommas(text), nil
	case TextList:
		return []string{text}, nil
	case CPUs:
		return affinity.Parse(text)
	case Size:
		return size.Parse(text)
	case Variables:
		return parseVariables([]string{text})
	case HostPort:
		return ParseEndpoint(text)
	default:
		return text, nil
	}
}

// parseInteger accepts what Python's int() does: surrounding space, a sign, and single underscores between digits.
func parseInteger(text string) (int64, error) {
	digits, ok := pythonDigits(text)
	if ok {
		value, err := strconv.ParseInt(digits, 10, 64)
		if err == nil {
			return value, nil
		}
		if errors.Is(err, strconv.ErrRange) {
			return 0, fmt.Errorf("integer %s is too large", strings.TrimSpace(text))
		}
	}
	return 0, fmt.Errorf("invalid integer %q", text)
}

// parseNumber accepts what Python's float() does, but neither infinity nor NaN.
func parseNumber(text string) (float64, error) {
	digits, ok := pythonDigits(text)
	// strconv also reads hexadecimal numbers.
	if ok && !strings.ContainsAny(digits, "xXpP") {
		if value, err := strconv.ParseFloat(digits, 64); err == nil && isFinite(value) {
			return value, nil
		}
	}
	return 0, fmt.Errorf("not a finite number: %q", text)
}

func isFinite(value float64) bool { return !math.IsNaN(value) && !math.IsInf(value, 0) }

// pythonDigits removes what Python allows in numbers and Go does not.
func pythonDigits(text string) (string, bool) {
	text = strings.TrimSpace(text)
	for i := range len(text) {
		if text[i] == '_' && (i == 0 || i == len(text)-1 || !isDigit(text[i-1]) || !isDigit(text[i+1])) {
			return "", false
		}
	}
	return strings.ReplaceAll(text, "_", ""), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func parseBoolean(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("invalid boolean %q (true or false)", text)
}

func splitCommas(text string) []string {
	items := []string{}
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// parseAny reads a value from a TOML file. As in Scaler, strings are read as on the command line. Any other value must
// have the TOML type of the kind, which Scaler does not check.
func (o *Option) parseAny(value any) (any, error) {
	switch value := value.(type) {
	case string:
		if meant, ok := o.FileSpellings[value]; ok {
			value = meant
		}
		return o.ParseText(value)
	case bool:
		if o.Kind == Flag {
			return value, nil
		}
	case int64:
		switch o.Kind {
		case Integer, Size:
			return value, nil
		case Seconds, Number:
			return float64(value), nil
		}
	case float64:
		if o.Kind == Seconds || o.Kind == Number {
			if !isFinite(value) {
				return nil, fmt.Errorf("not a finite number: %v", value)
			}
			return value, nil
		}
	case []any:
		if items, ok := texts(value); ok {
			switch o.Kind {
			case TextList, CommaList:
				return items, nil
			case Variables:
				return parseVariables(items)
			}
		}
	}
	return nil, fmt.Errorf("expected %s, found %s", o.Kind.expected(), tomlType(value))
}

func texts(values []any) ([]string, bool) {
	items := make([]string, len(values))
	for i, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil, false
		}
		items[i] = text
	}
	return items, true
}

func (k Kind) expected() string {
	switch k {
	case Integer:
		return "an integer"
	case Seconds, Number:
		return "a number"
	case Flag:
		return "a boolean"
	case TextList, CommaList, Variables:
		return "an array of strings or a string"
	case Size:
		return "an integer or a string"
	default:
		return "a string"
	}
}

func tomlType(value any) string {
	switch value := value.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case time.Time:
		return "a date or time"
	case []any:
		if _, ok := texts(value); !ok {
			return "an array of other values"
		}
		return "an array"
	default:
		return "a table"
	}
}

// check returns what is wrong with a value of the right kind.
func (o *Option) check(value any) error {
	if o.NotEmpty && value == "" {
		return errors.New("must not be empty")
	}
	if o.Range == nil {
		return nil
	}
	var number float64
	switch value := value.(type) {
	case int64:
		number = float64(value)
	case float64:
		number = value
	}
	return o.Range.check(number, value)
}

func (r *Range) check(number float64, value any) error {
	switch {
	case number < r.Least && r.Most != 0, number > r.Most && r.Most != 0:
		return fmt.Errorf("must be from %v to %v, got %v", r.Least, r.Most, value)
	case number > r.Least || number == r.Least && !r.Above:
		return nil
	case r.Above:
		return fmt.Errorf("must be greater than %v, got %v", r.Least, value)
	default:
		return fmt.Errorf("must be at least %v, got %v", r.Least, value)
	}
}
