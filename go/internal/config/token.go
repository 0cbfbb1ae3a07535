package config

import (
	"fmt"
	"os"
	"strings"
)

// fileMark stands before the name of a file that holds a value.
const fileMark = "@"

// ReadHTTPToken is the token that requests have to bring, empty if they need none. A file holds it without the spaces
// and line breaks around it.
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
