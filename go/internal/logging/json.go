package logging

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// milliseconds is RFC 3339 with a fixed number of digits, so that lines sort by time.
const milliseconds = "2006-01-02T15:04:05.000Z07:00"

// jsonFormat writes one JSON object per line, with the id and the pid of the manager. If level is below INFO, lines
// also have their source.
func jsonFormat(manager string, level Level) format {
	options := &slog.HandlerOptions{Level: level, AddSource: level < Info, ReplaceAttr: renameAttribute}
	fixed := []slog.Attr{slog.String("manager", manager), slog.Int("pid", os.Getpid())}
	return func(to io.Writer, _ bool) slog.Handler { return slog.NewJSONHandler(to, options).WithAttrs(fixed) }
}

// renameAttribute renames and formats the standard attributes of log/slog. Levels have the names of --logging-level.
func renameAttribute(_ []string, field slog.Attr) slog.Attr {
	switch field.Key {
	case slog.TimeKey:
		field.Value = slog.StringValue(field.Value.Time().Format(milliseconds))
	case slog.LevelKey:
		field.Value = slog.StringValue(levelNames[levelOf(field.Value.Any().(slog.Level))])
	case slog.MessageKey:
		field.Key = "message"
	case slog.SourceKey:
		from := *field.Value.Any().(*slog.Source)
		from.File = filepath.Base(from.File)
		field.Value = slog.AnyValue(&from)
	}
	return field
}
