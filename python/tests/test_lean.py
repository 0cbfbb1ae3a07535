"""The forks of a worker with a native agent: a lean one from the host, and whole ones from that."""

import os
import subprocess
import sys
import unittest

from .conversation import PATIENCE, PYTHON

# In a process of its own, because os.register_at_fork cannot be undone.
PROGRAM = """
import logging, os, random, signal, sys, threading
from scaler_native.host import fork, lean

assert not lean.prepare()
seen = []
for when in "before", "after_in_parent", "after_in_child":
    os.register_at_fork(**{when: lambda when=when: seen.append((when, os.getpid()))})
host = os.getpid()
number = random.random()

def processor():
    logging.getLogger().warning("a record")  # its locks are free
    thread = threading.Thread(target=lambda: seen.append("thread"))
    thread.start()
    thread.join()
    before, child, ran = seen
    good = (before, child, ran) == (("before", os.getpid()), ("after_in_child", os.getpid()), "thread")
    good = good and random.getstate() != state and os.getpgid(0) == os.getpid()
    good = good and threading.main_thread().ident == threading.get_ident()
    good = good and signal.pthread_sigmask(signal.SIG_BLOCK, ()) == {signal.SIGHUP}
    good = good and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    return 7 if good and not os.path.exists("/proc/self/fd/%d" % end) else 8

def worker():
    lean.signals()
    pid = lean.fork_whole(fork.Job(processor, 0, []), [end])
    _, status = os.waitpid(pid, 0)
    return 1 if seen or not os.path.exists("/proc/self/fd/%d" % end) else status >> 8

end = os.dup(0)
state = random.getstate()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGHUP])
(pid,) = lean.fork_some([fork.Job(worker, 0, [end])], [])
_, status = os.waitpid(pid, 0)
sys.exit(status >> 8 if not seen else 2)
"""
REFUSED = """
import os
from scaler_native.host import fork, lean

lean.prepare()
lean._fork = lambda: -1
try:
    lean.fork_whole(fork.Job(None, 0, []), [])
except OSError:
    os._exit(7)
"""


@unittest.skipUnless(sys.platform.startswith("linux"), "the agent is in the manager on Linux only")
class LeanTest(unittest.TestCase):
    def run_program(self, text):
        environment = dict(os.environ, PYTHONPATH=PYTHON)
        command = [sys.executable, "-c", text]
        return subprocess.run(command, env=environment, timeout=PATIENCE, stderr=subprocess.PIPE, check=False)

    def test_a_whole_fork_is_what_pythons_own_is_and_its_parent_does_nothing_for_it(self):
        ended = self.run_program(PROGRAM)
        self.assertEqual(ended.returncode, 7, ended.stderr)

    def test_no_process_left(self):
        ended = self.run_program(REFUSED)
        self.assertEqual(ended.returncode, 7, ended.stderr)
