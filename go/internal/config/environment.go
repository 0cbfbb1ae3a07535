package config

import (
	"fmt"
	"strconv"
	"strings"
)

// slotMark stands for the slot of the worker in values of worker_env.
const slotMark = "{slot}"

// parseVariables checks that texts have the form NAME=VALUE.
func parseVariables(texts []string) ([]string, error) {
	for i, text := range texts {
		// The error does not quote the text, which may be a secret.
		name, _, ok := strings.Cut(text, "=")
		var fault string
		switch {
		case !ok:
			fault = "has no \"=\""
		case name == "":
			fault = "has no name"
		case strings.ContainsRune(text, 0):
			fault = "contains a zero byte"
		default:
			continue
		}
		return nil, fmt.Errorf("variable %d %s (NAME=VALUE)", i+1, fault)
	}
	return texts, nil
}

// WorkerEnvironment returns what the worker in a slot, counted from 0, has in its environment beside the manager's own.
// If a name is repeated, its last value counts.
func (c *Config) WorkerEnvironment(slot int) map[string]string {
	environment := make(map[string]string, len(c.WorkerEnv))
	for _, variable := range c.WorkerEnv {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = strings.ReplaceAll(value, slotMark, strconv.Itoa(slot))
	}
	return environment
}
