"""A worker's side of the parent of its processors, when that cannot fork or has ended."""

import signal
import socket
import unittest

from scaler_native.host import line, popen

from .workers import WorkerTest

SCARCE = """
import os, sys

real = os.fork

def fork():
    if sys._getframe(2).f_code.co_name == "_fork":  # of a processor
        raise BlockingIOError(11, "none left")
    return real()

os.fork = fork
"""


class ScarceTest(WorkerTest):
    MODULES = {"scarce": SCARCE}

    def test_processor_is_spawned_when_it_cannot_be_forked(self):
        self.assertEqual(self.worker.wait(self.worker.start("_exit", 5)), 5)
        self.assertIn("none left", self.host.said())


class ParentTest(unittest.TestCase):
    def setUp(self):
        ours, self.peer = socket.socketpair()
        self.parent = popen.Parent(0, ours)
        self.addCleanup(ours.close)
        self.addCleanup(self.peer.close)

    def test_fork_says_so(self):
        self.peer.close()
        for _ in range(2):
            with self.assertRaises(popen.ParentLost):
                self.parent.fork(b"")
        self.parent.reap(1)

    def test_status_of_what_died_with_it(self):
        self.peer.close()
        self.assertEqual(self.parent.status(4711, None), signal.SIGKILL)

    def test_refusal(self):
        line.send(self.peer, line.REFUSED, body=b"none left")
        with self.assertRaisesRegex(popen.ParentLost, "none left"):
            self.parent.fork(b"")

    def test_ends_that_are_told_between_question_and_answer_are_kept(self):
        line.send(self.peer, line.EXITED, 1, 256)
        line.send(self.peer, line.FORKED, 2)
        self.assertEqual(self.parent.fork(b"x" * 100), 2)
        self.assertEqual(line.receive(self.peer), (line.FORK, 0, 0, b"x" * 100))
        self.assertEqual(self.parent.status(1, 0), 256)
        self.assertIsNone(self.parent.status(2, 0))
