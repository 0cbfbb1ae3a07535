package integration

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Modules that lie in the manager's working directory under names of the standard library's: none is taken from there
// by the manager, its worker host, a worker or a processor. (With Scaler's own manager multiprocessing's spawn takes
// some.) And ps shows no source, but what each process is.
func TestWorkingDirectory(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		planted := filepath.Join(c.mark.dir, "planted")
		for _, name := range strings.Fields("argparse ast asyncio base64 bz2 calendar concurrent configparser contextvars copy csv ctypes " +
			"dataclasses datetime decimal dis email enum faulthandler functools gc getopt gettext hashlib heapq hmac html http importlib " +
			"inspect ipaddress json linecache locale logging lzma marshal math mimetypes multiprocessing numbers opcode operator pathlib " +
			"pickle pkgutil platform posixpath pprint queue quopri random re resource scaler scaler_native secrets select selectors shlex " +
			"shutil signal socket ssl statistics string struct subprocess sysconfig tempfile textwrap threading timeit tokenize traceback " +
			"types typing urllib uuid warnings weakref xml zipfile zlib zmq capnp cloudpickle psutil tblib") {
			text := "open('" + planted + "', 'a').write(__name__ + ' ')\nraise ImportError('planted')\n"
			if err := os.WriteFile(filepath.Join(c.mark.dir, name+".py"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		m := c.startManager(t, "planted", fixed("1"))
		c.monitor.waitWorkers(t, "1 worker", 1)
		path := filepath.Join(c.mark.dir, "pid")
		client := c.startClient(t, "killed.py", c.address, path)
		titles := map[string]bool{}
		awaitPID(t, client, path)
		for _, process := range c.mark.processes(m.name) {
			text, _ := os.ReadFile("/proc/" + strconv.Itoa(process.pid) + "/cmdline")
			title := strings.TrimRight(string(text), "\x00")
			if i := strings.LastIndex(title, "worker 1 "); i >= 0 {
				title = title[:i] + "worker 1 ID"
			}
			titles[title] = true
		}
		if err := syscall.Kill(readPID(t, path), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		client.finish(t)
		for _, want := range []string{"scaler: worker host", "scaler: worker 1 ID", "scaler: processor of worker 1"} {
			if !titles[want] {
				t.Errorf("no process is called %q; there are %v", want, titles)
			}
		}
		if names, err := os.ReadFile(planted); err == nil {
			t.Errorf("imported from the working directory: %s", names)
		}
		m.end(t, syscall.SIGTERM)
	}, "1.26.6", "2.9.0")
}
