package limits

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Variables of the launcher, which it removes before it becomes the manager.
const (
	placeVariable   = "SCALER_TEST_PLACE"   // the name of a case
	programVariable = "SCALER_TEST_PROGRAM" // what it becomes
	exposeVariable  = "SCALER_TEST_EXPOSE"  // folders that every user must be able to read
)

// launchFailed is an exit status that no manager has.
const launchFailed = 99

// somebody is a user without a passwd entry.
const somebody = 61234

// A place is where the launcher is. Its methods act on the launcher's only thread that survives execve, and panic when
// the kernel refuses.
type place struct {
	program string   // what to execute
	closed  []int    // descriptors to close last
	filter  []denial // of system calls
}

// launch enters the place of a case, and executes the manager.
func launch(name string) (err error) {
	runtime.LockOSThread()
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	p := &place{program: os.Getenv(programVariable)}
	for _, c := range cases() {
		if c.name == name {
			c.enter(p)
		}
	}
	for _, variable := range []string{placeVariable, programVariable, exposeVariable} {
		os.Unsetenv(variable)
	}
	arguments := append([]string{p.program}, os.Args[1:]...)
	environment := os.Environ()
	p.deny()
	for _, descriptor := range p.closed {
		syscall.Close(descriptor)
	}
	return syscall.Exec(p.program, arguments, environment)
}

func must(what string, err error) {
	if err != nil {
		panic(fmt.Sprintf("%s: %v", what, err))
	}
}

// mounts gives the launcher mounts of its own.
func (p *place) mounts() {
	must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	must("private mounts", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
}

func (p *place) mount(kind, target string, flags uintptr, data string) {
	must("mount "+target, unix.Mount(kind, target, kind, flags, data))
}

// readOnly has a folder, and all that is mounted in it, refuse writes.
func (p *place) readOnly(folder string) {
	must("bind "+folder, unix.Mount(folder, folder, "", unix.MS_BIND|unix.MS_REC, ""))
	attributes := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	must("read-only "+folder, unix.MountSetattr(unix.AT_FDCWD, folder, unix.AT_RECURSIVE, attributes))
}

// hide has a folder look empty.
func (p *place) hide(folder string) { p.mount("tmpfs", folder, unix.MS_RDONLY, "size=4k") }

// expose lets every user read the programs under test, which may be in somebody's home: it puts another folder in the
// place of the first one on the way that is closed to others.
func (p *place) expose() {
	p.mounts()
	for _, folder := range filepath.SplitList(os.Getenv(exposeVariable)) {
		closed := closedFolder(folder)
		if closed == "" {
			continue
		}
		source, err := unix.Open(folder, unix.O_PATH|unix.O_CLOEXEC, 0)
		must("open "+folder, err)
		p.mount("tmpfs", closed, 0, "mode=755,size=1m")
		must("make "+folder, os.MkdirAll(folder, 0o755))
		must("bind "+folder, unix.Mount(fmt.Sprintf("/proc/self/fd/%d", source), folder, "", unix.MS_BIND|unix.MS_REC, ""))
	}
}

func closedFolder(path string) string {
	at := "/"
	for _, part := range strings.Split(strings.Trim(path, "/"), "/") {
		at = filepath.Join(at, part)
		if info, err := os.Stat(at); err == nil && info.Mode()&0o005 != 0o005 {
			return at
		}
	}
	return ""
}

// become changes the user, who has no capabilities.
func (p *place) become(user int) {
	p.expose()
	must("setgroups", syscall.Setgroups(nil))
	must("setgid", syscall.Setgid(user))
	must("setuid", syscall.Setuid(user))
}

func (p *place) limit(resource int, value uint64) {
	must("setrlimit", syscall.Setrlimit(resource, &syscall.Rlimit{Cur: value, Max: value}))
}

// chdir changes the folder of this thread, which is that of the manager.
func (p *place) chdir(folder string) { must("chdir", unix.Chdir(folder)) }

// mask blocks signals.
func (p *place) mask(signals ...syscall.Signal) {
	var set unix.Sigset_t
	for _, s := range signals {
		set.Val[(s-1)/64] |= 1 << ((s - 1) % 64)
	}
	must("block signals", unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil))
}

// cgroupPrefix begins the names of cgroups, which the test removes.
const cgroupPrefix = "scaler-limits-"

// cgroup moves the launcher into a new cgroup of version 1.
func (p *place) cgroup(controller string, files map[string]string) {
	folder := filepath.Join("/sys/fs/cgroup", controller, fmt.Sprint(cgroupPrefix, os.Getpid()))
	must("make a cgroup", os.Mkdir(folder, 0o755))
	for file, value := range files {
		must("write "+file, os.WriteFile(filepath.Join(folder, file), []byte(value), 0o600))
	}
	must("enter a cgroup", os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte("0"), 0o600))
}

// output makes standard output a pipe that is full, or that has no reader.
func (p *place) output(full bool) {
	var ends [2]int
	must("pipe", unix.Pipe2(ends[:], unix.O_NONBLOCK))
	for err := error(nil); full && err == nil; {
		_, err = unix.Write(ends[1], make([]byte, 1024))
	}
	must("block", unix.SetNonblock(ends[1], false))
	must("dup", unix.Dup2(ends[1], 1))
	p.closed = append(p.closed, ends[1])
	if !full {
		p.closed = append(p.closed, ends[0])
	}
}

// host changes the name of the host.
func (p *place) host(name string) {
	must("unshare", unix.Unshare(unix.CLONE_NEWUTS))
	must("set the host name", unix.Sethostname([]byte(name)))
}

// writable makes one folder stay writable in a tree that is read-only.
func (p *place) writable(folder, tree string) {
	must("bind "+folder, unix.Mount(folder, folder, "", unix.MS_BIND, ""))
	p.readOnly(tree)
	must("writable "+folder, unix.MountSetattr(unix.AT_FDCWD, folder, 0,
		&unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY}))
}

// dropCapabilities has the manager start without any, whoever it is.
func (p *place) dropCapabilities() {
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		must("drop a capability", unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0))
	}
}

// devices makes the devices that every program needs.
func (p *place) devices() {
	for name, number := range map[string]uint32{"null": 3, "zero": 5, "urandom": 9, "random": 8} {
		path := "/dev/" + name
		must("make "+path, unix.Mknod(path, unix.S_IFCHR|0o666, int(unix.Mkdev(1, number))))
		must("open "+path, os.Chmod(path, 0o666))
	}
}

var longName = strings.Repeat("long", 38)

// temporaryIn moves TMPDIR into a subfolder.
func (p *place) temporaryIn(name string) {
	folder := filepath.Join(os.Getenv("TMPDIR"), name)
	must("make "+folder, os.MkdirAll(folder, 0o755))
	os.Setenv("TMPDIR", folder)
}
