"""What ps shows of the host, its workers and their processors."""

import subprocess
import sys
import unittest

from .conversation import PATIENCE, PYTHON, Manager

SCRIPT = """
import sys
sys.path.insert(0, %r)
from scaler_native.host import title

def read(name):
    with open("/proc/self/" + name, "rb") as file:
        return file.read()

environment = read("environ")
%s
shown = read("cmdline").decode(errors="replace"), read("comm").decode().strip()
print([*shown, sys.argv[1:], read("environ") == environment])
"""
THREADED = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()"


def cmdline(pid):
    with open("/proc/%d/cmdline" % pid) as file:
        return file.read()


@unittest.skipUnless(sys.platform.startswith("linux"), "read from /proc")
class TitleTest(unittest.TestCase):
    def shown(self, text):
        program = [sys.executable, "-c", SCRIPT % (PYTHON, text), "one", "two"]
        return eval(subprocess.run(program, stdout=subprocess.PIPE, timeout=PATIENCE, check=True).stdout)

    def test_titles(self):
        for call, shown, name in (
            ("host()", "scaler: worker host", "scaler-host"),
            ("worker(12, b'Worker|NAT|12345678')", "scaler: worker 12 12345678", "scaler-worker"),
            ("worker(1, b'\\xff|\\xc3')", "scaler: worker 1 \ufffd|\ufffd", "scaler-worker"),
            ("parent(12)", "scaler: parent of processors of worker 12", "scaler-parent"),
            ("processor(12)", "scaler: processor of worker 12", "scaler-task"),
            ("tracker()", "scaler: resource tracker of the worker host", "scaler-tracker"),
        ):
            with self.subTest(call):
                self.assertEqual(
                    self.shown("title.prepare(); title." + call), [shown + "\0", name, ["one", "two"], True]
                )

    def test_longer_than_the_arguments(self):
        shown = self.shown("title.prepare(); title._set('y' * 100000, 'n')")
        self.assertEqual((set(shown[0]), shown[3]), ({"y", "\0"}, True))

    def test_nothing_happens_where_it_is_impossible(self):
        shown = self.shown("title._NAME = '/nowhere/comm'; title.worker(1, b'one')")
        self.assertTrue(shown[0].endswith("one\0two\0"), shown)

    def test_host_and_its_workers(self):
        for name, modules in (("forked", {}), ("spawned", {"threaded": THREADED})):
            with self.subTest(name):
                manager = Manager(modules=modules)
                self.addCleanup(manager.close)
                self.assertEqual(manager.hello(list(modules))["type"], "ready")
                self.assertEqual(manager.configure()["type"], "configured")
                started = manager.start(3)
                self.assertEqual(cmdline(manager.process.pid), "scaler: worker host\0")
                # It asks for its processor, or makes a socket for it, once it runs.
                while not manager.sockets:
                    manager.settle()
                self.assertEqual(cmdline(started["pid"]), "scaler: worker 3 %s\0" % started["identity"][-8:])
