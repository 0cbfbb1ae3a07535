"""The built programs, as the tests of the examples run them."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"
BINARIES = ROOT / "bin"
MANAGER = BINARIES / "scaler_worker_manager"

# How long a program that answers at once may take on a busy machine.
PATIENCE = 60


def newest_release():
    """The newest release of Scaler that the project tests with."""
    locks = (ROOT / "integration" / "requirements").glob("*.txt")
    return max((lock.stem for lock in locks), key=lambda name: [int(part) for part in name.split(".")])


def run(arguments, **options):
    """Run a program to its end, with both of its outputs as text in stdout."""
    return subprocess.run(
        [str(word) for word in arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
        **options,
    )


class ProgramTest(unittest.TestCase):
    def configuration(self, *arguments):
        """The configuration that the manager makes of its arguments. It must have nothing to complain about."""
        command = [str(MANAGER), "baremetal_native", *map(str, arguments), "--dry-run"]
        environment = {name: value for name, value in os.environ.items() if name != "SCALER_PYTHON"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return json.loads(done.stdout)

    def time_to_stop(self, configuration):
        """How long a manager may take to exit after SIGTERM; what was killed then has some seconds to go."""
        return configuration["drain_on_terminate"] + configuration["stop_timeout_seconds"] + 10

    def folder(self):
        """A folder that is removed after the test."""
        made = tempfile.TemporaryDirectory(prefix="scaler-native-examples-")
        self.addCleanup(made.cleanup)
        return pathlib.Path(made.name)
