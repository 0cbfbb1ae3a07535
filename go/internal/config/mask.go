package config

import (
	"regexp"
	"strings"
)

// mask replaces secrets: what the program prints ends up in logs, tickets and screenshots.
const mask = "***"

// secretArgument matches an argument of a preload function that is secret by its name, with its value.
var secretArgument = regexp.MustCompile(
	`(?i)(\w*(?:passw|secret|token|credential|api_?key|private_?key)\w*\s*=\s*)` +
		`("[^"]*"|'[^']*'|[^,)\s]+)`)

// masked returns a value without its secrets.
func masked(o *Option, value any) any {
	switch value := value.(type) {
	case []string:
		if o.Kind != Variables {
			return value
		}
		shown := make([]string, len(value))
		for i, variable := range value {
			name, _, _ := strings.Cut(variable, "=")
			shown[i] = name + "=" + mask
		}
		return shown
	case string:
		if o.Key == "preload" {
			return secretArgument.ReplaceAllString(value, "${1}"+mask)
		}
		if o.Key == "http_token" && !strings.HasPrefix(value, fileMark) {
			return mask
		}
	}
	return value
}
