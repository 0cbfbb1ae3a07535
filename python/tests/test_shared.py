"""What the worker host does once for all of its children: the loggers and the resource tracker."""

import os
import pathlib
import subprocess
import sys
import unittest

from scaler_native.host import loggers

PATIENCE = 20
ROOT = pathlib.Path(loggers.__file__).parents[2]

LOGGERS = """
import logging, logging.config
from scaler_native.host import loggers

def config(level):
    handler = {"class": "logging.StreamHandler", "level": level, "stream": "ext://sys.stdout"}
    return {"version": 1, "disable_existing_loggers": False, "handlers": {"one": handler}, "root": {"handlers": ["one"], "level": "DEBUG"}}

def set_up(level="INFO"):
    logging.config.dictConfig(config(level))
    logging.warning("set up")

original = logging.config.dictConfig
loggers.share(set_up)
(handler,) = logging.getLogger().handlers
"""

TRACKER = """
import multiprocessing, os, signal
from scaler_native.host import tracker

tracker.start(forking=True)
lock = multiprocessing.get_context("spawn").Lock()
name = lock._semlock.name.lstrip("/")
print(name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def python(text):
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT)


class LoggersTest(unittest.TestCase):
    def run_with(self, text):
        done = python(LOGGERS + text)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_same_set_up_changes_nothing_but_says_so(self):
        printed = self.run_with("set_up(); print(logging.getLogger().handlers == [handler])")
        self.assertEqual(printed, ["set", "up", "True"])

    def test_other_set_up_is_done(self):
        printed = self.run_with('set_up("ERROR"); print([h.level for h in logging.getLogger().handlers] == [logging.ERROR])')
        self.assertEqual(printed, ["True"])

    def test_only_the_first_set_up_is_looked_at(self):
        for first in ("INFO", "ERROR"):
            printed = self.run_with(
                "set_up(%r); print(logging.config.dictConfig is original); "
                "original(config('INFO')); print(logging.getLogger().handlers == [handler])" % first
            )
            self.assertEqual(printed[-2:], ["True", "False"])


class TrackerTest(unittest.TestCase):
    def test_semaphore_of_a_process_that_was_killed_is_removed(self):
        done = python(TRACKER)  # the tracker holds its output: it has ended too
        self.assertEqual(done.stderr, "")
        name = done.stdout.strip()
        self.assertTrue(name)
        self.assertFalse(os.path.exists("/dev/shm/sem." + name))
