package limits

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What our manager says where it can write nowhere.
const (
	noSocket = `no control socket, so scaler-native cannot reach this manager`
	noFolder = `cannot start the worker host: No usable temporary directory found in .*; set TMPDIR$`
)

// saying adds lines to those that the log may have.
func (k limit) saying(patterns ...string) limit {
	k.says = append(k.says, patterns...)
	return k
}

func cases() []limit {
	return slices.Concat(userCases(), callCases(), leftoverCases(), fileCases(), resourceCases(), environmentCases())
}

func userCases() []limit {
	return []limit{
		{name: "plain", what: "nothing is narrow", enter: func(p *place) {}},
		{name: "user", what: "a user without passwd entry and HOME, without rights", enter: func(p *place) {
			p.become(somebody)
			os.Unsetenv("HOME")
			os.Unsetenv("XDG_RUNTIME_DIR")
		}},
		{name: "readonlyroot", what: "that user, and every file system is read-only but TMPDIR", enter: func(p *place) {
			p.expose()
			p.writable(os.Getenv("TMPDIR"), "/")
			p.become(somebody)
			os.Unsetenv("HOME")
		}},
		{name: "readonlyall", what: "nothing at all is writable", enter: func(p *place) {
			p.expose()
			p.readOnly("/")
			p.become(somebody)
			os.Unsetenv("HOME")
		}, says: []string{noSocket}, fails: noFolder},
		{name: "hidepid", what: "that user, and /proc with hidepid=2", enter: func(p *place) {
			p.mounts()
			p.mount("proc", "/proc", 0, "hidepid=2")
			p.become(somebody)
		}},
		{name: "noproc", what: "no /proc", enter: func(p *place) {
			p.mounts()
			p.hide("/proc")
		}, slow: true, says: []string{`Traceback`, `died: exit status 1`, `is forked in`}, never: true},
		{name: "nocapabilities", what: "root without capabilities", enter: func(p *place) { p.dropCapabilities() }},
	}
}

func callCases() []limit {
	return []limit{
		{name: "container", what: "a container's filter: no ptrace, process_vm_readv, userfaultfd, memfd_create, namespaces",
			enter: func(p *place) {
				p.refuse(unix.EPERM, privateCalls...)
				p.filter = append(p.filter, denial{call: unix.SYS_CLONE, errno: unix.EPERM, mask: namespaces})
				p.become(somebody)
			}},
		{name: "oldruntime", what: "ENOSYS for clone3, pidfd_open, close_range, openat2, faccessat2 and others",
			enter: func(p *place) { p.refuse(unix.ENOSYS, newerCalls...) }},
		{name: "olderruntime", what: "EPERM for the same, but for clone3",
			enter: func(p *place) { p.refuse(unix.EPERM, newerCalls[1:]...) }},
		{name: "noprctl", what: "EPERM for prctl", enter: func(p *place) { p.refuse(unix.EPERM, unix.SYS_PRCTL) },
			says:  []string{`cannot become a subreaper: operation not permitted`},
			fails: `cannot start \S+: operation not permitted`},
		{name: "nopriority", what: "EPERM for setpriority and sched_setaffinity",
			enter: func(p *place) {
				p.refuse(unix.EPERM, unix.SYS_SETPRIORITY, unix.SYS_SCHED_SETAFFINITY)
			}},
	}
}

