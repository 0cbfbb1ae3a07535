package directory

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// surroundings points all places at empty directories of the test.
func surroundings(t *testing.T) (runtime, run, temporary string) {
	t.Helper()
	// Not t.TempDir: with a long TMPDIR its path is too long for a socket.
	root, err := os.MkdirTemp("", "sn")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	runtime, run, temporary = filepath.Join(root, "x"), filepath.Join(root, "r"), filepath.Join(root, "t")
	for _, path := range []string{runtime, run, temporary} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	former := System
	System = run
	t.Cleanup(func() { System = former })
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	t.Setenv("TMPDIR", temporary)
	return runtime, run, temporary
}

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may give files away")
	}
}

func ensured(t *testing.T) string {
	t.Helper()
	path, err := Ensure()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != 0o700 || !info.IsDir() {
		t.Fatalf("%s: %v, %v", path, info, err)
	}
	return path
}

func TestEnsureTakesTheFirstPlaceThatIsOurs(t *testing.T) {
	runtime, run, temporary := surroundings(t)
	own := filepath.Base(ownPlaces()[len(ownPlaces())-1].path)
	if path := ensured(t); path != filepath.Join(runtime, name) {
		t.Errorf("with XDG_RUNTIME_DIR: %s", path)
	}
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(runtime, "none"))
	want := filepath.Join(temporary, own)
	if os.Geteuid() == 0 {
		want = filepath.Join(run, name)
	}
	if path := ensured(t); path != want {
		t.Errorf("without it: %s, want %s", path, want)
	}
	System = filepath.Join(run, "none")
	if path := ensured(t); path != filepath.Join(temporary, own) {
		t.Errorf("where /run cannot be written: %s", path)
	}
}

