package command

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// output is the buffered standard output. It is flushed when the command ends; one that follows events flushes after
// each line.
type output struct{ *bufio.Writer }

func (o *output) printLine(text string, values ...any) error {
	_, err := fmt.Fprintf(o, text+"\n", values...)
	return err
}

func compact(to io.Writer, text json.RawMessage) error {
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return err
	}
	_, err := to.Write(line.Bytes())
	return err
}

// colorful reports whether to use colors and bold text: on a terminal, unless NO_COLOR is set (https://no-color.org).
func colorful(out io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(out)
}

func isTerminal(out io.Writer) bool {
	file, isFile := out.(*os.File)
	if !isFile {
		return false
	}
	_, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	return err == nil
}

// bold makes a line bold if the output may have colors.
func (p *program) bold(line string) string {
	if !p.colors {
		return line
	}
	return "\x1b[1m" + line + "\x1b[0m"
}

// warn prints an error that does not end the command.
func (p *program) warn(err error) { p.report("warning", err) }

func (p *program) report(kind string, err error) {
	_, _ = fmt.Fprintf(p.errors, "%s: %s: %s\n", Name, kind, sanitize(strings.ReplaceAll(err.Error(), "\n", "; ")))
}
