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

// output is the standard output. It is written when a command ends, and by those that go on, after each line.
type output struct{ *bufio.Writer }

func (o *output) say(text string, values ...any) error {
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

// colorful says whether lines may stand out: on a terminal whose user does not mind (https://no-color.org).
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

// bold has a line stand out.
func (p *program) bold(line string) string {
	if !p.colors {
		return line
	}
	return "\x1b[1m" + line + "\x1b[0m"
}

// warn tells of what does not keep a command from what it does.
func (p *program) warn(err error) { p.complain("warning", err) }

func (p *program) complain(kind string, err error) {
	_, _ = fmt.Fprintf(p.errors, "%s: %s: %s\n", Name, kind, clean(strings.ReplaceAll(err.Error(), "\n", "; ")))
}
