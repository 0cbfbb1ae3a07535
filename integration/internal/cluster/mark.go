package cluster

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

// Variables that every process of a test inherits. They find processes that have outlived their parent.
const (
	MarkVariable = "SCALER_TEST_MARK" // one value a test
	RoleVariable = "SCALER_TEST_ROLE" // what started it in that test: scheduler, storage, client or a manager's name
)

// A Mark tells the processes and files of one test from all others on the machine.
type Mark struct {
	Value string
	Dir   string // holds the temporary folders of the test's processes
}

// NewMark makes the test's folder. Its path is short, because workers bind Unix sockets below it, and the kernel limits
// their paths to 107 bytes.
func NewMark(t testing.TB) Mark {
	dir, err := os.MkdirTemp("", "sn")
	if err != nil {
		t.Fatalf("cannot make the test's folder: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return Mark{Value: filepath.Base(dir) + "-" + strconv.Itoa(os.Getpid()), Dir: dir}
}

// Temporary returns the folder that the processes of a role get as TMPDIR.
func (m Mark) Temporary(t testing.TB, role string) string {
	dir := filepath.Join(m.Dir, role)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// steering are the variables, besides Scaler's, that change what a manager or a worker does.
var steering = []string{"TMPDIR", "PWD", "VIRTUAL_ENV", "PYTHONUNBUFFERED", "XDG_RUNTIME_DIR"}

// Environment is the environment of this process without variables that change what a manager or a worker does, with
// the mark, folders for temporary files and control sockets, and extra ("NAME=value").
func (m Mark) Environment(t testing.TB, role string, extra ...string) []string {
	var environment []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "SCALER_") || slices.Contains(steering, name) {
			continue
		}
		environment = append(environment, entry)
	}
	environment = append(environment, "PWD="+m.Dir, MarkVariable+"="+m.Value, RoleVariable+"="+role,
		"TMPDIR="+m.Temporary(t, role), "XDG_RUNTIME_DIR="+m.Dir)
	return append(environment, extra...)
}

// A Found is a live process that carries a mark.
type Found struct {
	Pid     int
	role    string
	Command string
}

// Processes returns the live processes with this mark and one of the roles, or any role if none is given, by pid.
func (m Mark) Processes(roles ...string) []Found {
	var all []Found
	directories, _ := filepath.Glob("/proc/[0-9]*")
	for _, directory := range directories {
		// Zombies have an empty environ, so they are left out: they hold nothing.
		environ, err := os.ReadFile(directory + "/environ")
		if err != nil || !bytes.Contains(environ, []byte(MarkVariable+"="+m.Value+"\x00")) {
			continue
		}
		role := ""
		for _, entry := range bytes.Split(environ, []byte{0}) {
			if value, ok := bytes.CutPrefix(entry, []byte(RoleVariable+"=")); ok {
				role = string(value)
			}
		}
		if len(roles) > 0 && !contains(roles, role) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(directory))
		command, _ := os.ReadFile(directory + "/cmdline")
		all = append(all, Found{pid, role, strings.TrimSpace(string(bytes.ReplaceAll(command, []byte{0}, []byte{' '})))})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Pid < all[j].Pid })
	return all
}

// marks returns the marks of all live processes.
func marks() []string {
	var list []string
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		environ, _ := os.ReadFile(file)
		for _, entry := range bytes.Split(environ, []byte{0}) {
			value, ok := bytes.CutPrefix(entry, []byte(MarkVariable+"="))
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

// Semaphores returns the named POSIX semaphores that these processes have mapped, by file name in /dev/shm. Others on
// the machine make semaphores too, so only those seen in a process of ours count as ours.
func Semaphores(processes []Found) []string {
	names := map[string]bool{}
	for _, process := range processes {
		maps, _ := os.ReadFile("/proc/" + strconv.Itoa(process.Pid) + "/maps")
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
