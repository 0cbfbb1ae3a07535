"""Processors that a worker has forked: their pids, and what happens to them when another process ends."""

import os
import signal
import sys
import time

from scaler_native.host import gate

from .conversation import PATIENCE, await_state, kill, state
from .workers import WorkerTest

LINUX = sys.platform.startswith("linux")


class ProcessorTest(WorkerTest):
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
        if LINUX:
            await_state(self, pid, "")

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
        self.register(self.start_worker(2))
        self.register(self.worker)

    def test_processors_wait_for_workers_that_are_starting(self):
        second = self.start_worker(2)
        begun = time.monotonic()
        self.worker.order("start", "end", 0)
        self.worker.answer()
        self.assertGreaterEqual(time.monotonic() - begun, gate.LONGEST_SECONDS)
        self.worker.order("start", "end", 0)
        self.register(second)
        self.worker.answer()
        self.assertLess(time.monotonic() - begun, 2 * gate.LONGEST_SECONDS)

    def test_end_of_a_worker_ends_its_processors(self):
        pids = [self.worker.start("last") for _ in range(2)]
        other = self.start_worker(2)
        self.register(other)
        kept = other.start("last")
        self.worker.order("exit", 7)
        self.assertEqual(self.exited(self.worker.pid), 7 << 8)
        # After the second answer, the ends that the host noticed before the first one have been handled.
        self.host.reap(self.worker.pid)
        self.host.settle()
        if LINUX:
            for pid in pids:
                await_state(self, pid, "", "Z")
        os.kill(kept, 0)
        self.assertIsNone(other.wait(kept, 0))

    def test_end_of_the_manager_ends_processors(self):
        pid = self.worker.start("last")
        self.host.channel.close()
        self.assertEqual(self.host.process.wait(PATIENCE), 0, self.host.said())
        self.assert_gone(self.worker.pid)
        self.assertNotIn(state(pid) if LINUX else "", ("R", "S", "D", "T"))

    def test_worker_that_talks_nonsense_is_dropped_alone(self):
        for number, nonsense in enumerate(
            ({"type": "no such"}, {"type": "processor"}, {"type": "parent", "pid": "x"}, {"type": "socket"}), 3
        ):
            worker = self.start_worker(number)
            worker.send(nonsense)
            self.host.settle()
            worker.registered()
        self.register(self.worker)

    def parent(self, worker):
        """The pid of the parent of a worker's processors."""
        self.host.settle()
        return self.host.parents[worker.number]

    def test_parent_of_processors(self):
        path = os.path.join(self.host.folder.name, "family")
        self.assertEqual(self.worker.wait(self.worker.start("family", path)), 0)
        with open(path) as stream:
            told, real, group = [int(number) for number in stream.read().split()]
        self.assertEqual(told, real)
        self.assertEqual(real, self.parent(self.worker))
        self.assertEqual(group, self.worker.pid)
        self.assertEqual(os.getpgid(real), self.worker.pid)

    def test_processor_that_kills_its_parent_ends_its_worker_alone(self):
        second = self.start_worker(2)
        self.register(second)
        kept = second.start("last")
        pid = self.worker.start("last")
        self.worker.order("start", "kill_parent", signal.SIGKILL)
        self.assertEqual(self.exited(self.worker.pid), signal.SIGKILL)
        self.host.reap(self.worker.pid)
        self.host.settle()
        if LINUX:
            await_state(self, pid, "", "Z")
        self.assertIsNone(second.wait(kept, 0))

    def test_signals_to_the_parent_reach_the_worker(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            worker = self.start_worker(int(number))
            self.register(worker)
            worker.default(number)
            worker.order("start", "kill_parent", number)
            self.assertEqual(self.exited(worker.pid), number)

    def test_end_of_a_worker_ends_the_parent_of_its_processors(self):
        parent = self.parent(self.worker)
        self.worker.order("exit", 0)
        self.assertEqual(self.exited(self.worker.pid), 0)
        if LINUX:
            await_state(self, parent, "", "Z")

    def test_broken_processor_fails_alone(self):
        self.assertEqual(self.worker.wait(self.worker.start_pickled("nonsense")), 1)
        self.assertEqual(self.worker.wait(self.worker.start("end", 5)), 5)

    if LINUX:

        def test_what_a_task_detaches_stays_in_the_tree_until_it_ends(self):
            path = os.path.join(self.host.folder.name, "detached")
            pid = self.worker.start("detach", path)
            self.assertEqual(self.worker.wait(pid), 0)
            while not os.path.exists(path + ".done"):
                time.sleep(0.005)
            with open(path + ".done") as stream:
                detached = int(stream.read())
            self.addCleanup(kill, detached)
            until = time.monotonic() + PATIENCE
            while parent_of(detached) != self.parent(self.worker):  # until the process between them has ended
                self.assertLess(time.monotonic(), until)
                time.sleep(0.005)
            # One that has ended and waits to be reaped is no hindrance for good.
            zombie = self.worker.start("end", 0)
            await_state(self, zombie, "Z")
            os.kill(detached, signal.SIGKILL)
            self.assertEqual(self.worker.wait(zombie), 0)
            await_state(self, detached, "")

    def test_socket_of_a_killed_worker_is_removed(self):
        path = os.path.join(self.host.folder.name, "processors")
        for name in (path, path + "-other"):
            open(name, "w").close()
        self.worker.socket(path)
        self.worker.socket(path + "-never made")
        os.kill(self.worker.pid, signal.SIGKILL)
        self.exited(self.worker.pid)
        # The manager knows the sockets as well, in case the host dies first.
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
            # A processor has neither the worker's nor those of its parent.
            pid = second.start("last")
            until = time.monotonic() + PATIENCE
            while second.sockets(pid):  # it first closes them
                self.assertLess(time.monotonic(), until, "%d sockets" % second.sockets(pid))


def parent_of(pid):
    with open("/proc/%d/stat" % pid) as stream:
        return int(stream.read().rsplit(")", 1)[1].split()[1])
