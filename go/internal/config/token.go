package config

import (
	"fmt"
	"os"
	"strings"
)

// fileMark precedes the name of a file that holds the value.
const fileMark = "@"

// ReadHTTPToken returns the token that requests must carry, or "" if they need none. Space around it in a file is
// trimmed.
func (c *Config) ReadHTTPToken() (string, error) {
	path, isFile := strings.CutPrefix(c.HTTPToken, fileMark)
	if !isFile {
		return c.HTTPToken, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("cannot use --http-token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", fmt.Errorf("cannot use --http-token: %s is empty", path)
	}
	return token, nil
}
