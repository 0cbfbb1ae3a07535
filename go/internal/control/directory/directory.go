// Package directory is where managers have their control sockets: a directory of each user, and in it a socket of each
// manager, by its pid.
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

// System is where a service has its directory, which systemd makes for its user: it sets no XDG_RUNTIME_DIR. Tests have
// another one.
var System = "/run"

// place is where a user's directory may be.
type place struct {
	path string
	user int
}

// places are where this process's user has a directory, the best first.
func places() []place {
	user := os.Geteuid()
	var list []place
	if base := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(base) && owner(base) == user {
		list = append(list, place{filepath.Join(base, name), user})
	}
	// Root alone can make it.
	service := filepath.Join(System, name)
	if whose := owner(service); whose == user || user == 0 && whose < 0 {
		list = append(list, place{service, user})
	}
	return append(list, temporary(user))
}

func temporary(user int) place {
	return place{filepath.Join(os.TempDir(), name+"-"+strconv.Itoa(user)), user}
}

// Ensure makes the directory of this process's user, unless it is there, and returns its path.
func Ensure() (string, error) {
	var problems []error
	for _, place := range places() {
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
	// In a directory that everybody writes to, only the sticky bit keeps them from putting another one in the place of ours.
	if parent, err := os.Stat(filepath.Dir(path)); err == nil && parent.Mode()&0o002 != 0 && parent.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("%s would stand where other users can replace it", path)
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	// What was there before, or was made under an odd umask.
	return os.Chmod(path, 0o700)
}

// check refuses what another user has put in the way of a directory.
func (p place) check() error {
	info, err := os.Lstat(p.path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no directory", p.path)
	case info.Sys().(*syscall.Stat_t).Uid != uint32(p.user):
		return fmt.Errorf("%s belongs to user %d, not to %d", p.path, info.Sys().(*syscall.Stat_t).Uid, p.user)
	}
	return nil
}

// owner is the user that a directory belongs to, or -1.
func owner(path string) int {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return -1
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}
