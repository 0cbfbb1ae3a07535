package logging

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// open opens a rotating file, which may exist with some content and age.
func open(t *testing.T, before string, age time.Duration) *rotatingFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if before != "" {
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	r, err := openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.opened.Close() })
	return r
}

func write(t *testing.T, r *rotatingFile, text string) {
	t.Helper()
	if n, err := r.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("wrote %d of %d bytes: %v", n, len(text), err)
	}
}

func TestFileIsAppendedTo(t *testing.T) {
	r := open(t, "before\n", 0)
	write(t, r, "now\n")
	if got := read(t, r.path); got != "before\nnow\n" {
		t.Errorf("got %q", got)
	}
}

func TestFileStartsAnewAtTheFirstLineOfADay(t *testing.T) {
	r := open(t, "", 0)
	write(t, r, "yesterday\n")
	r.day = "2026-03-08" // the day ends
	write(t, r, "today\n")
	write(t, r, "later\n")
	if got := read(t, r.path); got != "today\nlater\n" {
		t.Errorf("today's file has %q", got)
	}
	if got := read(t, r.path+".2026-03-08"); got != "yesterday\n" {
		t.Errorf("the former one has %q", got)
	}
}

func TestFileOfAnEarlierDayIsKept(t *testing.T) {
	const age = 72 * time.Hour
	r := open(t, "before\n", age)
	write(t, r, "now\n")
	if got := read(t, r.path); got != "now\n" {
		t.Errorf("got %q", got)
	}
	if got := read(t, r.path+"."+time.Now().Add(-age).Format(time.DateOnly)); got != "before\n" {
		t.Errorf("the earlier one has %q", got)
	}
}

func TestFileThatCannotBeRenamedGoesOn(t *testing.T) {
	r := open(t, "", 0)
	write(t, r, "yesterday\n")
	r.day = "2026-03-08"
	// A directory that is not empty cannot be replaced.
	if err := os.MkdirAll(filepath.Join(r.path+".2026-03-08", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, r, "today\n")
	if got := read(t, r.path); got != "yesterday\ntoday\n" {
		t.Errorf("got %q", got)
	}
}

func TestFolderThatIsGone(t *testing.T) {
	r := open(t, "", 0)
	if err := os.RemoveAll(filepath.Dir(r.path)); err != nil {
		t.Fatal(err)
	}
	write(t, r, "into the file that has no name any more\n")
	r.day = "2026-03-08"
	if _, err := r.Write([]byte("x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// A pipe is not renamed when a day ends, and neither is a device: renaming /dev/null would break the machine.
func TestWhatIsNoFileStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	r, err := openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.opened.Close()
	r.day = "2026-03-08"
	write(t, r, "today\n")
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 || entries[0].Type() != fs.ModeNamedPipe {
		t.Fatalf("there is %v", entries)
	}
	got := make([]byte, 6)
	if _, err := io.ReadFull(reader, got); err != nil || string(got) != "today\n" {
		t.Errorf("the reader has %q, %v", got, err)
	}
}