func leftoverCases() []limit {
	return []limit{
		{name: "closed", what: "standard input, output and error are closed",
			enter: func(p *place) { p.closed = []int{0, 1, 2} }},
		{name: "masked", what: "all signals are blocked", enter: func(p *place) {
			var list []syscall.Signal
			for s := syscall.Signal(1); s < 65; s++ {
				if s != syscall.SIGKILL && s != syscall.SIGSTOP {
					list = append(list, s)
				}
			}
			p.mask(list...)
		}},
		{name: "termmasked", what: "SIGTERM, SIGINT and SIGCHLD are blocked", enter: func(p *place) {
			p.mask(syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
		}},
		{name: "chldignored", what: "SIGCHLD is ignored", enter: func(p *place) { signal.Ignore(syscall.SIGCHLD) }},
		{name: "pipeignored", what: "SIGPIPE is ignored", enter: func(p *place) { signal.Ignore(syscall.SIGPIPE) }},
		{name: "termignored", what: "SIGTERM and SIGINT are ignored",
			enter: func(p *place) { signal.Ignore(syscall.SIGTERM, syscall.SIGINT) }},
		{name: "hupignored", what: "SIGHUP is ignored, as by nohup, and sent",
			enter: func(p *place) { signal.Ignore(syscall.SIGHUP) },
			check: func(t *testing.T, r *run) {
				r.Signal(syscall.SIGHUP)
				time.Sleep(300 * time.Millisecond) // longer than signals that come together
				if !r.Running() {
					t.Error("it has ended")
				}
			}},
		{name: "pipeclosed", what: "standard output is a pipe that nobody reads any more (head)",
			enter: func(p *place) { p.output(false) },
			says:  []string{`^Traceback`, `^BrokenPipeError`}}, // of processors, as with Scaler
		{name: "pipefull", what: "standard output is a full pipe", enter: func(p *place) { p.output(true) },
			slow: true, never: true}, // the processor waits until its line is read, as Scaler's
		{name: "hostname", what: "the host name is not UTF-8", enter: func(p *place) { p.host("h\xff|b c") }},
		{name: "nohostname", what: "the host name is empty", enter: func(p *place) { p.host("") }},
		{name: "umask", what: "umask 0777, as a user", enter: func(p *place) {
			p.become(somebody)
			syscall.Umask(0o777)
		}},
		{name: "folder", what: "the working directory is not writable", enter: func(p *place) {
			p.become(somebody)
			p.chdir("/usr")
		}},
		{name: "gone", what: "the working directory was removed", enter: func(p *place) {
			must("mkdir", os.Mkdir(os.Getenv("TMPDIR")+"/gone", 0o700))
			p.chdir(os.Getenv("TMPDIR") + "/gone")
			must("rmdir", os.Remove(os.Getenv("TMPDIR")+"/gone"))
		}},
		{name: "subreaper", what: "its parent is a subreaper, no_new_privs is set", enter: func(p *place) {
			must("subreaper", unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
			must("no_new_privs", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		}},
	}
}

func fileCases() []limit {
	temporary := func(p *place, flags uintptr, data string) {
		p.mounts()
		p.mount("tmpfs", os.Getenv("TMPDIR"), flags, data)
	}
	return []limit{
		{name: "notmpdir", what: "TMPDIR names a folder that is not there",
			enter: func(p *place) { os.Setenv("TMPDIR", "/nonexistent/folder") }},
		{name: "tmpreadonly", what: "TMPDIR and /tmp are read-only, /dev/shm and /var/tmp are not", enter: func(p *place) {
			p.mounts()
			p.readOnly("/tmp")
		}},
		{name: "tmpnoexec", what: "TMPDIR is noexec, nodev, nosuid",
			enter: func(p *place) { temporary(p, unix.MS_NOEXEC|unix.MS_NODEV|unix.MS_NOSUID, "") }},
		{name: "tmpfull", what: "TMPDIR has no space left", enter: func(p *place) {
			temporary(p, 0, "size=4k")
			must("fill", os.WriteFile(os.Getenv("TMPDIR")+"/filler", make([]byte, 4096), 0o600))
		}},
		{name: "tmpinodes", what: "TMPDIR has no inode left", enter: func(p *place) { temporary(p, 0, "nr_inodes=1") }},
		{name: "noshm", what: "no /dev/shm", enter: func(p *place) {
			p.mounts()
			p.mount("tmpfs", "/dev/shm", 0, "size=4k")
			p.mount("tmpfs", "/dev", unix.MS_NOEXEC, "")
			p.devices()
		}},
		{name: "shmreadonly", what: "/dev/shm is read-only", enter: func(p *place) {
			p.mounts()
			p.mount("tmpfs", "/dev/shm", unix.MS_RDONLY, "")
		}},
		{name: "shmfull", what: "/dev/shm is full", enter: func(p *place) {
			p.mounts()
			p.mount("tmpfs", "/dev/shm", 0, "size=4k")
			must("fill", os.WriteFile("/dev/shm/filler", make([]byte, 4096), 0o600))
		}},
		{name: "shmnoexec", what: "/dev/shm is noexec", enter: func(p *place) {
			p.mounts()
			p.mount("tmpfs", "/dev/shm", unix.MS_NOEXEC, "")
		}},
		{name: "norun", what: "no /run/user, no XDG_RUNTIME_DIR", enter: func(p *place) {
			p.mounts()
			p.hide("/run")
			os.Unsetenv("XDG_RUNTIME_DIR")
		}},
		{name: "longpath", what: "TMPDIR is 150 bytes long", enter: func(p *place) { p.temporaryIn(longName) }},
		{name: "oddpath", what: "TMPDIR has spaces and non-ASCII letters",
			enter: func(p *place) { p.temporaryIn("a b \"ü\" 漢") }},
	}
}

func resourceCases() []limit {
	return []limit{
		{name: "nocgroups", what: "no cgroup file system", workers: "default", enter: func(p *place) {
			p.mounts()
			must("unmount", unix.Unmount("/sys/fs/cgroup", unix.MNT_DETACH))
		}},
		{name: "onecpu", what: "one CPU", workers: "default", enter: func(p *place) {
			var one unix.CPUSet
			one.Set(0)
			must("affinity", unix.SchedSetaffinity(0, &one))
		}},
		{name: "files", what: "RLIMIT_NOFILE 64", enter: func(p *place) { p.limit(unix.RLIMIT_NOFILE, 64) },
			says: []string{`need about 66 open files in one process, the hard limit RLIMIT_NOFILE is 64`}},
		{name: "fewfiles", what: "RLIMIT_NOFILE 20", enter: func(p *place) { p.limit(unix.RLIMIT_NOFILE, 20) },
			says: []string{`need about 66 open files in one process, the hard limit RLIMIT_NOFILE is 20`}, tight: true},
		{name: "processes", what: "RLIMIT_NPROC 12, as a user", enter: func(p *place) {
			p.limit(unix.RLIMIT_NPROC, 12)
			p.become(somebody + 1)
		}, says: []string{`RLIMIT_NPROC is 12, of which \d+ are used`, `cannot start a worker: BlockingIOError`},
			fails: `all 1 workers failed`},
		{name: "moreprocesses", what: "RLIMIT_NPROC 32, as a user", enter: func(p *place) {
			p.limit(unix.RLIMIT_NPROC, 32)
			p.become(somebody + 2)
		}, says: []string{`RLIMIT_NPROC is 32, of which \d+ are used`}},
		// Before any code of ours: the Go runtime reserves 700 MB of addresses, and cannot say it in a better way.
		{name: "space512", what: "RLIMIT_AS 512 MB", enter: func(p *place) { p.limit(unix.RLIMIT_AS, 512<<20) },
			fails: `fatal error: failed to reserve page summary memory`, status: 2},
		{name: "space", what: "RLIMIT_AS 2 GB", enter: func(p *place) { p.limit(unix.RLIMIT_AS, 2<<30) }},
		{name: "data", what: "RLIMIT_DATA 512 MB", enter: func(p *place) { p.limit(unix.RLIMIT_DATA, 512<<20) }},
		{name: "stack", what: "RLIMIT_STACK 256 KB", enter: func(p *place) { p.limit(unix.RLIMIT_STACK, 256<<10) }},
		{name: "filesize", what: "RLIMIT_FSIZE 0", enter: func(p *place) { p.limit(unix.RLIMIT_FSIZE, 0) }, fails: noFolder},
		{name: "memory", what: "512 MB of memory (cgroup v1) for four workers", workers: "4", enter: func(p *place) {
			p.cgroup("memory", map[string]string{"memory.limit_in_bytes": "536870912"})
		}},
		{name: "pids", what: "20 processes and threads (cgroup v1)", enter: func(p *place) {
			p.cgroup("pids", map[string]string{"pids.max": "20"})
		}, says: []string{`need about 41 processes and threads, /sys/fs/cgroup/pids/\S+/pids.max is 20`}},
		{name: "cpuset", what: "one CPU (cgroup v1)", workers: "default", enter: func(p *place) {
			p.cgroup("cpuset", map[string]string{"cpuset.cpus": "1", "cpuset.mems": "0"})
		}},
		{name: "quota", what: "a CPU quota of 0.5 (cgroup v1)", workers: "default", enter: func(p *place) {
			p.cgroup("cpu", map[string]string{"cpu.cfs_quota_us": "50000"})
		}},
		{name: "memlock", what: "RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_SIGPENDING and RLIMIT_CORE 0",
			enter: func(p *place) {
				for _, resource := range []int{
					unix.RLIMIT_MEMLOCK, unix.RLIMIT_MSGQUEUE, unix.RLIMIT_SIGPENDING, unix.RLIMIT_CORE,
				} {
					p.limit(resource, 0)
				}
			}},
	}
}

func environmentCases() []limit {
	with := func(name, what string, environment ...string) limit {
		return limit{name: name, what: what, environment: environment, enter: func(p *place) {}}
	}
	return []limit{
		{name: "locale", what: "LC_ALL=C, and a worker manager id that is not ASCII", enter: func(p *place) {},
			environment: []string{"LC_ALL=C", "LANG=C"}, arguments: []string{"--worker-manager-id", "Ünï|漢 字"}},
		with("zone", "TZ names no zone", "TZ=No/Where"),
		with("safepath", "PYTHONSAFEPATH, PYTHONNOUSERSITE, PYTHONHASHSEED=0",
			"PYTHONSAFEPATH=1", "PYTHONNOUSERSITE=1", "PYTHONHASHSEED=0"),
		with("pywarnings", "PYTHONWARNINGS=error", "PYTHONWARNINGS=error"),
		with("pydev", "PYTHONDEVMODE=1", "PYTHONDEVMODE=1"),
		with("pymalloc", "PYTHONMALLOC=debug", "PYTHONMALLOC=debug"),
		with("pyoptimize", "PYTHONOPTIMIZE=2", "PYTHONOPTIMIZE=2"),
		// The interpreter shows how it ends, and finds the end of its input.
		with("pyinspect", "PYTHONINSPECT=1", "PYTHONINSPECT=1").saying(`^Traceback`),
		{name: "pyhome", what: "PYTHONHOME names another folder", enter: func(p *place) {},
			environment: []string{"PYTHONHOME=/nonexistent"}, says: []string{`^Fatal Python error`, `^ModuleNotFoundError`},
			fails: `does PYTHONHOME=/nonexistent belong to it`},
		{name: "sitecustomize", what: "a sitecustomize module that fails", enter: func(p *place) {
			folder := os.Getenv("TMPDIR")
			must("write", os.WriteFile(folder+"/sitecustomize.py", []byte("raise RuntimeError('broken')\n"), 0o644))
			os.Setenv("PYTHONPATH", folder)
		}, says: []string{`^RuntimeError: broken`}},
		with("mallocs", "MALLOC_PERTURB_, MALLOC_ARENA_MAX, MALLOC_CHECK_",
			"MALLOC_PERTURB_=165", "MALLOC_ARENA_MAX=1", "MALLOC_CHECK_=3"),
		with("preload", "LD_PRELOAD names a library that is not there", "LD_PRELOAD=/nonexistent.so").saying(`^ERROR: ld.so`),
		with("noenvironment", "PATH is empty", "PATH="),
	}
}
