"""Spare processors and spare workers; the test is the manager."""

import importlib
import os
import signal
import unittest

from scaler_native.host import held

from .conversation import PATIENCE, await_state, state
from .native import STORAGE, NativeTest


def read(pid, name):
    with open("/proc/%d/%s" % (pid, name)) as stream:
        return stream.read()


class PlaceTest(unittest.TestCase):
    def test_the_installed_processor_has_the_place_to_wait_in(self):
        self.assertTrue(held._initializes(importlib.import_module("scaler.worker.agent.processor.processor").Processor))

    def test_one_that_has_not(self):
        class Processor:
            def run(self):
                self.__initialize()

            def __initialize(self):
                self._connector_agent = None
                tblib.pickling_support.install()  # noqa: F821

        self.assertFalse(held._initializes(Processor))
        self.assertFalse(held._initializes(object))


class SpareTest(NativeTest):
    def make(self, worker=1):
        """Make a worker keep a spare processor. Returns its pid."""
        self.tell("make_spare", worker=worker)
        said = self.manager.receive()
        self.assertEqual(
            said, {"type": "spare", "worker": worker, "pid": said.get("pid"), "parent": self.worker, "state": "ready"}
        )
        return said["pid"]

    def make_worker(self, settings=None):
        """Make the host fork a spare worker. Returns the pids of the worker and of its spare processor."""
        self.manager.channel.send({"type": "make_spare", "settings": settings or {}})
        made, said = self.manager.receive(), self.manager.receive()
        self.assertEqual(made, {"type": "spare", "worker": 0, "parent": said["parent"], "state": "made"})
        self.assertEqual((said["type"], said["worker"], said["state"]), ("spare", 0, "ready"), said)
        return said["parent"], said["pid"]

    def assert_no_connection(self):
        self.listener.settimeout(0)
        self.assertRaises(BlockingIOError, self.listener.accept)
        self.listener.settimeout(PATIENCE)

    def assert_gone(self, worker=1):
        said = self.manager.receive()
        self.assertEqual((said["type"], said["worker"], said["state"]), ("spare", worker, "gone"))

    def test_fork_takes_it(self):
        spare = self.make()
        self.assert_no_connection()
        self.assertEqual(read(spare, "comm"), "scaler-spare\n")
        processor = self.fork()
        self.assertEqual(processor.pid, spare)
        self.assertEqual(read(spare, "comm"), "scaler-task\n")
        self.assertIn("processor of worker 1", read(spare, "cmdline"))
        other = self.fork()
        ours, usual = processor.describe(), other.describe()
        self.assertEqual((ours["ppid"], ours["pgid"]), (self.worker, self.worker))
        self.assertEqual(ours["storage"], STORAGE)
        for said in ours, usual:
            for name in "pid", "count":
                said.pop(name)
        self.assertEqual(ours, usual)
        self.assertNotEqual(processor.random(), other.random())
        self.assertEqual((processor.events(), processor.descriptors()), (other.events(), other.descriptors()))

    def test_there_is_one_at_a_time(self):
        spare = self.make()
        self.assertEqual(self.make(), spare)
        self.assertEqual(self.fork().pid, spare)
        self.assertNotEqual(self.make(), spare)

    def test_suspended_and_resumed_as_any(self):
        self.make()
        processor = self.fork()
        self.tell("signal", processor, signal=int(signal.SIGUSR1))
        if not self.OPTIONS:
            self.fork()  # the order has been read
            self.assert_waits(processor)
            self.tell("resume", processor)
            self.assert_state(processor, "resumed")
            processor.answer()

    def test_one_that_dies_is_told_and_missed_by_nobody(self):
        spare = self.make()
        os.kill(spare, signal.SIGKILL)
        self.assert_gone()
        self.assertEqual(state(spare), "")
        self.assertNotEqual(self.fork().pid, spare)

    def test_one_that_is_stopped_is_not_taken(self):
        spare = self.make()
        os.kill(spare, signal.SIGSTOP)
        await_state(self, spare, "T")
        self.tell("fork", storage=STORAGE)
        self.assert_gone()
        started = self.manager.receive()
        self.assertNotEqual(started["pid"], spare)
        await_state(self, spare, "")

    def test_drop(self):
        spare = self.make()
        self.tell("drop_spare")
        await_state(self, spare, "")
        self.tell("drop_spare")
        self.assertNotEqual(self.fork().pid, spare)

    def test_it_ends_with_its_worker(self):
        for end in lambda: self.tell("quit", status=0), lambda: os.kill(self.worker, signal.SIGKILL):
            spare = self.make()
            end()
            message = self.manager.receive()
            while message["type"] != "exited":
                self.assertEqual((message["type"], message["state"]), ("spare", "gone"))
                message = self.manager.receive()
            await_state(self, spare, "")
            self.manager.reap(self.worker)
            self.worker = self.start(1)

    def test_no_worker_to_make_one_for(self):
        self.tell("make_spare", worker=9)
        self.assert_told(type="spare", worker=9, state="gone")

    def test_a_worker_takes_it(self):
        settings = {"nice": 1, "environment": {"SCALER_NATIVE_TEST": "spare"}}
        parent, spare = self.make_worker(settings)
        self.assertEqual((read(parent, "comm"), "spare worker" in read(parent, "cmdline")), ("scaler-worker\n", True))
        started = self.manager.ask({"type": "start", "worker": 7, "settings": settings})
        self.assertEqual((started["type"], started["worker"], started["pid"]), ("started", 7, parent))
        processor = self.fork(7)
        self.assertEqual(processor.pid, spare)
        self.assertIn("processor of worker 7", read(spare, "cmdline"))
        self.assertIn("worker 7", read(parent, "cmdline"))
        said = processor.describe()
        self.assertEqual((said["ppid"], said["pgid"], said["environment"]), (parent, parent, "spare"))
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, spare), os.getpriority(os.PRIO_PROCESS, 0) + 1)
        self.tell("quit", worker=7, status=3)
        self.assertEqual(self.manager.receive()["state"], "ended")
        self.assert_told(type="exited", pid=parent, status=3 << 8)
        self.manager.reap(parent)

    def test_a_worker_of_other_settings_does_not(self):
        parent, _ = self.make_worker({"nice": 1})
        self.assertNotEqual(self.start(2), parent)

    def test_spare_worker_that_dies_or_is_stopped(self):
        parent, spare = self.make_worker()
        os.kill(parent, signal.SIGKILL)
        self.assert_gone(0)
        await_state(self, spare, "")
        self.assertEqual(state(parent), "")
        parent, spare = self.make_worker()
        os.kill(parent, signal.SIGSTOP)
        await_state(self, parent, "T")
        self.assertNotEqual(self.start(2), parent)
        self.assert_gone(0)
        await_state(self, spare, "")
        parent, spare = self.make_worker()
        os.kill(spare, signal.SIGKILL)
        self.assert_gone(0)
        self.assertEqual(self.start(3), parent)
        self.assertNotEqual(self.fork(3).pid, spare)

    def test_drop_of_spare_workers_and_another_configuration(self):
        for drop in lambda: self.manager.channel.send({"type": "drop_spare"}), self.configure:
            parent, spare = self.make_worker()
            drop()
            self.assert_gone(0)
            for pid in parent, spare:
                await_state(self, pid, "")

    def test_all_end_with_the_host(self):
        pids = [self.make(), *self.make_worker()]
        self.manager.process.kill()
        for pid in pids:
            await_state(self, pid, "", "Z")

    def test_all_end_with_the_manager(self):
        pids = [self.make(), *self.make_worker()]
        self.manager.channel.close()
        for pid in pids:
            await_state(self, pid, "")


class HardTest(SpareTest):
    OPTIONS = {"hard_processor_suspend": True}
