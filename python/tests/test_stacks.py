"""Processors of a worker with a native agent write the stacks of their threads while they are busy."""

import os
import re
import time

from .conversation import PATIENCE
from .native import NativeTest

NAME = re.compile(r"/memfd:scaler-stacks-(\d+)-(\d+) \(deleted\)$")


def stacks_file(pid):
    """Where a processor writes to, and the number of the signal. Its name tells its number too."""
    for name in os.listdir("/proc/%d/fd" % pid):
        path = "/proc/%d/fd/%s" % (pid, name)
        match = NAME.match(os.readlink(path))
        if match and match.group(2) == name:
            return path, int(match.group(1))
    raise AssertionError("process %d has no such file" % pid)


class StacksTest(NativeTest):
    def ask(self, processor, *functions):
        """Ask until all of these functions are on some stack, and return the text."""
        path, number = stacks_file(processor.pid)
        until = time.monotonic() + PATIENCE
        text = ""
        while not all(" in " + function + "\n" in text for function in functions):
            self.assertLess(time.monotonic(), until, text)
            os.truncate(path, 0)
            os.kill(processor.pid, number)
            time.sleep(0.01)
            with open(path) as file:
                text = file.read()
        return text

    def test_sleeping(self):
        processor = self.fork()
        processor.order("sleep", 0.5)
        self.assertIn("most recent call first", self.ask(processor, "sleep"))
        self.assertGreaterEqual(processor.answer(), 0.5)  # not a moment less

    def test_busy(self):
        processor = self.fork()
        processor.order("spin", 0.5)
        self.ask(processor, "spin")
        self.assertIs(processor.answer(), True)

    def test_all_threads(self):
        processor = self.fork()
        processor.read_pipe()
        self.ask(processor, "in_thread", "run")

    def test_each_has_a_file_of_its_own(self):
        first, second = self.fork(), self.fork()
        paths = [stacks_file(processor.pid)[0] for processor in (first, second)]
        self.assertNotEqual(*(os.stat(path).st_ino for path in paths))
        self.ask(first, "run")
        self.assertEqual(os.stat(paths[1]).st_size, 0)
        with open(paths[0].replace("/fd/", "/fdinfo/")) as file:
            flags = int(re.search(r"flags:\s*(\d+)", file.read()).group(1), 8)
        self.assertTrue(flags & os.O_CLOEXEC)

    def test_a_task_finds_no_handler(self):
        processor = self.fork()
        _, number = stacks_file(processor.pid)
        self.assertIs(processor.is_default(number), True)

    def test_spare_processor(self):
        self.tell("make_spare")
        spare = self.manager.receive()
        self.assertEqual(spare["state"], "ready", spare)
        processor = self.fork()
        self.assertEqual(processor.pid, spare["pid"])
        self.ask(processor, "run")
