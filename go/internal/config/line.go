package config

import (
	"slices"
	"strconv"
	"strings"
)

// keyLine is a key of a worker manager and its line.
type keyLine struct {
	key  string
	line int
}

// inOrder returns the keys of values in the order of the file. Keys without a line follow, sorted by name.
func inOrder(values map[string]any, lines []keyLine) []keyLine {
	var ordered []keyLine
	seen := map[string]bool{}
	for _, at := range lines {
		if _, ok := values[at.key]; ok && !seen[at.key] {
			seen[at.key] = true
			ordered = append(ordered, at)
		}
	}
	known := len(ordered)
	for key := range values {
		if !seen[key] {
			ordered = append(ordered, keyLine{key: key})
		}
	}
	slices.SortFunc(ordered[known:], func(a, b keyLine) int { return strings.Compare(a.key, b.key) })
	return ordered
}

// managerLines finds the lines of the keys of one worker manager, which is numbered from 0: the toml package reports
// positions only in errors. The text must be valid TOML. Keys in inline tables are not found.
func managerLines(text string, wanted int) []keyLine {
	s := scanner{text: text, line: 1}
	var found []keyLine
	entry := 0
	lists := 0
	var header []string
	for {
		s.skipBlank()
		if s.pos >= len(s.text) {
			return found
		}
		line := s.line
		if s.text[s.pos] == '[' {
			list := strings.HasPrefix(s.text[s.pos:], "[[")
			header = s.readKey("]")
			s.skipLine()
			if list && len(header) == 1 && header[0] == "worker_manager" {
				entry = lists
				lists++
			}
		} else {
			key := append(slices.Clone(header), s.readKey("=")...)
			s.skipValue()
			if len(key) > 1 && key[0] == "worker_manager" && entry == wanted {
				found = append(found, keyLine{key[1], line})
			}
			continue
		}
		// A subtable is a key of the worker manager as well.
		if len(header) > 1 && header[0] == "worker_manager" && entry == wanted {
			found = append(found, keyLine{header[1], line})
		}
	}
}

type scanner struct {
	text string
	pos  int
	line int
}

func (s *scanner) next() byte {
	c := s.text[s.pos]
	s.pos++
	if c == '\n' {
		s.line++
	}
	return c
}

func (s *scanner) skipLine() {
	for s.pos < len(s.text) && s.text[s.pos] != '\n' {
		s.pos++
	}
}

// skipBlank skips to the next statement.
func (s *scanner) skipBlank() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.next()
		case '#':
			s.skipLine()
		default:
			if strings.HasPrefix(s.text[s.pos:], "\ufeff") {
				s.pos += len("\ufeff")
				continue
			}
			return
		}
	}
}

// readKey reads a dotted key and the delimiter after it.
func (s *scanner) readKey(end string) []string {
	parts := []string{""}
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '"' || c == '\'':
			parts[len(parts)-1] += s.readString()
			continue
		case strings.IndexByte(end, c) >= 0:
			s.next()
			return parts
		case c == '.':
			parts = append(parts, "")
		case c != ' ' && c != '\t' && c != '[':
			parts[len(parts)-1] += string(c)
		}
		s.next()
	}
	return parts
}

// readString reads a string of any of TOML's four kinds and returns its content.
func (s *scanner) readString() string {
	start := s.pos
	quote := s.text[s.pos : s.pos+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(s.text[s.pos:], triple) {
		quote = triple
	}
	s.pos += len(quote)
	for s.pos < len(s.text) && !strings.HasPrefix(s.text[s.pos:], quote) {
		if s.next() == '\\' && quote[0] == '"' && s.pos < len(s.text) {
			s.next()
		}
	}
	s.pos = min(s.pos+len(quote), len(s.text))
	// A multi-line string may end with one or two quotes of its own before the delimiter.
	for len(quote) == 3 && s.pos < len(s.text) && s.text[s.pos] == quote[0] {
		s.pos++
	}
	raw := s.text[start:s.pos]
	if content, err := strconv.Unquote(raw); err == nil && quote == `"` {
		return content
	}
	return strings.Trim(raw, quote)
}

// skipValue skips to the end of the statement, which is the first line break outside brackets and strings.
func (s *scanner) skipValue() {
	depth := 0
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case '"', '\'':
			s.readString()
			continue
		case '#':
			s.skipLine()
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '\n':
			if depth <= 0 {
				return
			}
		}
		s.next()
	}
}
