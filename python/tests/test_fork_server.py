"""Multiprocessing's fork server in a task, where a module of --warm-imports has started one in the host."""

import os
import subprocess
import sys
import unittest

from .conversation import PATIENCE

PYTHON = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCRIPT = """
import multiprocessing, os, sys
sys.path.insert(0, %r)
from multiprocessing import forkserver
from scaler_native.host import processor

def server():
    return forkserver._forkserver._forkserver_pid

def task():
    process = multiprocessing.get_context("forkserver").Process(target=print, args=("in a child",))
    process.start()
    process.join()
    assert process.exitcode == 0, process.exitcode

if __name__ == "__main__":
    forkserver.set_forkserver_preload(["colorsys"])
    forkserver.ensure_running()
    host = server()
    child = os.fork()
    if not child:
        code = 1
        try:
            processor._forget_fork_server()
            processor._forget_fork_server()
            task()
            own = forkserver._forkserver
            if server() != host and own._preload_modules == ["colorsys"]:
                code = 0
            own._stop() if hasattr(own, "_stop") else None
        finally:
            sys.stdout.flush()
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    task()
    print(status, server() == host)
"""


class ForkServerTest(unittest.TestCase):
    def test_task_has_its_own(self):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT % PYTHON], stdout=subprocess.PIPE, timeout=PATIENCE, text=True, check=False
        )
        self.assertEqual(done.stdout.splitlines(), ["in a child", "in a child", "0 True"])


if __name__ == "__main__":
    unittest.main()
