"""What the worker host sets up once for all of its children: loggers and resource tracker."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from scaler_native.host import loggers, semaphores

PATIENCE = 20
ROOT = pathlib.Path(loggers.__file__).parents[2]

LOGGERS = """
import logging, logging.config
from scaler_native.host import loggers

def config(level):
    handler = {"class": "logging.StreamHandler", "level": level, "stream": "ext://sys.stdout"}
    root = {"handlers": ["one"], "level": "DEBUG"}
    return {"version": 1, "disable_existing_loggers": False, "handlers": {"one": handler}, "root": root}

def set_up(level="INFO"):
    logging.config.dictConfig(config(level))
    logging.warning("set up")

original = logging.config.dictConfig
loggers.share(set_up)
(handler,) = logging.getLogger().handlers
"""

TRACKER = """
import multiprocessing, os, signal
from scaler_native.host.tracker import Tracker

Tracker().start(forking=True)
lock = multiprocessing.get_context("spawn").Lock()
name = lock._semlock.name.lstrip("/")
print(name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""

# The tracker is killed, and the program creates a semaphore before it notices that.
REPLACED = """
import multiprocessing, os, signal
from scaler_native.host import tracker

tracker._YOUNG_SECONDS = %r
one = tracker.Tracker()
one.start(forking=True)
os.kill(one._pid, signal.SIGKILL)
os.waitid(os.P_PID, one._pid, os.WEXITED | os.WNOWAIT)
lock = multiprocessing.get_context("spawn").Lock()
one.replace()
print(lock._semlock.name.lstrip("/"), len(one.descriptors()), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""

# A semaphore that a processor has unpickled has no name any more. It works, and nobody complains.
SEMAPHORES = """
import multiprocessing, os, pickle
from scaler_native.host import popen, semaphores

begin = semaphores.mark()
semaphores.expect_removal()
popen.prepare()
event = multiprocessing.get_context("spawn").Event()
path = semaphores.path(event._flag._semlock.name)
assert os.path.exists(path), os.listdir("/dev/shm")
assert path.startswith(begin)
assert begin.endswith(multiprocessing.get_context("spawn").Process()._config["semprefix"][1:] + "-")
taken = pickle.loads(popen.pickled(event, semaphores.Pickler))
assert not os.path.exists(path)
taken.set()
assert event.wait(0)
del event, taken
"""

# The trackers' copies of a pipe that only this process is to have: whose end it has is told by whether it ends.
CLOSING = """
import os, resource
from scaler_native.host.tracker import Tracker

calls = []
closerange = os.closerange
os.closerange = lambda first, end: (calls.append(end - first), closerange(first, end))
exits = os._exit
os._exit = lambda code: (os.write(1, b"%d" % sum(calls)), exits(code))
read, write = os.pipe()
os.dup2(write, 200)
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
Tracker().start(forking=True)
os.close(write), os.close(200)
assert os.read(read, 1) == b"", "the tracker has a descriptor that is not its own"
"""


def python(text):
    command = [sys.executable, "-c", text]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, check=False)


class LoggersTest(unittest.TestCase):
    def run_with(self, text):
        done = python(LOGGERS + text)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_same_set_up_changes_nothing_but_says_so(self):
        printed = self.run_with("set_up(); print(logging.getLogger().handlers == [handler])")
        self.assertEqual(printed, ["set", "up", "True"])

    def test_other_set_up_is_done(self):
        printed = self.run_with(
            'set_up("ERROR"); print([h.level for h in logging.getLogger().handlers] == [logging.ERROR])'
        )
        self.assertEqual(printed, ["True"])

    def test_only_the_first_set_up_is_looked_at(self):
        for first in ("INFO", "ERROR"):
            printed = self.run_with(
                "set_up(%r); print(logging.config.dictConfig is original); "
                "original(config('INFO')); print(logging.getLogger().handlers == [handler])" % first
            )
            self.assertEqual(printed[-2:], ["True", "False"])

    def test_file_is_followed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log")
            text = (
                """
import os, logging.handlers
path = %r
def line(text):
    logging.warning(text)
def contents(name):
    with open(name) as file:
        return file.read()
set_up_file = config("INFO")
kind = "logging.handlers.TimedRotatingFileHandler"
set_up_file["handlers"]["one"] = {"class": kind, "filename": path, "when": "midnight"}
logging.config.dictConfig(set_up_file)
(file_handler,) = logging.getLogger().handlers
line("one")
os.rename(path, path + ".1")
line("two"); line("three")
os.remove(path)
line("four")
os.rename(path, path + ".2")
os.mkdir(path)
line("five")
print([contents(path + ".1"), contents(path + ".2"), type(file_handler).__name__, len(os.listdir("/dev/fd"))])
os.rmdir(path)
file_handler.doRollover()
line("six")
print(contents(path))
"""
                % path
            )
            printed = " ".join(self.run_with(text))
        self.assertIn("['one\\n', 'four\\nfive\\n', 'TimedRotatingFileHandler'", printed)
        self.assertTrue(printed.endswith("six"), printed)


class TrackerTest(unittest.TestCase):
    def test_semaphore_of_a_process_that_was_killed_is_removed(self):
        done = python(TRACKER)  # the tracker holds its output: it has ended too
        self.assertEqual(done.stderr, "")
        name = done.stdout.strip()
        self.assertTrue(name)
        self.assertFalse(os.path.exists(semaphores.path(name)))

    def test_another_takes_the_place_of_one_that_was_killed(self):
        done = python(REPLACED % 0.0)
        self.assertEqual(done.stderr, "")
        name, descriptors = done.stdout.split()
        self.assertEqual(descriptors, "1")
        self.assertFalse(os.path.exists(semaphores.path(name)))

    def test_one_that_ends_young_is_not_replaced(self):
        done = python(REPLACED % 60.0)
        name, descriptors = done.stdout.split()
        self.assertEqual(descriptors, "0")
        os.unlink(semaphores.path(name))

    @unittest.skipUnless(os.path.isdir("/dev/shm"), "shows semaphores only on Linux")
    def test_semaphores_lose_their_names_when_they_are_taken_over(self):
        done = python(SEMAPHORES)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_only_open_descriptors_are_closed(self):
        done = python(CLOSING)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertLess(int(done.stdout), 100, "it goes through all that there may be")
