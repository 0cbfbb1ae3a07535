package node

import (
	"slices"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/config"
)

// recycleLimits returns the limits at which processors are replaced.
func recycleLimits(c *config.Config) agent.Limits {
	return agent.Limits{
		Tasks:  int(c.MaxTasksPerProcessor),
		Age:    config.Duration(c.MaxProcessorAge),
		Memory: c.RecycleProcessorMemory,
	}
}

// recycleWarning returns a warning about options without effect: Scaler's own agents do not replace processors between
// two tasks (1.26.0 to 2.9.0). It is "" if no such option is set.
func recycleWarning(c *config.Config) string {
	var given []string
	limits := recycleLimits(c)
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
	return "workers have Scaler's own agents, which do not recycle processors: no effect of " + strings.Join(given, ", ")
}
