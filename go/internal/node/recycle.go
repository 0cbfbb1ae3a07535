package node

import (
	"slices"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/config"
)

// recycling is when processors are replaced.
func recycling(c *config.Config) agent.Limits {
	return agent.Limits{
		Tasks:  int(c.MaxTasksPerProcessor),
		Age:    config.Duration(c.MaxProcessorAge),
		Memory: c.RecycleProcessorMemory,
	}
}

// recyclesNothing says which options have no effect with Scaler's own agents, which replace no processor between two tasks
// (1.26.0 to 2.9.0); "" if there are none.
func recyclesNothing(c *config.Config) string {
	var given []string
	limits := recycling(c)
	for name, is := range map[string]bool{
		"--max-tasks-per-processor":  limits.Tasks > 0,
		"--max-processor-age":        limits.Age > 0,
		"--recycle-processor-memory": limits.Memory > 0,
	} {
		if is {
			given = append(given, name)
		}
	}
	if len(given) == 0 {
		return ""
	}
	slices.Sort(given)
	return "workers have Scaler's own agents, which recycle no processors: no effect of " + strings.Join(given, ", ")
}
