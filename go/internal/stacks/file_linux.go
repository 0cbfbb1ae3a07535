package stacks

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// answerFile is the memfd to which a processor writes its stacks. Its name contains the two signals.
type answerFile struct {
	*os.File
	signal    int // answered by the interpreter
	signalInC int // answered by the C signal handler
}

// fileName matches the link in /proc/PID/fd: see python/scaler_native/host/stacks.py.
var fileName = regexp.MustCompile(`^/memfd:scaler-stacks-(\d+)-(\d+)-(\d+) \(deleted\)$`)

// ownFrame matches the frame of the function in stacks.py that writes the stacks.
var ownFrame = regexp.MustCompile(`(?m)^  File .* in _write_stacks\n`)

func open(pid int) (*answerFile, error) {
	folder := filepath.Join(procfs.Root, strconv.Itoa(pid), "fd")
	names, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("cannot list its files: %w", err)
	}
	for _, name := range names {
		target, _ := os.Readlink(filepath.Join(folder, name.Name()))
		match := fileName.FindStringSubmatch(target)
		if match == nil || match[3] != name.Name() { // a copy made by the task
			continue
		}
		signal, signalInC := realTime(match[1]), realTime(match[2])
		if signal == 0 || signalInC == 0 {
			continue
		}
		file, err := os.OpenFile(filepath.Join(folder, name.Name()), os.O_RDWR, 0)
		if err != nil {
			return nil, fmt.Errorf("cannot open its file: %w", err)
		}
		now, _ := os.Readlink(filepath.Join("/proc/self/fd", strconv.Itoa(int(file.Fd()))))
		if fileName.FindString(now) == "" {
			file.Close() // the descriptor was reused
			return nil, errDeaf
		}
		return &answerFile{file, signal, signalInC}, nil
	}
	return nil, errDeaf
}

// realTime parses the number of a real-time signal. It returns 0 for others.
func realTime(text string) int {
	signal, err := strconv.Atoi(text)
	if err != nil || signal < 32 || signal > 64 {
		return 0
	}
	return signal
}

// read returns what was written so far. It is complete if a zero byte follows, which only the interpreter writes.
func (f *answerFile) read() (text string, complete bool, err error) {
	written, err := io.ReadAll(io.NewSectionReader(f, 0, Limit+1))
	written, _, complete = bytes.Cut(written, []byte{0})
	end := ""
	if len(written) > Limit {
		written, end, complete = written[:Limit], "\n...\n", true
	}
	text = strings.ToValidUTF8(string(written), "?")
	if complete {
		text = ownFrame.ReplaceAllString(text, "")
	}
	return text + end, complete, err
}
