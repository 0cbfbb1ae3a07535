package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// Variables that every process of a test inherits, and by which leak.go finds those that outlived their parent.
const (
	markVariable = "SCALER_TEST_MARK" // one value a test
	roleVariable = "SCALER_TEST_ROLE" // what started it in that test: scheduler, storage, client or a manager's name
)

// A mark tells the processes and files of one test from all others on the machine.
type mark struct {
	value string
	dir   string // holds the temporary folders of the test's processes
}

// newMark makes the test's folder. Its path is short: workers bind Unix sockets below it, whose paths
// the kernel limits to 107 bytes.
func newMark(t testing.TB) mark {
	dir, err := os.MkdirTemp("", "sn")
	if err != nil {
		t.Fatalf("cannot make the test's folder: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return mark{value: filepath.Base(dir) + "-" + strconv.Itoa(os.Getpid()), dir: dir}
}

// temporary returns the folder that the processes of a role get as TMPDIR.
func (m mark) temporary(t testing.TB, role string) string {
	dir := filepath.Join(m.dir, role)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// steering are the variables, beside Scaler's, that a manager or a worker goes by.
var steering = []string{"TMPDIR", "PWD", "VIRTUAL_ENV", "PYTHONUNBUFFERED", "XDG_RUNTIME_DIR"}

// environment is this process's own less what would steer a manager or a worker, plus the mark, folders for
// temporary files and control sockets, and extra ("NAME=value").
func (m mark) environment(t testing.TB, role string, extra ...string) []string {
	var environment []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "SCALER_") || slices.Contains(steering, name) {
			continue
		}
		environment = append(environment, entry)
	}
	environment = append(environment, "PWD="+m.dir, markVariable+"="+m.value, roleVariable+"="+role,
		"TMPDIR="+m.temporary(t, role), "XDG_RUNTIME_DIR="+m.dir)
	return append(environment, extra...)
}

// A found is a live process that carries a mark.
type found struct {
	pid     int
	role    string
	command string
}

// processes returns the live processes with this mark and one of the roles (all without any), lowest process id first.
func (m mark) processes(roles ...string) []found {
	var all []found
	directories, _ := filepath.Glob("/proc/[0-9]*")
	for _, directory := range directories {
		// Zombies have an empty environ: they are their parent's business and hold nothing.
		environ, err := os.ReadFile(directory + "/environ")
		if err != nil || !bytes.Contains(environ, []byte(markVariable+"="+m.value+"\x00")) {
			continue
		}
		role := ""
		for _, entry := range bytes.Split(environ, []byte{0}) {
			if value, ok := bytes.CutPrefix(entry, []byte(roleVariable+"=")); ok {
				role = string(value)
			}
		}
		if len(roles) > 0 && !contains(roles, role) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(directory))
		command, _ := os.ReadFile(directory + "/cmdline")
		all = append(all, found{pid, role, strings.TrimSpace(string(bytes.ReplaceAll(command, []byte{0}, []byte{' '})))})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].pid < all[j].pid })
	return all
}

// marks returns the marks of all live processes.
func marks() []string {
	var list []string
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		environ, _ := os.ReadFile(file)
		for _, entry := range bytes.Split(environ, []byte{0}) {
			value, ok := bytes.CutPrefix(entry, []byte(markVariable+"="))
			if ok && !contains(list, string(value)) {
				list = append(list, string(value))
			}
		}
	}
	return list
}

func contains(list []string, value string) bool {
	for _, item := range list {
		if item == value {
			return true
		}
	}
	return false
}

var semaphoreMapping = regexp.MustCompile(`/dev/shm/(sem\.\S+)`)

// semaphores returns the named POSIX semaphores that these processes hold, by file name in /dev/shm. Other
// tests on the machine make semaphores too, so that only those that were seen in a process of ours count as ours.
func semaphores(processes []found) []string {
	names := map[string]bool{}
	for _, process := range processes {
		maps, _ := os.ReadFile("/proc/" + strconv.Itoa(process.pid) + "/maps")
		for _, match := range semaphoreMapping.FindAllSubmatch(maps, -1) {
			names[string(match[1])] = true
		}
	}
	var list []string
	for name := range names {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}
