// Package directory finds the control sockets of managers. Each user has a directory of their own, which holds one
// socket per manager, named PID.sock.
package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

const name = "scaler-native"

// System is where systemd makes the directory of a service (RuntimeDirectory=), which has no XDG_RUNTIME_DIR. Tests
// change it.
var System = "/run"

// place is a directory that a user's sockets may be in.
type place struct {
	path string
	user int
}

// ownPlaces are the directories for this process's user, the preferred one first.
func ownPlaces() []place {
	user := os.Geteuid()
	var list []place
	if base := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(base) && owner(base) == user {
		list = append(list, place{filepath.Join(base, name), user})
	}
	// Only root can make it there.
	service := filepath.Join(System, name)
	if whose := owner(service); whose == user || user == 0 && whose < 0 {
		list = append(list, place{service, user})
	}
	return append(list, temporaryPlace(user))
}

func temporaryPlace(user int) place {
	return place{filepath.Join(temporary(), name+"-"+strconv.Itoa(user)), user}
}

// temporary is the folder for temporary files: like Python's, it is not TMPDIR if that does not exist.
func temporary() string {
	folder := os.TempDir()
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "/tmp"
	}
	return folder
}

// Ensure returns the directory for this process's user. It makes the directory if needed.
func Ensure() (string, error) {
	var problems []error
	for _, place := range ownPlaces() {
		err := place.ensure()
		if err == nil {
			return place.path, nil
		}
		problems = append(problems, err)
	}
	return "", fmt.Errorf("no directory for control sockets: %w", errors.Join(problems...))
}

func (p place) ensure() error {
	path, err := filepath.Abs(p.path)
	if err != nil {
		return err
	}
	// Without the sticky bit on a world-writable parent, other users could replace our directory.
	parent, err := os.Stat(filepath.Dir(path))
	if err == nil && parent.Mode()&0o002 != 0 && parent.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("other users could replace %s: its parent directory is world-writable and not sticky", path)
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	// It may have existed before, or the umask may have removed permissions.
	return os.Chmod(path, 0o700)
}

// check refuses anything but a directory of the expected user: others may have put it there.
func (p place) check() error {
	info, err := os.Lstat(p.path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory", p.path)
	case info.Sys().(*syscall.Stat_t).Uid != uint32(p.user):
		return fmt.Errorf("%s belongs to uid %d, not to uid %d", p.path, info.Sys().(*syscall.Stat_t).Uid, p.user)
	}
	return nil
}

// owner returns the uid that owns a directory, or -1 if there is none.
func owner(path string) int {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return -1
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}
