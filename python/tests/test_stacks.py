"""Processors of a worker with a native agent write the stacks of their threads while they are busy."""

import os
import re
import tempfile
import time

from .conversation import PATIENCE
from .native import NativeTest

NAME = re.compile(r"/memfd:scaler-stacks-(\d+)-(\d+)-(\d+) \(deleted\)$")


def stacks_file(pid):
    """Where a processor writes to, and the numbers of the signals. Its name tells its number too."""
    for name in os.listdir("/proc/%d/fd" % pid):
        path = "/proc/%d/fd/%s" % (pid, name)
        match = NAME.match(os.readlink(path))
        if match and match.group(3) == name:
            return path, int(match.group(1)), int(match.group(2))
    raise AssertionError("process %d has no such file" % pid)


class StacksTest(NativeTest):
    def ask(self, processor, ends_with="\0"):
        """Signal once, and return what is written when it ends so."""
        path, number, _ = stacks_file(processor.pid)
        os.truncate(path, 0)
        os.kill(processor.pid, number)
        return self.await_text(path, ends_with)

    def await_text(self, path, ends_with):
        until = time.monotonic() + PATIENCE
        while True:
            with open(path) as file:
                text = file.read()
            if text.endswith(ends_with):
                return text
            self.assertLess(time.monotonic(), until, text)
            time.sleep(0.0005)

    def await_functions(self, processor, *functions):
        """Ask until all of these functions are on some stack, and return the text."""
        until = time.monotonic() + PATIENCE
        while True:
            text = self.ask(processor)
            if all(" in " + function + "\n" in text for function in functions):
                return text
            self.assertLess(time.monotonic(), until, text)

    def test_sleeping(self):
        processor = self.fork()
        processor.order("sleep", 0.5)
        self.assertIn("most recent call first", self.await_functions(processor, "sleep"))
        self.assertGreaterEqual(processor.answer(), 0.5)  # not a moment less

    def test_busy(self):
        processor = self.fork()
        processor.order("spin", 0.5)
        self.await_functions(processor, "spin")
        self.assertIs(processor.answer(), True)

    def test_all_threads(self):
        processor = self.fork()
        processor.read_pipe()
        self.await_functions(processor, "in_thread", "run")

    def test_each_has_a_file_of_its_own(self):
        first, second = self.fork(), self.fork()
        paths = [stacks_file(processor.pid)[0] for processor in (first, second)]
        self.assertNotEqual(*(os.stat(path).st_ino for path in paths))
        self.await_functions(first, "run")
        self.assertEqual(os.stat(paths[1]).st_size, 0)
        with open(paths[0].replace("/fd/", "/fdinfo/")) as file:
            flags = int(re.search(r"flags:\s*(\d+)", file.read()).group(1), 8)
        self.assertTrue(flags & os.O_CLOEXEC)

    def test_three_thousand_times_while_frames_change(self):
        """A handler that reads frames between any two instructions kills the processor within some hundred times."""
        processor = self.fork()
        with tempfile.TemporaryDirectory() as folder:
            end = os.path.join(folder, "end")
            processor.order("call_functions", end)
            for _ in range(3000):
                text = self.ask(processor)
            with open(end, "w"):
                pass
            self.assertIs(processor.answer(), True)
        self.assertIn(" in call_functions\n", text)

    def test_own_frame_is_first(self):
        processor = self.fork()
        current = self.await_functions(processor, "run").split("Current thread", 1)[1]
        self.assertIn(" in _write_stacks\n", current.split("\n")[1] + "\n")

    def test_in_c_code(self):
        processor = self.fork()
        path, number, number_in_c = stacks_file(processor.pid)
        self.await_functions(processor, "run")
        processor.order("call_from_c", 0.5)
        os.truncate(path, 0)
        until = time.monotonic() + PATIENCE
        text = ""
        while " in call_from_c\n" not in text:
            self.assertLess(time.monotonic(), until, text)
            os.kill(processor.pid, number_in_c)
            text = self.await_text(path, "\n")
        self.assertNotIn("_write_stacks", text)
        os.kill(processor.pid, number)  # answered when it is back
        self.assertIs(processor.answer(), True)
        self.await_text(path, "\0")

    def test_spare_processor(self):
        self.tell("make_spare")
        spare = self.manager.receive()
        self.assertEqual(spare["state"], "ready", spare)
        processor = self.fork()
        self.assertEqual(processor.pid, spare["pid"])
        self.await_functions(processor, "run")
