"""Processors that a worker has the host fork: who owns their numbers, and what becomes of them when somebody ends."""

import json
import os
import signal
import socket
import sys
import tempfile
import time
import unittest

from scaler_native.host import protocol

from .conversation import PATIENCE, Manager, await_state, state
from .probe import VARIABLE

LINUX = sys.platform.startswith("linux")


class Orders:
    """What a worker of module probe is told, and its answers."""

    def __init__(self, line, started):
        self.pid = started["pid"]
        self.number = started["worker"]
        self._stream = line.makefile("rw")
        self._line = line

    def __getattr__(self, name):
        def tell(*arguments):
            self.order(name, *arguments)
            return json.loads(self._stream.readline())

        return tell

    def order(self, name, *arguments):
        self._stream.write(json.dumps([name, arguments]) + "\n")
        self._stream.flush()

    def close(self):
        self._stream.close()
        self._line.close()


class ProcessorTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "orders")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.addCleanup(self.listener.close)
        self.listener.listen()
        self.listener.settimeout(PATIENCE)
        self.host = Manager(environment={VARIABLE: path})
        self.addCleanup(self.host.close)
        ready = self.host.hello(["probe"])
        self.assertEqual((ready["type"], ready.get("not_imported")), ("ready", {}), ready)
        self.host.settle()
        self.worker = self.start_worker(1)

    def start_worker(self, number):
        started = self.host.start(number)
        self.assertEqual(started["type"], "started", started)
        line, _ = self.listener.accept()
        line.settimeout(PATIENCE)
        orders = Orders(line, started)
        self.addCleanup(orders.close)
        return orders

    def assert_gone(self, pid):
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def exited(self, pid):
        message = self.host.receive()
        self.assertEqual((message["type"], message["pid"]), ("exited", pid))
        return message["status"]

    def test_exit_code(self):
        for code in (0, 3):
            self.assertEqual(self.worker.wait(self.worker.start("end", code)), code)

    def test_processor_is_of_the_workers_group(self):
        pid = self.worker.start("last")
        self.assertEqual(os.getpgid(pid), self.worker.pid)
        self.assertIsNone(self.worker.wait(pid, 0))

    def test_killed(self):
        pid = self.worker.start("last")
        self.worker.kill(pid)
        self.assertEqual(self.worker.wait(pid), -signal.SIGKILL)
        self.await_gone(pid)

    def test_several_ends_are_told_apart(self):
        pids = [self.worker.start("end", code) for code in range(8)]
        self.assertEqual([self.worker.wait(pid) for pid in reversed(pids)], list(reversed(range(8))))

    if LINUX:

        def test_zombie_until_its_status_is_read(self):
            pid = self.worker.start("last")
            os.kill(pid, signal.SIGKILL)
            await_state(self, pid, "Z")
            self.host.settle()
            self.assertEqual(state(pid), "Z")
            self.assertEqual(self.worker.wait(pid), -signal.SIGKILL)
            await_state(self, pid, "")

    def test_registration_is_handed_on(self):
        second = self.start_worker(2)
        second.registered()
        self.assertEqual(self.host.receive(), {"type": "registered", "worker": 2})
        self.worker.registered()
        self.assertEqual(self.host.receive(), {"type": "registered", "worker": 1})

    def test_end_of_a_worker_ends_its_processors(self):
        pids = [self.worker.start("last") for _ in range(2)]
        other = self.start_worker(2)
        kept = other.start("last")
        self.worker.order("exit", 7)
        self.assertEqual(self.exited(self.worker.pid), 7 << 8)
        # The second answer says that the ends which the first question found have been dealt with.
        self.host.reap(self.worker.pid)
        self.host.settle()
        for pid in pids:
            self.await_gone(pid)
        os.kill(kept, 0)
        self.assertIsNone(other.wait(kept, 0))

    def await_gone(self, pid):
        for _ in range(1000):
            self.host.settle()
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
        self.fail("process %d lives on" % pid)

    def test_worker_that_hangs_up_loses_its_processors(self):
        pid = self.worker.start("last")
        self.worker.hang_up()
        self.await_gone(pid)
        os.kill(self.worker.pid, 0)  # which is the manager's to end
        os.kill(self.worker.pid, signal.SIGKILL)
        self.assertEqual(self.exited(self.worker.pid), signal.SIGKILL)

    def test_end_of_the_manager_ends_processors(self):
        pid = self.worker.start("last")
        self.host.channel.close()
        self.assertEqual(self.host.process.wait(PATIENCE), 0, self.host.said())
        self.assert_gone(self.worker.pid)
        self.assertNotIn(state(pid) if LINUX else "", ("R", "S", "D", "T"))

    def test_nobody_reaps_what_is_anothers(self):
        pid = self.worker.start("end", 0)
        second = self.start_worker(2)
        if LINUX:
            await_state(self, pid, "Z")
        second.send({"type": "reap", "pid": pid})
        self.assertEqual(second.wait(second.start("end", 1)), 1)  # an answer to what came later
        self.host.reap(pid)
        self.host.settle()
        os.kill(pid, 0)  # its number is still its own
        self.assertEqual(self.worker.wait(pid), 0)

    def test_worker_that_talks_nonsense_is_dropped_alone(self):
        second = self.start_worker(2)
        pid, kept = self.worker.start("last"), second.start("last")
        for number, nonsense in enumerate(({"type": "fork"}, {"type": "fork", "process": 1}, {"type": "reap"}, {"type": "socket"}), 3):
            worker = self.start_worker(number)
            lost = worker.start("last")
            worker.send(nonsense)
            self.await_gone(lost)
        self.worker.send({"type": "no such"})
        self.await_gone(pid)
        self.assertIsNone(second.wait(kept, 0))

    def test_broken_processor_fails_alone(self):
        self.worker.send({"type": "fork", "process": "AAAA"})
        pid = self.worker.start("end", 5)
        self.host.settle()
        self.assertTrue(pid)

    def test_socket_of_a_killed_worker_is_removed(self):
        path = os.path.join(self.host.folder.name, "processors")
        for name in (path, path + "-other"):
            open(name, "w").close()
        self.worker.socket(path)
        self.worker.socket(path + "-never made")
        os.kill(self.worker.pid, signal.SIGKILL)
        self.exited(self.worker.pid)
        # The manager knows them too, for when the host dies first.
        self.assertIn((self.worker.pid, path), self.host.sockets)
        self.host.reap(self.worker.pid)
        self.host.settle()
        self.assertFalse(os.path.exists(path))
        self.assertTrue(os.path.exists(path + "-other"))

    if LINUX:  # it is looked up in /proc

        def test_environment_of_the_configuration(self):
            with open("/proc/%d/environ" % self.host.process.pid, "rb") as stream:
                self.assertNotIn(b"SCALER_NATIVE_TEST", stream.read())
            self.assertEqual(self.worker.environment("SCALER_NATIVE_TEST"), "yes")
            self.assertEqual(self.worker.arguments(), ["scaler_worker_manager", "baremetal_native"])

        def test_worker_holds_no_descriptor_of_another(self):
            second = self.start_worker(2)
            own = self.worker.sockets()
            self.assertEqual(second.sockets(), own)
            # A processor has neither the channel to the host nor the one to this test.
            pid = second.start("last")
            until = time.monotonic() + PATIENCE
            while second.sockets(pid) != own - 2:  # it lets go of them as the first thing that it does
                self.assertLess(time.monotonic(), until, "%d sockets" % second.sockets(pid))


