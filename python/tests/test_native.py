"""Workers whose agent is in the manager, driven by a manager that is the test."""

import base64
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from scaler_native.host import release

from .conversation import PATIENCE, Manager, await_state, state

try:
    import zmq
except ImportError:
    zmq = None

# The first fork of a processor fails.
SCARCE = """
import os, sys

real = os.fork

def fork():
    if sys._getframe(2).f_code.co_name == "_fork":
        os.fork = real
        raise BlockingIOError(11, "none left")
    return real()

os.fork = fork
"""
STORAGE = "tcp://127.0.0.1:8517"


class Processor:
    """One of the module probe_native, at the other end of its line."""

    def __init__(self, line):
        self._line = line
        line.settimeout(PATIENCE)
        self.stream = line.makefile("rw")
        self.pid = int(self.stream.readline())

    def __getattr__(self, name):
        def tell(*arguments):
            self.order(name, *arguments)
            return self.answer()

        return tell

    def order(self, name, *arguments):
        self.stream.write(json.dumps([name, arguments]) + "\n")
        self.stream.flush()

    def answer(self):
        text = self.stream.readline()
        if not text:
            raise AssertionError("the processor has ended")
        return json.loads(text)

    def close(self):
        self.stream.close()
        self._line.close()


@unittest.skipUnless(sys.platform.startswith("linux"), "the agent is in the manager on Linux only")
class NativeTest(unittest.TestCase):
    OPTIONS = {}
    MODULES = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "agent")
        self.listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listener.close)
        self.listener.bind(self.path)
        self.listener.listen()
        self.listener.settimeout(PATIENCE)
        self.manager = Manager(self.MODULES)
        self.addCleanup(self.manager.close)
        ready = self.manager.hello(["probe_native", *self.MODULES])
        self.assertEqual((ready["type"], ready.get("not_imported")), ("ready", {}), ready)
        self.configure(**self.OPTIONS)
        self.worker = self.start(1)

    def configure(self, **options):
        answer = self.manager.native("ipc://" + self.path, **options)
        self.assertEqual(answer, {"type": "configured", "unknown": []})

    def start(self, number):
        started = self.manager.start(number)
        self.assertEqual((started["type"], started.get("worker")), ("started", number), started)
        return started["pid"]

    def fork(self, worker=1, storage=STORAGE):
        self.manager.channel.send({"type": "fork", "worker": worker, "storage": storage})
        started = self.manager.receive()
        self.assertEqual((started["type"], started.get("worker"), started.get("state")), ("processor", worker, "started"), started)
        line, _ = self.listener.accept()
        processor = Processor(line)
        self.addCleanup(processor.close)
        self.assertEqual(processor.pid, started["pid"])
        return processor

    def tell(self, kind, processor=None, worker=1, **members):
        if processor is not None:
            members["pid"] = processor.pid
        self.manager.channel.send(dict({"type": kind, "worker": worker}, **members))

    def assert_told(self, **members):
        self.assertEqual(self.manager.receive(), members)

    def assert_state(self, processor, name, worker=1, **status):
        self.assert_told(type="processor", worker=worker, pid=processor.pid, state=name, **status)

    def assert_waits(self, processor):
        """Nothing of its main thread runs: it does not answer, until it goes on."""
        processor.order("interrupts")
        processor._line.settimeout(0.1)
        with self.assertRaises(OSError):
            processor.stream.buffer.peek(1)
        processor._line.settimeout(PATIENCE)
        # A file object that has run into a timeout refuses to be read.
        processor.stream = processor._line.makefile("rw")


