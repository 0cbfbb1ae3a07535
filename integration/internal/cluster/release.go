package cluster

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Releases for tests that are too slow to run on all.
var (
	Newest    = []Release{"2.9.0"}
	OldAndNew = []Release{"1.26.6", "2.9.0"} // the oldest generation of the wire and the newest
	// EachFarewell adds the last release whose workers disconnect by a request and not by a notification.
	EachFarewell = []Release{"1.26.6", "2.6.0", "2.9.0"}
	// EachGeneration adds the last release whose scheduler starts and stops workers by name.
	EachGeneration = []Release{"1.26.6", "2.3.3", "2.9.0"}
)

// A Release is an installed Scaler, named by its version, or by an environment that has more than that: bench-2.9.0.
type Release string

// Python is the release's interpreter.
func (r Release) Python() string { return r.Program("python") }

// Program returns the path of one of the release's programs.
func (r Release) Program(name string) string {
	return Repository(".venvs", string(r), "bin", name)
}

// Number orders releases: major times thousand plus minor.
func (r Release) Number() int {
	parts := strings.Split(string(r[strings.LastIndexByte(string(r), '-')+1:]), ".")
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return major*1000 + minor
}

// OwnStorage tells whether the scheduler starts an object storage server itself, as in 1.x. From 2.0 on it needs the
// address of one.
func (r Release) OwnStorage() bool { return r.Number() < 2000 }

// Releases returns those of SCALER_RELEASES, else all with a lock file, oldest first; of these only the ones given, if
// any. It fails the test if one is not installed, which make venvs does.
func Releases(t *testing.T, only ...Release) []Release {
	t.Helper()
	var wanted []Release
	for _, name := range strings.Fields(os.Getenv("SCALER_RELEASES")) {
		wanted = append(wanted, Release(name))
	}
	if wanted == nil {
		locks, _ := filepath.Glob(Repository("integration", "requirements", "*.txt"))
		for _, lock := range locks {
			wanted = append(wanted, Release(strings.TrimSuffix(filepath.Base(lock), ".txt")))
		}
	}
	if len(wanted) == 0 {
		t.Fatal("no releases: neither SCALER_RELEASES nor a lock file in requirements")
	}
	var list []Release
	for _, r := range wanted {
		if len(only) == 0 || containsRelease(only, r) {
			NeedRelease(t, r)
			list = append(list, r)
		}
	}
	return list
}

// NeedRelease fails the test if a release is not installed.
func NeedRelease(t *testing.T, r Release) {
	t.Helper()
	if _, err := os.Stat(r.Program("scaler_scheduler")); err != nil {
		t.Fatalf("Scaler %s is not installed: %v", r, err)
	}
}

func containsRelease(list []Release, wanted Release) bool {
	for _, r := range list {
		if r == wanted {
			return true
		}
	}
	return false
}

// EachRelease runs a test for each release, as many at a time as -parallel allows.
func EachRelease(t *testing.T, test func(t *testing.T, r Release), only ...Release) {
	for _, r := range Releases(t, only...) {
		t.Run(string(r), func(t *testing.T) {
			t.Parallel()
			test(t, r)
		})
	}
}