func TestEnsureClosesWhatIsOpen(t *testing.T) {
	runtime, _, _ := surroundings(t)
	if err := os.Mkdir(filepath.Join(runtime, name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(runtime, name), 0o777); err != nil {
		t.Fatal(err)
	}
	ensured(t)
}

func TestEnsureRefuses(t *testing.T) {
	tests := []struct {
		name, want string
		prepare    func(t *testing.T, path string)
	}{
		{"a link", "is not a directory", func(t *testing.T, path string) {
			if err := os.Symlink(os.TempDir(), path); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file", "is not a directory", func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"another user's", "belongs to uid 12345", func(t *testing.T, path string) {
			asRoot(t)
			if err := os.Mkdir(path, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(path, 12345, 12345); err != nil {
				t.Fatal(err)
			}
		}},
		{"where all may write", "could replace", func(t *testing.T, path string) {
			if err := os.Chmod(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, run, _ := surroundings(t)
			t.Setenv("XDG_RUNTIME_DIR", "")
			System = filepath.Join(run, "none")
			test.prepare(t, ownPlaces()[len(ownPlaces())-1].path)
			if path, err := Ensure(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, %v; want %q", path, err, test.want)
			}
		})
	}
}

func TestRuntimeDirectoryOfAnotherUserIsNotTaken(t *testing.T) {
	asRoot(t)
	runtime, run, _ := surroundings(t)
	if err := os.Chown(runtime, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if path := ensured(t); path != filepath.Join(run, name) {
		t.Errorf("got %s", path)
	}
}

func TestPathThatIsTooLong(t *testing.T) {
	if path, err := Path("/run/scaler-native", 4194304); err != nil || path != "/run/scaler-native/4194304.sock" {
		t.Errorf("got %q, %v", path, err)
	}
	directory := "/" + strings.Repeat("d", maxPath-len("//7.sock"))
	path, err := Path(directory, 7)
	if err != nil || len(path) != maxPath {
		t.Errorf("%d bytes: %v", len(path), err)
	}
	if _, err := Path(directory, 77); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v", err)
	}
}

// The limit is that of the kernel.
func TestLongestPathIsOneThatCanBeListenedAt(t *testing.T) {
	_, _, temporary := surroundings(t)
	path := filepath.Join(temporary, strings.Repeat("s", maxPath-len(temporary)-1))
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if listener, err := net.Listen("unix", path+"s"); err == nil {
		_ = listener.Close()
		t.Error("a longer one is possible")
	}
}

func TestPid(t *testing.T) {
	for path, want := range map[string]int{
		"/run/scaler-native/12.sock": 12, "12.sock": 12, "012.sock": 0, "-1.sock": 0, "0.sock": 0, "12": 0,
		"a.sock": 0, "+1.sock": 0,
	} {
		if pid := Pid(path); pid != want {
			t.Errorf("%s: %d, want %d", path, pid, want)
		}
	}
}

// listen makes a socket. If stale, its listener has closed already.
func listen(t *testing.T, directory string, pid int, stale bool) string {
	t.Helper()
	path, err := Path(directory, pid)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	if stale {
		_ = listener.Close()
	} else {
		t.Cleanup(func() { _ = listener.Close() })
	}
	return path
}

// ended returns the pid of a process that has ended.
func ended(t *testing.T) int {
	t.Helper()
	process := exec.Command("true")
	if err := process.Run(); err != nil {
		t.Fatal(err)
	}
	return process.Process.Pid
}

func TestSocketsOfEveryPlace(t *testing.T) {
	runtime, _, _ := surroundings(t)
	first := ensured(t)
	want := []string{listen(t, first, 11, false), listen(t, first, 12, true)}
	if err := os.WriteFile(filepath.Join(first, "13.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
	want = append(want, listen(t, ensured(t), 11, false))
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	slices.Sort(want)
	if got, err := Sockets(); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestSocketsOfOtherUsersAreRootsToSee(t *testing.T) {
	asRoot(t)
	_, run, temporary := surroundings(t)
	give := func(path string, user int) string {
		t.Helper()
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, user, user); err != nil {
			t.Fatal(err)
		}
		return path
	}
	want := []string{
		listen(t, give(filepath.Join(run, "user/12345", name), 12345), 1, false),
		listen(t, give(filepath.Join(temporary, name+"-12345"), 12345), 2, false),
		listen(t, give(filepath.Join(run, name), 12347), 4, false), // a service's
	}
	// A user made this one under the name of another user.
	listen(t, give(filepath.Join(temporary, name+"-12346"), 12345), 3, false)
	got, err := Sockets()
	slices.Sort(want)
	if !slices.Equal(got, want) || err == nil || !strings.Contains(err.Error(), name+"-12346 belongs to uid 12345") {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestRemoveStale(t *testing.T) {
	surroundings(t)
	directory := ensured(t)
	served := listen(t, directory, ended(t), false)
	killed := listen(t, directory, ended(t), true)
	// A manager between bind and listen, and one whose pid was reused.
	starting := listen(t, directory, os.Getpid(), true)
	reused := listen(t, directory, os.Getppid(), true)
	if err := os.Chtimes(reused, time.Time{}, time.Now().Add(-2*startGrace)); err != nil {
		t.Fatal(err)
	}
	RemoveStale(directory)
	for path, want := range map[string]bool{served: true, killed: false, starting: true, reused: false} {
		if _, err := os.Lstat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// systemd makes the directory of a service for its user. If that is not root, root uses another one.
func TestDirectoryOfAService(t *testing.T) {
	_, run, temporary := surroundings(t)
	t.Setenv("XDG_RUNTIME_DIR", "")
	service := filepath.Join(run, name)
	if err := os.Mkdir(service, 0o755); err != nil {
		t.Fatal(err)
	}
	if path := ensured(t); path != service {
		t.Errorf("the service has %s", path)
	}
	asRoot(t)
	if err := os.Chown(service, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if path := ensured(t); filepath.Dir(path) != temporary {
		t.Errorf("root has %s beside the service's", path)
	}
}
