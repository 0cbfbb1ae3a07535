"""The worker host with the installed Scaler: its messages, and what happens to its processes."""

import os
import signal
import socket
import sys
import time
import unittest
from importlib import metadata

from scaler_native.host import immortal

from .conversation import PATIENCE, Manager, await_state, sources, state

LINUX = sys.platform.startswith("linux")
THREADED = "import threading; threading.Thread(target=threading.Event().wait, name='busy-body', daemon=True).start()"

# As multiprocessing.Pool does at its end. The host itself must live on.
FORKING = """
import os, signal, time
os.kill(os.getpid(), signal.SIGTERM)
read, write = os.pipe()
pid = os.fork()
if not pid:
    os.write(write, b"x")
    time.sleep(20)
    os._exit(7)
os.read(read, 1)
os.kill(pid, signal.SIGTERM)
status = os.waitpid(pid, 0)[1]
assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM, status
"""


class HostTest(unittest.TestCase):
    def manager(self, **keywords):
        manager = Manager(**keywords)
        self.addCleanup(manager.close)
        return manager

    def configured(self, imports=(), **keywords):
        manager = self.manager(**keywords)
        ready = manager.hello(imports)
        self.assertEqual(ready["type"], "ready", ready)
        answer = manager.configure()
        self.assertEqual((answer["type"], answer["unknown"]), ("configured", []))
        if not ready["no_fork"]:
            self.assertEqual(answer.get("mortal", ""), immortal.unavailable())
        return manager

    def started(self, manager, number=1):
        started = manager.start(number)
        self.assertEqual((started["type"], started.get("worker")), ("started", number), started)
        return started

    def test_conversation(self):
        manager = self.manager()
        ready = manager.hello()
        self.assertEqual(ready["type"], "ready", ready)
        self.assertEqual(ready["scaler"], metadata.version("opengris-scaler"))
        self.assertEqual((ready["no_fork"], ready["not_imported"]), ("", {}))
        self.assertEqual(ready["python"], sys.version.split()[0])
        answer = manager.configure(bogus=1)
        self.assertEqual((answer["type"], answer["unknown"]), ("configured", ["bogus"]))

        first, second = self.started(manager, 1), self.started(manager, 2)
        self.assertIn("NAT|", first["identity"])
        self.assertNotEqual(first["identity"], second["identity"])
        self.assertEqual(os.getpgid(first["pid"]), first["pid"])

        os.kill(first["pid"], signal.SIGKILL)
        self.assertEqual(manager.receive(), {"type": "exited", "pid": first["pid"], "status": signal.SIGKILL})
        if LINUX:
            self.assertEqual(state(first["pid"]), "Z", "the number has to stay until the manager lets it go")
        manager.reap(first["pid"])
        manager.settle()
        with self.assertRaises(ProcessLookupError):
            os.kill(first["pid"], 0)
        os.kill(second["pid"], 0)

    def test_reap_of_what_has_not_ended(self):
        manager = self.configured()
        started = self.started(manager)
        manager.reap(started["pid"])
        manager.reap(1 << 30)
        manager.settle()
        os.kill(started["pid"], 0)
        os.kill(started["pid"], signal.SIGKILL)
        self.assertEqual(manager.receive()["type"], "exited")

    def test_end_of_the_manager(self):
        manager = self.configured()
        started = [self.started(manager, number) for number in (1, 2, 3)]
        os.kill(started[0]["pid"], signal.SIGSTOP)  # nothing that a worker does may keep it
        begun = time.monotonic()
        manager.channel.close()
        self.assertEqual(manager.process.wait(PATIENCE), 0, manager.said())
        self.assertLess(time.monotonic() - begun, 2)
        for worker in started:
            with self.assertRaises(ProcessLookupError):
                os.kill(worker["pid"], 0)

    def test_host_stays_when_it_is_signalled(self):
        manager = self.configured()
        for number in (signal.SIGINT, signal.SIGTERM):
            manager.process.send_signal(number)
        manager.settle()
        self.assertIsNone(manager.process.poll())

    def test_what_cannot_be_imported_is_told(self):
        manager = self.manager(modules={"faulty": "1 / 0", "fine": ""})
        ready = manager.hello(["faulty", "fine", "no_such_module"])
        self.assertEqual(sorted(ready["not_imported"]), ["faulty", "no_such_module"])
        self.assertIn("ZeroDivisionError", ready["not_imported"]["faulty"])
        self.assertIn("ModuleNotFoundError", ready["not_imported"]["no_such_module"])

    def test_import_that_leaves_the_program(self):
        manager = self.manager(modules={"leaving": "raise SystemExit('as planned')"})
        ready = manager.hello(["leaving"])
        self.assertEqual(list(ready["not_imported"]), ["leaving"])

    def test_process_that_an_import_forks_can_be_terminated(self):
        manager = self.manager(modules={"forking": FORKING})
        ready = manager.hello(["forking"])
        self.assertEqual((ready["not_imported"], ready["no_fork"]), ({}, ""))
        for number in (signal.SIGINT, signal.SIGTERM):
            manager.process.send_signal(number)
        manager.settle()
        self.assertIsNone(manager.process.poll())

    def test_no_scaler(self):
        manager = self.manager(modules={"scaler": "raise ImportError('none here')"})
        self.assertEqual(manager.hello(), {"type": "failed", "error": "cannot import Scaler: none here"})

    def test_rejected_configuration(self):
        manager = self.manager()
        manager.hello()
        failed = manager.configure(io_threads=-1)
        self.assertEqual(failed["type"], "failed")
        self.assertIn("io_threads", failed["error"])

    def test_configured_again(self):
        manager = self.configured()
        self.assertEqual(manager.configure(io_threads=-1)["type"], "failed")
        with socket.socket() as scheduler:
            scheduler.bind(("127.0.0.1", 0))
            scheduler.listen()
            scheduler.settimeout(PATIENCE)
            address = "tcp://127.0.0.1:%d" % scheduler.getsockname()[1]
            answer = manager.configure(scheduler_address=address)
            self.assertEqual((answer["type"], answer["unknown"]), ("configured", []))
            self.started(manager)
            scheduler.accept()[0].close()
        if LINUX:
            with open("/proc/%d/task/%d/children" % (manager.process.pid, manager.process.pid)) as stream:
                self.assertEqual(len(stream.read().split()), 2, "one worker and one resource tracker")

    def test_another_version_ends_the_host(self):
        manager = self.manager()
        manager.channel.send({"type": "hello", "version": 99, "argv": [], "process_name": "", "imports": []})
        with self.assertRaises(EOFError):
            manager.receive()
        self.assertNotEqual(manager.process.wait(PATIENCE), 0)
        self.assertIn("99", manager.said())

    def test_broken_frame_ends_the_host_and_its_workers(self):
        manager = self.configured()
        started = self.started(manager)
        manager.channel.socket.sendall(b"\xff\xff\xff\xff")
        with self.assertRaises(EOFError):
            manager.receive()
        manager.process.wait(PATIENCE)
        with self.assertRaises(ProcessLookupError):
            os.kill(started["pid"], 0)

    def test_threads_make_it_spawn(self):
        manager = self.manager(modules={"threaded": THREADED})
        ready = manager.hello(["threaded"])
        self.assertIn("busy-body", ready["no_fork"])
        manager.settle()
        started = self.started(manager)
        self.assertEqual(os.getpgid(started["pid"]), started["pid"])
        if LINUX:
            self.assertIn(b"worker", self.arguments(started["pid"]))
        os.kill(started["pid"], signal.SIGKILL)
        self.assertEqual(manager.receive(), {"type": "exited", "pid": started["pid"], "status": signal.SIGKILL})
        manager.reap(started["pid"])
        manager.settle()

    def arguments(self, pid):
        """The command line of a process, which is empty for a moment while it is replaced."""
        text, until = b"", time.monotonic() + PATIENCE
        while not text:
            self.assertLess(time.monotonic(), until, "process %d has no command line" % pid)
            with open("/proc/%d/cmdline" % pid, "rb") as stream:
                text = stream.read()
        return text.split(b"\0")

    def test_worker_is_refused_when_there_is_no_process_left(self):
        text = "import os\ndef fork(): raise BlockingIOError(11, 'none left')\nos.fork = fork"
        manager = self.configured(imports=["scarce"], modules={"scarce": text})
        for number in (1, 2):
            refused = manager.start(number)
            self.assertEqual((refused["type"], refused["worker"]), ("refused", number))
            self.assertIn("none left", refused["error"])

    if LINUX:

        def test_workers_die_with_the_host(self):
            for name, modules in (("forked", {}), ("spawned", {"threaded": THREADED})):
                with self.subTest(name):
                    manager = self.configured(imports=list(modules), modules=modules)
                    started = [self.started(manager, number) for number in (1, 2)]
                    manager.process.kill()
                    manager.process.wait()
                    for worker in started:
                        await_state(self, worker["pid"], "", "Z")

    def test_sources_are_not_on_the_path(self):
        text = (
            "import sys\nassert 'Sources' not in [type(f).__name__ for f in sys.meta_path]\nassert '' not in sys.path"
        )
        manager = self.manager(modules={"curious": text})
        self.assertEqual(manager.hello(["curious"])["not_imported"], {})
        self.assertIn("scaler_native/host/server.py", sources())
