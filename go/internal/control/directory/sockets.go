package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const suffix = ".sock"

// longest is how long a socket's path may be: the kernel keeps it in so many bytes, of which the last is a zero.
const longest = len(syscall.RawSockaddrUnix{}.Path) - 1

const (
	patience = time.Second
	// young is a socket whose server may not listen yet: between the two, the kernel refuses connections.
	young = time.Minute
)

// Path is that of a manager's socket.
func Path(directory string, pid int) (string, error) {
	path := filepath.Join(directory, strconv.Itoa(pid)+suffix)
	return path, CheckLength(path)
}

// CheckLength refuses a path that is too long for a socket.
func CheckLength(path string) error {
	if len(path) > longest {
		return fmt.Errorf("the path of the control socket is too long: %d bytes of at most %d: %s", len(path), longest, path)
	}
	return nil
}

// Pid is that of the manager whose socket a path is; 0 if the path is none of a directory's.
func Pid(path string) int {
	digits, found := strings.CutSuffix(filepath.Base(path), suffix)
	pid, err := strconv.Atoi(digits)
	if !found || err != nil || pid <= 0 || strconv.Itoa(pid) != digits {
		return 0
	}
	return pid
}

// Sockets are those of this process's user, and for root those of all users. Some may be of managers that have been
// killed. The error tells of directories that were left out as they are another user's.
func Sockets() ([]string, error) {
	var problems []error
	var paths []string
	for _, place := range append(places(), others()...) {
		found, err := place.sockets()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, err)
		}
		paths = append(paths, found...)
	}
	slices.Sort(paths)
	return slices.Compact(paths), errors.Join(problems...)
}

// others are the directories of other users, which root alone may read.
func others() []place {
	if os.Geteuid() != 0 {
		return nil
	}
	var list []place
	service := filepath.Join(System, name)
	if user := owner(service); user > 0 {
		list = append(list, place{service, user})
	}
	runtimes, _ := filepath.Glob(filepath.Join(System, "user", "*", name))
	for _, path := range runtimes {
		if user, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			list = append(list, place{path, user})
		}
	}
	temporaries, _ := filepath.Glob(filepath.Join(os.TempDir(), name+"-*"))
	for _, path := range temporaries {
		digits := strings.TrimPrefix(filepath.Base(path), name+"-")
		if user, err := strconv.Atoi(digits); err == nil && strconv.Itoa(user) == digits {
			list = append(list, temporary(user))
		}
	}
	return list
}

func (p place) sockets() ([]string, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(p.path)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, entry := range entries {
		if path := filepath.Join(p.path, entry.Name()); entry.Type() == fs.ModeSocket && Pid(path) != 0 {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// RemoveStale removes the sockets of managers that did not end by themselves from a directory of this process's user.
func RemoveStale(directory string) {
	paths, _ := place{directory, os.Geteuid()}.sockets()
	for _, path := range paths {
		if info, err := os.Lstat(path); err == nil && refused(path) &&
			(!alive(Pid(path)) || time.Since(info.ModTime()) > young) {
			_ = os.Remove(path)
		}
	}
}

func refused(path string) bool {
	connection, err := net.DialTimeout("unix", path, patience)
	if err == nil {
		_ = connection.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }
