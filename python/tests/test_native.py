"""Workers with a native agent; the test is their manager."""

import base64
import os
import pickle
import signal
import time

from .conversation import PATIENCE, await_state, kill, state
from .native import STORAGE, NativeTest

# The first fork of a processor fails.
SCARCE = """
import ctypes
from scaler_native.host import lean

real = lean.fork_whole

def fork_whole(*arguments):
    fork, lean._fork, lean.fork_whole = lean._fork, none, real
    try:
        return real(*arguments)
    finally:
        lean._fork = fork

def none():
    ctypes.set_errno(11)
    return -1

lean.fork_whole = fork_whole
"""


class WorkerTest(NativeTest):
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


class ScarceTest(NativeTest):
    MODULES = {"scarce": SCARCE}

    def test_fork_that_fails_is_told_and_may_work_later(self):
        self.tell("fork", storage=STORAGE)
        self.assert_told(type="not_forked", worker=1, error="[Errno 11] " + os.strerror(11))
        processor = self.fork()
        processor.order("exit", 0)
        self.assert_state(processor, "ended")