class LinkTest(unittest.TestCase):
    """A worker whose host is gone."""

    def setUp(self):
        from scaler_native.host.worker import Link, LinkLost

        ours, self.peer = socket.socketpair()
        self.link, self.lost = Link(protocol.Channel(ours)), LinkLost
        self.addCleanup(ours.close)
        self.addCleanup(self.peer.close)

    def test_fork_says_so(self):
        self.peer.close()
        for _ in range(2):
            with self.assertRaises(self.lost):
                self.link.fork(b"")
        self.link.report({"type": "registered"})

    def test_status_of_what_died_with_it(self):
        self.peer.close()
        self.assertEqual(self.link.status(4711, None), signal.SIGKILL)

    def test_refusal(self):
        self.peer.sendall(protocol.encode({"type": "refused", "error": "none left"}))
        with self.assertRaisesRegex(self.lost, "none left"):
            self.link.fork(b"")

    def test_ends_that_are_told_between_question_and_answer_are_kept(self):
        self.peer.sendall(protocol.encode({"type": "exited", "pid": 1, "status": 256}))
        self.peer.sendall(protocol.encode({"type": "forked", "pid": 2}))
        self.assertEqual(self.link.fork(b""), 2)
        self.assertEqual(self.link.status(1, 0), 256)
        self.assertIsNone(self.link.status(2, 0))