class SoftTest(NativeTest):
    def test_processor_is_as_one_that_scaler_spawns(self):
        first, second = self.fork(), self.fork()
        said = first.describe()
        self.assertEqual((said["name"], said["is"], said["pid"]), ("Processor", True, first.pid))
        self.assertEqual(said["parent"][1:], [self.worker, True])
        self.assertIn("NAT|", said["parent"][0])  # Scaler's own name of a worker takes the place of multiprocessing's
        self.assertEqual((said["ppid"], said["pgid"]), (self.worker, self.worker))
        self.assertEqual(said["authkey"], ["AuthenticationString", True])
        self.assertIn((said["count"], second.describe()["count"]), ((1, 2), (None, None)))
        self.assertEqual(said["children"], 0)
        self.assertEqual((said["sigint"], said["default"], said["blocked"]), (True, [True, True], []))
        self.assertEqual((said["storage"], said["agent"]), (STORAGE, "ipc://" + self.path))
        self.assertIn("tcp://127.0.0.1:", said["scheduler"])
        self.assertEqual((said["native_id"], said["gc"]), (True, True))
        self.assertEqual(said["argv"], ["scaler_worker_manager", "baremetal_native"])
        import resource

        self.assertEqual(said["limit"], list(resource.getrlimit(resource.RLIMIT_NOFILE)))
        self.assertNotEqual(first.random(), second.random())
        self.assertEqual(first.events(), [False, False])
        # Its end of the pair, and the line to the test.
        self.assertEqual((first.descriptors(), second.descriptors()), (2, 2))

    def test_titles(self):
        processor = self.fork()
        for pid, name in (self.worker, "scaler-worker"), (processor.pid, "scaler-task"):
            with open("/proc/%d/comm" % pid) as stream:
                self.assertEqual(stream.read(), name + "\n")
            with open("/proc/%d/cmdline" % pid) as stream:
                self.assertIn("worker 1", stream.read())

    def test_configured_storage_comes_first(self):
        self.configure(object_storage_address="tcp://127.0.0.1:9999")
        self.start(2)
        self.assertEqual(self.fork(2, "").describe()["storage"], "tcp://127.0.0.1:9999")
        self.assertEqual(self.fork(2).describe()["storage"], "tcp://127.0.0.1:9999")

    def test_ends_are_told_with_their_status_and_reaped(self):
        for code in 0, 3:
            processor = self.fork()
            processor.order("exit", code)
            self.assert_state(processor, "ended", **({"status": code << 8} if code else {}))
            self.assertEqual(state(processor.pid), "")
        processor = self.fork()
        os.kill(processor.pid, signal.SIGKILL)
        self.assert_state(processor, "ended", status=int(signal.SIGKILL))
        self.assertEqual(state(processor.pid), "")

    def test_signal_reaches_own_processors_only(self):
        first = self.fork()
        self.start(2)
        other = self.fork(2)
        self.tell("signal", other, signal=int(signal.SIGKILL))
        self.tell("signal", pid=self.worker, signal=int(signal.SIGKILL))
        self.tell("signal", pid=1 << 30, signal=int(signal.SIGKILL))
        self.tell("signal", first, worker=99, signal=int(signal.SIGKILL))
        self.tell("signal", first, signal=int(signal.SIGKILL))
        self.assert_state(first, "ended", status=int(signal.SIGKILL))
        self.tell("signal", first, signal=int(signal.SIGKILL))
        self.assertEqual(other.interrupts(), 0)

    def test_suspend_and_resume(self):
        processor = self.fork()
        processor.count_interrupts()
        for _ in range(3):
            self.tell("signal", processor, signal=int(signal.SIGUSR1))
            self.tell("signal", processor, signal=int(signal.SIGUSR1))  # it is suspended already
            self.fork().order("exit", 0)  # the orders have been read
            self.assertEqual(self.manager.receive()["state"], "ended")
            await_state(self, processor.pid, "S")
            self.assert_waits(processor)
            os.kill(processor.pid, signal.SIGTERM)  # is handled, and ends no wait
            self.tell("resume", processor)
            self.assert_state(processor, "resumed")
            processor.answer()
        self.assertEqual(processor.interrupts(), 3)
        self.tell("resume", processor)  # is told at once
        self.assert_state(processor, "resumed")

    def test_suspended_again_before_it_has_gone_on(self):
        processor = self.fork()
        os.kill(processor.pid, signal.SIGSTOP)  # it gets no signal until it may
        await_state(self, processor.pid, "T")
        self.tell("signal", processor, signal=int(signal.SIGUSR1))
        self.tell("resume", processor)
        self.tell("signal", processor, signal=int(signal.SIGUSR1))
        self.fork()  # resuming keeps nobody
        os.kill(processor.pid, signal.SIGCONT)
        self.assert_state(processor, "resumed")
        self.assert_waits(processor)
        self.tell("resume", processor)
        self.assert_state(processor, "resumed")
        self.assertEqual(processor.answer(), 0)

    def test_killed_while_suspended(self):
        processor = self.fork()
        self.tell("signal", processor, signal=int(signal.SIGUSR1))
        self.tell("resume", processor)
        self.assert_state(processor, "resumed")
        self.tell("signal", processor, signal=int(signal.SIGUSR1))
        self.tell("signal", processor, signal=int(signal.SIGKILL))
        self.assert_state(processor, "ended", status=int(signal.SIGKILL))
        self.tell("resume", processor)
        self.assertEqual(self.fork().interrupts(), 0)

    def test_quit(self):
        running, suspended = self.fork(), self.fork()
        self.tell("signal", suspended, signal=int(signal.SIGUSR1))
        self.tell("quit", status=3)
        ended = [self.manager.receive() for _ in range(2)]
        self.assertEqual({message["pid"] for message in ended}, {running.pid, suspended.pid})
        self.assertEqual({message["status"] for message in ended}, {int(signal.SIGKILL)})
        self.assert_told(type="exited", pid=self.worker, status=3 << 8)
        self.tell("fork")
        self.assert_told(type="not_forked", worker=1, error="the worker has ended")
        self.manager.reap(self.worker)
        self.configure()
        self.assertEqual(state(self.worker), "")

    def test_nothing_is_forked_after_quit(self):
        self.fork()
        os.kill(self.worker, signal.SIGSTOP)
        await_state(self, self.worker, "T")
        self.tell("quit", status=0)
        self.tell("fork", storage=STORAGE)
        self.configure()  # both have been passed on
        os.kill(self.worker, signal.SIGCONT)
        while True:
            message = self.manager.receive()
            if message["type"] == "exited":
                break
            self.assertIn(message.get("state", message["type"]), ("ended", "not_forked"))
        self.assertEqual(message["status"], 0)

    def test_quit_without_processors(self):
        self.tell("quit", status=0)
        self.assert_told(type="exited", pid=self.worker, status=0)

    def test_worker_is_killed(self):
        self.start(2)
        processor, other = self.fork(), self.fork(2)
        os.kill(self.worker, signal.SIGKILL)
        self.assert_told(type="exited", pid=self.worker, status=int(signal.SIGKILL))
        await_state(self, processor.pid, "", "Z")
        self.assertEqual(other.interrupts(), 0)

    def test_worker_is_killed_by_its_task(self):
        processor = self.fork()
        processor.order("signal_parent", int(signal.SIGKILL))
        self.assert_told(type="exited", pid=self.worker, status=int(signal.SIGKILL))
        await_state(self, processor.pid, "", "Z")

    def test_worker_is_stopped(self):
        self.start(2)
        processor = self.fork()
        os.kill(self.worker, signal.SIGSTOP)
        await_state(self, self.worker, "T")
        for _ in range(2000):
            self.tell("resume", processor)
        self.fork(2)  # the host serves the others
        os.kill(self.worker, signal.SIGCONT)
        for _ in range(2000):
            self.assert_state(processor, "resumed")

    def test_worker_that_leaves_too_much_unread_is_killed(self):
        processor = self.fork()
        os.kill(self.worker, signal.SIGSTOP)
        for _ in range(8):
            self.tell("fork", storage="x" * (1 << 18))
        message = self.manager.receive()
        while message["type"] == "not_forked":  # what came after its end
            message = self.manager.receive()
        self.assertEqual(message, {"type": "exited", "pid": self.worker, "status": int(signal.SIGKILL)})
        await_state(self, processor.pid, "", "Z")

    def test_signals_to_the_worker_are_told(self):
        for number in signal.SIGTERM, signal.SIGINT:
            os.kill(self.worker, number)
            self.assert_told(type="terminate", worker=1, signal=int(number))
        self.fork().signal_parent(int(signal.SIGTERM))
        self.assert_told(type="terminate", worker=1, signal=int(signal.SIGTERM))
        os.kill(self.worker, signal.SIGHUP)
        self.assert_told(type="exited", pid=self.worker, status=int(signal.SIGHUP))

    def test_what_a_task_detaches_stays_in_the_tree_and_is_reaped(self):
        detached = self.fork().detach()
        self.addCleanup(kill, detached)
        with open("/proc/%d/stat" % detached) as stream:
            self.assertEqual(int(stream.read().rsplit(")", 1)[1].split()[1]), self.worker)
        os.kill(detached, signal.SIGKILL)
        await_state(self, detached, "")

    def test_end_of_the_host(self):
        processor = self.fork()
        self.manager.channel.close()
        self.assertEqual(self.manager.process.wait(PATIENCE), 0, self.manager.said())
        self.assertEqual(state(self.worker), "")
        await_state(self, processor.pid, "", "Z")

    def test_failure(self):
        self.manager.channel.send({"type": "failure", "request": 7, "text": "process_status='zombie'"})
        made = self.manager.receive()
        self.assertEqual((made["type"], made["request"]), ("failure_made", 7))
        error = pickle.loads(base64.b64decode(made["error"]))
        self.assertEqual((type(error).__name__, str(error)), ("ProcessorDiedError", "process_status='zombie'"))

    def test_check(self):
        sample = {"name": "cancel", "kind": "taskCancel", "values": {"id": "1", "force": True}}
        answer = self.manager.ask({"type": "check", "samples": [sample], "frames": {}})
        self.assertEqual((answer["type"], answer["error"], list(answer["frames"])), ("checked", "", ["cancel"]))
        answer = self.manager.ask({"type": "check", "samples": [sample], "frames": {"x": ""}})
        self.assertEqual(answer["error"], "x is unknown")
        answer = self.manager.ask({"type": "check", "samples": [{}], "frames": {}})
        self.assertEqual((answer["error"], answer["frames"]), ("KeyError: 'name'", {}))

    def test_back_to_agents_of_scaler(self):
        self.manager.settle()
        started = self.manager.start(2)
        self.assertEqual(started["type"], "started")
        until = time.monotonic() + PATIENCE
        while 2 not in self.manager.parents:  # which only such a worker has
            self.manager.settle()
            self.assertLess(time.monotonic(), until)
        self.assertEqual(self.fork().interrupts(), 0)


