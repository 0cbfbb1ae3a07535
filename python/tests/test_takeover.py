"""Which Python the binary is told of, and that nobody takes it for one that the user named."""

import os
import resource
import runpy
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

from scaler_native import binary, scripts, takeover


class PythonTest(unittest.TestCase):
    def told(self, run, **environment):
        """The variables that the binary gets in addition."""
        clean = {name: value for name, value in os.environ.items() if name not in ("SCALER_PYTHON", "SCALER_NATIVE")}
        with mock.patch.dict(os.environ, dict(clean, **environment), clear=True), mock.patch.object(
            sys, "argv", ["program", "--version"]
        ), mock.patch.object(binary, "become") as become:
            run()
        arguments, variables = become.call_args[0][:2]
        self.assertEqual(arguments, ["--version"])
        return variables

    def module(self):
        runpy.run_module("scaler_native", run_name="__main__")

    def script(self):
        module = types.SimpleNamespace(main=lambda: None)
        takeover._change_program(module)
        with mock.patch.object(sys.modules["__main__"], "__file__", "/bin/" + binary.NAME, create=True):
            module.main()

    def test_this_one_for_want_of_another(self):
        for run in (self.module, self.script, scripts.manage):
            self.assertEqual(self.told(run), {"SCALER_NATIVE_PYTHON": sys.executable})
            self.assertEqual(self.told(run, SCALER_PYTHON=""), {"SCALER_NATIVE_PYTHON": sys.executable})
            self.assertEqual(self.told(run, SCALER_PYTHON="/another/python"), {})


class SpaceTest(unittest.TestCase):
    """Under a limit of addresses that is too low for the Go runtime, there is one line and no stack dump."""

    def become(self, limit, program):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, binary.NAME)
            with open(path, "w") as file:
                file.write("#!/bin/sh\n" + program)
            os.chmod(path, 0o755)
            code = "from scaler_native import binary; binary.find = lambda: %r; binary.become(['run'], {})" % path
            before = lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))  # noqa: E731
            sources = os.path.dirname(os.path.dirname(binary.__file__))
            return subprocess.run(
                [sys.executable, "-c", code],
                check=False,
                preexec_fn=before,
                cwd=sources,
                capture_output=True,
                text=True,
            )

    def test_too_little(self):
        ended = self.become(1 << 30, "echo goroutine 1 >&2; exit 2")
        self.assertIn("cannot start with 1024 MiB of address space: raise RLIMIT_AS", ended.stderr)
        self.assertNotIn("goroutine", ended.stderr)

    def test_enough(self):
        self.assertEqual(self.become(1 << 30, "echo $1").stdout, "run\n")

    def test_no_limit(self):
        self.assertEqual(self.become(resource.RLIM_INFINITY, "[ $1 = run ] && echo $1").stdout, "run\n")


if __name__ == "__main__":
    unittest.main()
