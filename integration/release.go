package integration

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A release is an installed Scaler, named by its version.
type release string

func (r release) python() string { return r.program("python") }

// program returns the path of one of the release's programs.
func (r release) program(name string) string {
	path, err := filepath.Abs(filepath.Join("..", ".venvs", string(r), "bin", name))
	if err != nil {
		panic(err) // only without a working directory
	}
	return path
}

// number orders releases: major times thousand plus minor.
func (r release) number() int {
	parts := strings.Split(string(r), ".")
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return major*1000 + minor
}

// ownStorage tells whether the scheduler starts an object storage server itself, which 1.x does; from 2.0 on
// it demands the address of one.
func (r release) ownStorage() bool { return r.number() < 2000 }

// releases returns those of SCALER_RELEASES, else all that have a lock file, oldest first. One that is
// not installed fails the test: make venvs installs it.
func releases(t *testing.T, only ...release) []release {
	t.Helper()
	var wanted []release
	for _, name := range strings.Fields(os.Getenv("SCALER_RELEASES")) {
		wanted = append(wanted, release(name))
	}
	if wanted == nil {
		locks, _ := filepath.Glob("requirements/*.txt")
		for _, lock := range locks {
			wanted = append(wanted, release(strings.TrimSuffix(filepath.Base(lock), ".txt")))
		}
	}
	if len(wanted) == 0 {
		t.Fatal("no releases: neither SCALER_RELEASES nor a lock file in requirements")
	}
	var list []release
	for _, r := range wanted {
		if len(only) == 0 || containsRelease(only, r) {
			needRelease(t, r)
			list = append(list, r)
		}
	}
	return list
}

func needRelease(t *testing.T, r release) {
	t.Helper()
	if _, err := os.Stat(r.program("scaler_scheduler")); err != nil {
		t.Fatalf("Scaler %s is not installed: %v", r, err)
	}
}

func containsRelease(list []release, wanted release) bool {
	for _, r := range list {
		if r == wanted {
			return true
		}
	}
	return false
}

// eachRelease runs a test once a release, as many at a time as -parallel allows.
func eachRelease(t *testing.T, test func(t *testing.T, r release), only ...release) {
	for _, r := range releases(t, only...) {
		t.Run(string(r), func(t *testing.T) {
			t.Parallel()
			test(t, r)
		})
	}
}