class HardTest(NativeTest):
    OPTIONS = {"hard_processor_suspend": True}

    def test_suspend_and_resume(self):
        processor = self.fork()
        self.assertEqual((processor.events(), processor.descriptors()), ([True, True], 1))
        self.tell("signal", processor, signal=int(signal.SIGSTOP))
        await_state(self, processor.pid, "T")
        self.tell("resume", processor)
        self.assert_state(processor, "resumed")
        self.assertEqual(processor.interrupts(), 0)
        self.tell("signal", processor, signal=int(signal.SIGSTOP))
        self.tell("signal", processor, signal=int(signal.SIGKILL))
        self.assert_state(processor, "ended", status=int(signal.SIGKILL))


@unittest.skipUnless(sys.platform.startswith("linux") and zmq, "no ZMQ for an agent that is the test")
class RealTest(unittest.TestCase):
    """Scaler's processor as it is."""

    def test_it_says_that_it_is_initialised(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = "ipc://%s/agent" % folder.name
        context = zmq.Context()
        self.addCleanup(context.term)
        agent = context.socket(zmq.ROUTER)
        self.addCleanup(agent.close, 0)
        agent.bind(path)
        storage = "tcp://127.0.0.1:%d" % free_port()
        program = os.path.join(os.path.dirname(sys.executable), "scaler_object_storage_server")
        server = subprocess.Popen([program, storage], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        manager = Manager()
        self.addCleanup(manager.close)
        ready = manager.hello()
        manager.native(path, {"SCALER_NETWORK_BACKEND": ready["transports"]["zmq"]})
        manager.start(1)
        await_port(self, storage)
        manager.channel.send({"type": "fork", "worker": 1, "storage": storage})
        started = manager.receive()
        self.assertTrue(agent.poll(PATIENCE * 1000), manager.said())
        _, frame = agent.recv_multipart()
        self.assertEqual(release.tag(frame), ready["agent"]["tags"]["processor_initialized"])
        manager.channel.send({"type": "signal", "worker": 1, "pid": started["pid"], "signal": int(signal.SIGTERM)})
        ended = {"type": "processor", "worker": 1, "pid": started["pid"], "state": "ended"}
        self.assertEqual(manager.receive(), ended, manager.said())


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def await_port(test, address):
    until = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", int(address.rsplit(":", 1)[1]))) == 0:
                return
        test.assertLess(time.monotonic(), until, "nobody listens at " + address)
        time.sleep(0.01)


class ScarceTest(NativeTest):
    MODULES = {"scarce": SCARCE}

    def test_fork_that_fails_is_told_and_may_work_later(self):
        self.tell("fork", storage=STORAGE)
        self.assert_told(type="not_forked", worker=1, error="[Errno 11] none left")
        processor = self.fork()
        processor.order("exit", 0)
        self.assert_state(processor, "ended")


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
