package workers

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// The manager's working directory has modules with the names of the standard library's: neither the manager nor its
// worker host, a worker or a processor imports one. (With Scaler's own manager, multiprocessing's spawn does.) And ps
// shows what each process is, not its source.
func TestWorkingDirectory(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		planted := filepath.Join(c.Mark.Dir, "planted")
		for _, name := range strings.Fields("" +
			"argparse ast asyncio base64 bz2 calendar concurrent configparser contextvars copy csv ctypes dataclasses " +
			"datetime decimal dis email enum faulthandler functools gc getopt gettext hashlib heapq hmac html http " +
			"importlib inspect ipaddress json linecache locale logging lzma marshal math mimetypes multiprocessing " +
			"numbers opcode operator pathlib pickle pkgutil platform posixpath pprint queue quopri random re resource " +
			"scaler scaler_native secrets select selectors shlex shutil signal socket ssl statistics string struct " +
			"subprocess sysconfig tempfile textwrap threading timeit tokenize traceback types typing urllib uuid " +
			"warnings weakref xml zipfile zlib zmq capnp cloudpickle psutil tblib") {
			text := "open('" + planted + "', 'a').write(__name__ + ' ')\nraise ImportError('planted')\n"
			if err := os.WriteFile(filepath.Join(c.Mark.Dir, name+".py"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		m := c.StartManager(t, "planted", cluster.Fixed("1"))
		c.Monitor.WaitWorkers(t, "1 worker", 1)
		path := filepath.Join(c.Mark.Dir, "pid")
		client := c.StartClient(t, "killed.py", c.Address, path)
		titles := map[string]bool{}
		cluster.AwaitPID(t, client, path)
		for _, process := range c.Mark.Processes(m.Name) {
			text, _ := os.ReadFile("/proc/" + strconv.Itoa(process.Pid) + "/cmdline")
			title := strings.TrimRight(string(text), "\x00")
			if i := strings.LastIndex(title, "worker 1 "); i >= 0 {
				title = title[:i] + "worker 1 ID"
			}
			titles[title] = true
		}
		if err := syscall.Kill(cluster.ReadPID(t, path), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		client.Finish(t)
		for _, want := range []string{"scaler: worker host", "scaler: worker 1 ID", "scaler: processor of worker 1"} {
			if !titles[want] {
				t.Errorf("no process is called %q; there are %v", want, titles)
			}
		}
		if names, err := os.ReadFile(planted); err == nil {
			t.Errorf("imported from the working directory: %s", names)
		}
		m.End(t, syscall.SIGTERM)
	}, "1.26.6", "2.9.0")
}
