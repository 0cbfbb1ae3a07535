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

// maxPath is the longest path of a socket in bytes: sun_path without its terminating zero.
const maxPath = len(syscall.RawSockaddrUnix{}.Path) - 1

const (
	dialTimeout = time.Second
	// startGrace is the age up to which a socket that refuses connections may be one between bind and listen.
	startGrace = time.Minute
)

// Path returns the path of a manager's socket. The error says that it is too long for one.
func Path(directory string, pid int) (string, error) {
	path := filepath.Join(directory, strconv.Itoa(pid)+suffix)
	return path, CheckLength(path)
}

// CheckLength returns an error if a path is too long for a socket.
func CheckLength(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("the path of the control socket is too long (%d bytes, at most %d): %s", len(path), maxPath, path)
	}
	return nil
}

// Pid returns the pid in the name of a socket, or 0 if it is not a name that Path makes.
func Pid(path string) int {
	digits, found := strings.CutSuffix(filepath.Base(path), suffix)
	pid, err := strconv.Atoi(digits)
	if !found || err != nil || pid <= 0 || strconv.Itoa(pid) != digits {
		return 0
	}
	return pid
}

// Sockets returns the control sockets of this process's user; for root, of all users. Some may be left over from killed
// managers. The error is about directories that were skipped because they belong to an unexpected user.
func Sockets() ([]string, error) {
	var problems []error
	var paths []string
	for _, place := range append(ownPlaces(), otherPlaces()...) {
		found, err := place.sockets()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, err)
		}
		paths = append(paths, found...)
	}
	slices.Sort(paths)
	return slices.Compact(paths), errors.Join(problems...)
}

// otherPlaces are the directories of other users, which only root may read.
func otherPlaces() []place {
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
	temporaries, _ := filepath.Glob(filepath.Join(temporary(), name+"-*"))
	for _, path := range temporaries {
		digits := strings.TrimPrefix(filepath.Base(path), name+"-")
		if user, err := strconv.Atoi(digits); err == nil && strconv.Itoa(user) == digits {
			list = append(list, temporaryPlace(user))
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

// RemoveStale removes the sockets that killed managers left in a directory of this process's user.
func RemoveStale(directory string) {
	paths, _ := place{directory, os.Geteuid()}.sockets()
	for _, path := range paths {
		if info, err := os.Lstat(path); err == nil && refused(path) &&
			(!alive(Pid(path)) || time.Since(info.ModTime()) > startGrace) {
			_ = os.Remove(path)
		}
	}
}

func refused(path string) bool {
	connection, err := net.DialTimeout("unix", path, dialTimeout)
	if err == nil {
		_ = connection.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }
