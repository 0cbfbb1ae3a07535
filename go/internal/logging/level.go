package logging

import (
	"fmt"
	"log/slog"
)

// Level is a severity, with the number of Python's logging.
type Level int

// The levels.
const (
	Debug    Level = 10
	Info     Level = 20
	Warning  Level = 30
	Error    Level = 40
	Critical Level = 50
)

var levelNames = map[Level]string{
	Debug: "DEBUG", Info: "INFO", Warning: "WARNING", Error: "ERROR", Critical: "CRITICAL",
}

// ParseLevel parses a name as in --logging-level.
func ParseLevel(name string) (Level, error) {
	for level, known := range levelNames {
		if name == known {
			return level, nil
		}
	}
	return 0, fmt.Errorf("unknown logging level %q", name)
}

// Level converts to log/slog, where INFO is 0 and levels are 4 apart.
func (l Level) Level() slog.Level { return slog.Level((l - Info) * 2 / 5) }

func levelOf(level slog.Level) Level { return Info + Level(level)*5/2 }
