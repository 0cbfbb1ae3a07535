package scaler

import (
	_ "embed"
	"slices"
	"strings"
)

// scripts/agent_releases.py makes it: a digest and the releases that have it in a line.
//
//go:embed agent_digests.txt
var agentDigests string

// KnowsAgent tells whether a published release, whose agent ours is known to stand for, has sources of this digest.
func KnowsAgent(digest string) bool {
	const length = 64
	return len(digest) == length && slices.ContainsFunc(strings.Split(agentDigests, "\n"), func(line string) bool {
		return strings.HasPrefix(line, digest+" ")
	})
}

// AgentFormats are those of Python's module struct that package agent/protocol reads a task's flags and writes its
// profile by: in the releases 1.26.0 to 2.9.0.
var AgentFormats = map[string]string{"task_flags": "!?i?", "profile": "!fQf"}
