package logging

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A reader that stands still does not stop the log, and is told later how many lines it has missed.
func TestNobodyReads(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	size, err := unix.FcntlInt(write.Fd(), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := write.Write([]byte(strings.Repeat("x", size-1) + "\n")); err != nil {
		t.Fatal(err)
	}
	l, err := New(nil, Info)
	if err != nil {
		t.Fatal(err)
	}
	l.targets = []target{&standardStream{file: write}}
	l.SetStyle(Plain)
	for range 3 {
		l.Infof("nobody reads this")
	}
	lines := bufio.NewReaderSize(read, size)
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	l.Infof("the reader is back")
	for _, want := range []string{"3 lines of the log are missing here", "the reader is back"} {
		if text, err := lines.ReadString('\n'); err != nil || !strings.Contains(text, want) {
			t.Errorf("read %q (%v), want %s", text, err, want)
		}
	}
}
