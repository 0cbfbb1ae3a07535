package logging

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readerTime is how long a reader of standard output or standard error may let a line wait.
const readerTime = time.Second

// standardStream is standard output or standard error. A terminal that was stopped by Ctrl-S, or a pipe whose reader
// stands still, must not stop the manager: lines that nobody reads in time are dropped and counted.
type standardStream struct {
	file *os.File // not embedded: its WriteString would write without waiting
	lost int      // lines since the reader was last there
}

func (*standardStream) isFile() bool { return false }

func (s *standardStream) Write(text []byte) (int, error) {
	wait := readerTime
	if s.lost > 0 {
		wait = 0 // it has been waited for
	}
	if !s.hasRoom(wait) {
		s.lost++
		return len(text), nil
	}
	return s.file.Write(text)
}

// hasRoom waits until a line can be written at once. A pipe then has room for 4096 bytes (pipe(7)). It returns true for
// a stream that has failed, for Write to report.
func (s *standardStream) hasRoom(wait time.Duration) (room bool) {
	raw, err := s.file.SyscallConn() // Fd would make the stream a blocking one for all that share it
	if err != nil {
		return true
	}
	deadline := time.Now().Add(wait)
	err = raw.Control(func(descriptor uintptr) {
		for {
			stream := []unix.PollFd{{Fd: int32(descriptor), Events: unix.POLLOUT}}
			ready, err := unix.Poll(stream, int(max(time.Until(deadline), 0).Milliseconds()))
			if !errors.Is(err, unix.EINTR) {
				room = err != nil || ready > 0
				return
			}
		}
	})
	return room || err != nil
}
