package logging

import (
	"fmt"
	"log/slog"
)

// Level is a severity with the number that Python's logging gives it.
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

// ParseLevel reads a level's name as Scaler's --logging-level takes it.
func ParseLevel(name string) (Level, error) {
	for level, known := range levelNames {
		if name == known {
			return level, nil
		}
	}
	return 0, fmt.Errorf("unknown logging level %q", name)
}

// Level is the level as log/slog counts: INFO is 0, and it is 4 from one to the next.
func (l Level) Level() slog.Level { return slog.Level((l - Info) * 2 / 5) }

func levelOf(level slog.Level) Level { return Info + Level(level)*5/2 }
