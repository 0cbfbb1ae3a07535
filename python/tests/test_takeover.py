"""Which Python the binary is told of, and that nobody takes it for one that the user named."""

import os
import runpy
import sys
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


if __name__ == "__main__":
    unittest.main()
