"""Suspending and resuming the processors of workers with a native agent."""

import os
import signal

from .conversation import await_state
from .native import NativeTest


class SoftTest(NativeTest):
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
