import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import pythons


class Second(unittest.TestCase):
    def test_own_and_none_are_no_second_one(self):
        for wanted in (pythons.OWN, "none", ""):
            self.assertEqual(pythons.second(wanted), (None, None))

    def test_one_that_is_not_there(self):
        with mock.patch.dict(os.environ, PATH="", PYENV_ROOT="/nowhere"):
            self.assertEqual(pythons.second("3.99"), (None, "3.99"))
        self.assertEqual(pythons.second("/nowhere/python"), (None, "/nowhere/python"))

    def test_by_path(self):
        self.assertEqual(pythons.second(sys.executable), (sys.executable, pythons.OWN))

    def test_a_shim_that_does_not_start_is_passed_over_for_the_newest_of_pyenv(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            scripts = {"shims/python3.99": "exit 127", "versions/3.99.2/bin/python": "echo 3.98"}
            scripts.update({"versions/3.99.10/bin/python": "echo 3.99", "versions/3.99.9/bin/python": "echo 3.99"})
            for name, text in scripts.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text("#!/bin/sh\n%s\n" % text)
                (root / name).chmod(0o755)
            with mock.patch.dict(os.environ, PATH=str(root / "shims"), PYENV_ROOT=str(root)):
                self.assertEqual(pythons.second("3.99"), (str(root / "versions/3.99.10/bin/python"), "3.99"))

    def test_environments_of_the_own_python_have_plain_names(self):
        self.assertEqual(pythons.environment("2.9.0"), "2.9.0")
        self.assertEqual(pythons.environment("2.9.0", "3.99"), "py3.99-2.9.0")


if __name__ == "__main__":
    unittest.main()
