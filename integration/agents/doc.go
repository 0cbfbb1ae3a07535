// Package agents tests the agent of a worker that is a part of the manager: what it does with tasks, processors and
// connections when things go well and when they do not.
package agents
