"""Variables of --worker-env take effect in a child, although the host has used their former values."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

from .conversation import PATIENCE, PYTHON

SCRIPT = """
import json, os, sys, tempfile, time
sys.path.insert(0, %r)
from scaler_native.host import fork, interpreter, settings
interpreter.settle(False)
time.localtime()

def run():
    settings.apply({"environment": json.loads(sys.argv[1])})
    print(json.dumps([tempfile.gettempdir(), time.strftime("%%H:%%M", time.localtime(0)), time.tzname[0]]), flush=True)
    return 0

(pid,) = fork.fork([fork.Job(run, 0, [])], [])
os.waitpid(pid, 0)
"""


class SettingsTest(unittest.TestCase):
    def found(self, **variables):
        program = [sys.executable, "-c", SCRIPT % PYTHON, json.dumps(variables)]
        environment = dict(os.environ, TZ="UTC0", TMPDIR=self.folder)
        done = subprocess.run(program, stdout=subprocess.PIPE, env=environment, timeout=PATIENCE, check=True)
        return json.loads(done.stdout)

    def test_temporary_folder_and_time_zone(self):
        with tempfile.TemporaryDirectory() as self.folder, tempfile.TemporaryDirectory() as other:
            self.assertEqual(self.found(), [self.folder, "00:00", "UTC"])
            self.assertEqual(self.found(TMPDIR=other, TZ="ABC-3"), [other, "03:00", "ABC"])
            self.assertEqual(os.listdir(other), [])
