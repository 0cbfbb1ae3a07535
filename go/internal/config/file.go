package config

import (
	"errors"
	"fmt"
	"os"

	"github.com/BurntSushi/toml"

	"github.com/scaler-native/scaler-native/go/internal/exitstatus"
)

// ManagerType is the subcommand, and the type of this worker manager in a TOML file.
const ManagerType = "baremetal_native"

// Section is this worker manager's entry in a TOML file.
type Section struct {
	File string
	// Warnings name unknown and duplicate keys. As in Scaler, those are not errors.
	Warnings []string
	entries  map[string]entry // by the key of the option
}

type entry struct {
	value any
	line  int
}

// ReadFile reads the [worker_manager] table, or the [[worker_manager]] entries, of a TOML file. Exactly one must have
// the type ManagerType. The error is an *Error.
func ReadFile(path string) (*Section, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{Reason: fmt.Sprintf("cannot read the configuration: %v", err), Status: exitstatus.Usage}
	}
	return ParseFile(path, string(text))
}

// ParseFile is ReadFile for the text of a file. Only messages use the path.
func ParseFile(path, text string) (*Section, error) {
	var document map[string]any
	if _, err := toml.Decode(text, &document); err != nil {
		origin := Origin{Source: FromFile, Name: path}
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			origin.Line = syntax.Position.Line
			return nil, &Error{Origin: origin, Reason: "invalid TOML: " + syntax.Message, Status: exitstatus.Usage}
		}
		return nil, &Error{Origin: origin, Reason: "invalid TOML: " + err.Error(), Status: exitstatus.Usage}
	}
	managers, err := listOf(document["worker_manager"])
	if err != nil {
		return nil, fault(path, err.Error())
	}
	chosen, count := 0, 0
	for i, manager := range managers {
		if manager["type"] == ManagerType {
			chosen, count = i, count+1
		}
	}
	switch {
	case count == 0:
		return nil, noManager(path, text, managers)
	case count > 1:
		return nil, fault(path, fmt.Sprintf("%d worker managers of type %q, expected exactly one", count, ManagerType))
	}
	section := &Section{File: path, entries: map[string]entry{}}
	section.collect(managers[chosen], managerLines(text, chosen))
	return section, nil
}

// noManager looks for an entry with a misspelled type, or a misspelled key for it.
func noManager(path, text string, managers []map[string]any) *Error {
	missing := fmt.Sprintf("no worker manager of type %q", ManagerType)
	for i, manager := range managers {
		for _, at := range inOrder(manager, managerLines(text, i)) {
			value, _ := manager[at.key].(string)
			found := fault(path, "")
			found.Origin.Line = at.line
			switch {
			case at.key == "type" && editDistance(value, ManagerType) <= len(ManagerType)/3:
				found.Reason = fmt.Sprintf("%s; is %q a misspelling of it?", missing, value)
				return found
			case at.key != "type" && manager["type"] == nil && value == ManagerType:
				found.Reason = fmt.Sprintf("%s; is the key %s a misspelling of type?", missing, at.key)
				return found
			}
		}
	}
	return fault(path, missing)
}

func fault(path, reason string) *Error {
	return &Error{Origin: Origin{Source: FromFile, Name: path}, Reason: reason, Status: exitstatus.Usage}
}

// listOf accepts one table or a list of tables.
func listOf(value any) ([]map[string]any, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return []map[string]any{value}, nil
	case []map[string]any:
		return value, nil
	case []any:
		tables := make([]map[string]any, len(value))
		for i, item := range value {
			table, ok := item.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("worker_manager: expected tables, found %s among them", tomlType(item))
			}
			tables[i] = table
		}
		return tables, nil
	}
	return nil, fmt.Errorf("worker_manager: expected a table, found %s", tomlType(value))
}

// collect stores each value under the key of its option. If a key is repeated in another spelling, the last one counts.
func (s *Section) collect(values map[string]any, lines []keyLine) {
	for _, at := range inOrder(values, lines) {
		if at.key == "type" {
			continue
		}
		origin := Origin{Source: FromFile, Name: s.File, Line: at.line}
		option, ok := Find(at.key)
		if !ok {
			s.warn("%s: unknown key %s is ignored%s", origin, at.key, suggestion(at.key))
			continue
		}
		if before, twice := s.entries[option.Key]; twice {
			s.warn("%s: %s overrides the same option on line %d", origin, at.key, before.line)
		}
		s.entries[option.Key] = entry{values[at.key], at.line}
	}
}

func (s *Section) warn(format string, arguments ...any) {
	s.Warnings = append(s.Warnings, fmt.Sprintf(format, arguments...))
}
