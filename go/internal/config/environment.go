package config

import (
	"fmt"
	"strconv"
	"strings"
)

// slotMark is replaced by the worker's slot in the values of worker_env.
const slotMark = "{slot}"

// parseVariables checks texts of the form NAME=VALUE.
func parseVariables(texts []string) ([]string, error) {
	for _, text := range texts {
		name, _, ok := strings.Cut(text, "=")
		if !ok || name == "" || strings.ContainsRune(text, 0) {
			return nil, fmt.Errorf("invalid variable %q (NAME=VALUE)", text)
		}
	}
	return texts, nil
}

// WorkerEnvironment returns the variables to add to the environment of the worker in a slot, counted from 0. Of two
// values for a name the later one wins.
func (c *Config) WorkerEnvironment(slot int) map[string]string {
	environment := make(map[string]string, len(c.WorkerEnv))
	for _, variable := range c.WorkerEnv {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = strings.ReplaceAll(value, slotMark, strconv.Itoa(slot))
	}
	return environment
}
