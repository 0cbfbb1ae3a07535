"""Where the commands of a wheel and of an editable installation find the binary."""

import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

from scaler_native import binary, scripts


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        package = self.root / "python" / "scaler_native"
        patch = mock.patch.object(binary, "__file__", str(package / "binary.py"))
        patch.start()
        self.addCleanup(patch.stop)
        self.packaged, self.built = package / "bin" / binary.NAME, self.root / "bin" / binary.NAME

    def program(self, path, mode=0o755):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.chmod(mode)

    def test_the_one_of_the_package_comes_before_the_one_that_was_built(self):
        self.program(self.built)
        self.assertEqual(binary.find(), str(self.built))
        self.program(self.packaged)
        self.assertEqual(binary.find(), str(self.packaged))

    def test_without_one_each_command_says_where_it_looked(self):
        self.program(self.packaged, 0o644)
        for name, command in ((binary.NAME, scripts.manage), ("scaler-native", scripts.steer)):
            with self.assertRaises(SystemExit) as caught:
                command()
            said = str(caught.exception)
            self.assertTrue(said.startswith(name + ": error: "), said)
            self.assertIn("%s (not executable)" % self.packaged, said)
            self.assertIn("%s (No such file or directory)" % self.built, said)

    def test_the_name_tells_the_binary_which_command_it_is(self):
        self.program(self.packaged)
        with mock.patch.object(os, "execve") as execve, mock.patch.object(sys, "argv", ["/venv/bin/program", "status"]):
            scripts.steer()
            scripts.manage()
        run = [call[0][1] for call in execve.call_args_list]
        self.assertEqual(run, [["scaler-native", "status"], [binary.NAME, "status"]])


if __name__ == "__main__":
    unittest.main()
