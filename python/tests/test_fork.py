"""Forks: what a child gets, and what of its parent it must not keep."""

import os
import select
import signal
import socket
import sys
import unittest
from unittest import mock

from scaler_native.host import fork

LINUX = sys.platform.startswith("linux")
HANDLED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)


def nothing():
    pass


def nothing_to_do(number, frame):
    pass


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


class ForkTest(unittest.TestCase):
    def setUp(self):
        self.children = []
        self.addCleanup(self.end_children)

    def end_children(self):
        for pid in self.children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def fork(self, run, group=0, descriptors=(), keep=()):
        (pid,) = fork.fork([fork.Job(run, group, keep)], descriptors)
        self.children.append(pid)
        return pid

    def status(self, pid):
        self.children.remove(pid)
        return os.waitpid(pid, 0)[1]

    def test_child_ends_where_its_job_does(self):
        """Even if a task has replaced sys.stdout, a child must not return into the code of its parent."""
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        parent = os.getpid()

        class Tee:
            def flush(self):
                raise KeyboardInterrupt

        def run():
            sys.stdout = Tee()
            return 3

        try:
            status = self.status(self.fork(run))
        finally:
            if os.getpid() != parent:
                os.write(write, b"went on")
                os._exit(1)
        os.close(write)
        self.assertEqual((os.WEXITSTATUS(status), os.read(read, 10)), (3, b""))

    def ask(self, question, **keywords):
        """The result of `question` in a child."""
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
            self.assertEqual(self.status(self.fork(lambda code=code: code)), code << 8)

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
        def leave():
            os.dup2(silent.fileno(), 2)
            sys.exit(3)

        with open(os.devnull, "wb") as silent:
            self.assertEqual(self.status(self.fork(leave)), 1 << 8)

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
        none_left = BlockingIOError()
        with mock.patch("os.fork", side_effect=none_left):
            self.assertEqual(fork.fork([fork.Job(nothing, 0, ())] * 3, ()), [none_left] * 3)
        self.assertEqual(signal.pthread_sigmask(signal.SIG_BLOCK, ()), before)

    def test_those_before_the_one_that_cannot_be_forked_live(self):
        real, none_left = os.fork, BlockingIOError()
        forks = iter([real, real])

        def some_left():
            try:
                return next(forks)()
            except StopIteration:
                raise none_left from None

        with mock.patch("os.fork", some_left):
            *pids, error = fork.fork([fork.Job(lambda: 7, 0, ())] * 3, ())
        self.children += pids
        self.assertIs(error, none_left)
        self.assertEqual([self.status(pid) for pid in pids], [7 << 8] * 2)

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

    def test_child_closes_what_it_does_not_keep(self):
        descriptors = [number for _ in range(3) for number in os.pipe()]
        kept = descriptors[2:4]

        def still_open():
            return [number for number in descriptors if is_open(number)]

        try:
            self.assertEqual(self.ask(still_open, descriptors=descriptors, keep=kept), repr(kept))
            self.assertEqual(self.ask(still_open, descriptors=descriptors), "[]")
            self.assertEqual(self.ask(still_open), repr(descriptors))
            self.assertEqual(still_open(), descriptors)
        finally:
            fork.close(descriptors)
        self.assertEqual(still_open(), [])

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
                fork.fork([fork.Job(signal.pause, 0, ())], ())
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
