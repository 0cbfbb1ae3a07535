"""Real forks: what a child is, and that nothing of its parent's is left in it."""

import os
import select
import signal
import socket
import sys
import threading
import unittest
from unittest import mock

from scaler_native.host import fork

LINUX = sys.platform.startswith("linux")
HANDLED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)


def nothing():
    pass


def nothing_to_do(number, frame):
    pass


class ForkTest(unittest.TestCase):
    def setUp(self):
        self.children = []
        self.addCleanup(self.end_children)

    def end_children(self):
        for pid in self.children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def fork(self, run, group=0, release=nothing):
        pid = fork.fork(run, group, release)
        self.children.append(pid)
        return pid

    def status(self, pid):
        self.children.remove(pid)
        return os.waitpid(pid, 0)[1]

    def ask(self, question, **keywords):
        """What `question` returns in a child."""
        read, write = os.pipe()

        def run():
            os.write(write, repr(question()).encode())
            return 0

        pid = self.fork(run, **keywords)
        os.close(write)
        with os.fdopen(read) as stream:
            answer = stream.read()
        self.assertEqual(self.status(pid), 0, "the child failed")
        return answer

    def test_exit_code(self):
        for code in (0, 1, 70, 255):
            self.assertEqual(self.status(self.fork(lambda: code)), code << 8)

    def test_exit_code_after_an_exception(self):
        read, write = os.pipe()

        def run():
            os.dup2(write, 2)
            raise RuntimeError("as planned")

        pid = self.fork(run)
        os.close(write)
        with os.fdopen(read) as stream:
            self.assertIn("as planned", stream.read())
        self.assertEqual(self.status(pid), 1 << 8)

    def test_system_exit_does_not_reach_the_parents_code(self):
        with open(os.devnull, "wb") as silent:
            pid = self.fork(lambda: sys.exit(3), release=lambda: os.dup2(silent.fileno(), 2))
            self.assertEqual(self.status(pid), 1 << 8)

    def test_own_process_group(self):
        pid = self.fork(signal.pause)
        self.assertEqual(os.getpgid(pid), pid)
        member = self.fork(signal.pause, group=pid)
        self.assertEqual(os.getpgid(member), pid)
        os.killpg(pid, signal.SIGKILL)
        self.assertEqual([self.status(pid), self.status(member)], [signal.SIGKILL] * 2)

    def test_group_of_a_leader_that_is_a_zombie(self):
        leader = self.fork(lambda: 0)
        os.waitid(os.P_PID, leader, os.WEXITED | os.WNOWAIT)
        member = self.fork(signal.pause, group=leader)
        self.assertEqual(os.getpgid(member), leader)

    def test_signals_are_as_in_a_fresh_process(self):
        former = [signal.signal(number, nothing_to_do) for number in HANDLED]
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        before = signal.set_wakeup_fd(theirs.fileno())
        try:
            answer = self.ask(
                lambda: (
                    [signal.getsignal(number) == signal.SIG_DFL for number in HANDLED],
                    signal.set_wakeup_fd(-1),
                    signal.pthread_sigmask(signal.SIG_BLOCK, ()),
                )
            )
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in zip(HANDLED, former):
                signal.signal(number, handler)
            ours.close()
            theirs.close()
        self.assertEqual(answer, repr(([True, True, True], -1, set())))

    def test_mask_of_the_parent_is_kept(self):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self.status(self.fork(lambda: 0))
        self.assertEqual(signal.pthread_sigmask(signal.SIG_BLOCK, ()), before)

    def test_mask_of_the_parent_is_kept_when_there_is_no_process_left(self):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        with mock.patch("os.fork", side_effect=BlockingIOError), self.assertRaises(OSError):
            fork.fork(lambda: 0, 0, nothing)
        self.assertEqual(signal.pthread_sigmask(signal.SIG_BLOCK, ()), before)

    def test_signal_right_after_the_fork_is_not_lost(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            former = signal.signal(number, signal.SIG_IGN)  # as the host has it
            try:
                for _ in range(20):
                    pid = self.fork(signal.pause)
                    os.kill(pid, number)
                    self.assertEqual(self.status(pid), number)
            finally:
                signal.signal(number, former)

    def test_release_is_called_in_the_child_before_it_runs(self):
        ours, theirs = socket.socketpair()
        closed = []

        def release():
            ours.close()
            closed.append(True)

        descriptor = ours.fileno()

        def is_open():
            try:
                os.fstat(descriptor)
            except OSError:
                return False
            return True

        self.assertEqual(self.ask(is_open, release=release), "False")
        self.assertEqual(closed, [])
        self.assertTrue(is_open())
        ours.close()
        theirs.close()

    def test_output_is_not_written_twice(self):
        read, write = os.pipe()
        with os.fdopen(write, "w") as stream, mock.patch("sys.stdout", stream):
            stream.write("once")
            self.status(self.fork(lambda: 0))
        with os.fdopen(read) as stream:
            self.assertEqual(stream.read(), "once")

    if LINUX:  # the kernel has a parent-death signal

        def test_child_dies_with_its_parent(self):
            read, write = os.pipe()

            def parent():
                os.close(read)
                fork.fork(signal.pause, 0, nothing)
                os.write(write, b"forked")
                return signal.pause()

            pid = self.fork(parent)
            os.close(write)
            self.assertEqual(os.read(read, 16), b"forked")
            os.kill(pid, signal.SIGKILL)
            self.status(pid)
            # The grandchild holds the other end of the pipe until it has died.
            self.assertEqual(select.select([read], [], [], 10)[0], [read])
            self.assertEqual(os.read(read, 16), b"")
            os.close(read)


class ThreadsTest(unittest.TestCase):
    def test_none(self):
        self.assertEqual(fork.has_threads(), "")

    def test_python_thread_is_named(self):
        end = threading.Event()
        thread = threading.Thread(target=end.wait, name="busy-body")
        thread.start()
        try:
            self.assertIn("busy-body", fork.has_threads())
        finally:
            end.set()
            thread.join()

    if LINUX:  # threads are counted in /proc

        def test_thread_that_python_does_not_know(self):
            import _thread

            lock = _thread.allocate_lock()
            lock.acquire()
            ended = _thread.allocate_lock()
            ended.acquire()

            def wait():
                lock.acquire()
                ended.release()

            _thread.start_new_thread(wait, ())
            try:
                self.assertIn("not Python's", fork.has_threads())
            finally:
                lock.release()
                ended.acquire()
