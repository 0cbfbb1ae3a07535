"""The host imports nothing from the working directory before Scaler, and gives tasks the same sys.path as Scaler."""

import json
import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import unittest

from scaler_native.host import loader

from .conversation import Manager, sources

# What the host imports before Scaler, all of which could be looked for in the working directory.
PLANT = """
import os
with open(os.environ["PLANTED"], "a") as file:
    file.write(__name__ + "\\n")
raise ImportError("%s was taken from the working directory" % __name__)
"""
# Scaler's first module writes down what is imported by then, and sys.path.
WITNESS = """
import os, sys
with open(os.environ["WITNESS"], "w") as file:
    file.write("\\n".join(sys.path) + "\\n\\n" + "\\n".join(sys.modules))
raise ImportError("none here")
"""


def standard_modules():
    """The top-level modules of the standard library that are files: those that can be planted."""
    folder = pathlib.Path(sysconfig.get_path("stdlib"))
    names = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    names |= {path.name.split(".")[0] for path in (folder / "lib-dynload").glob("*.so")}
    # Python itself imports some when it starts, from wherever PYTHONPATH says.
    itself = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return sorted(names - {name.split(".")[0] for name in itself.stdout.split()} - {"sitecustomize", "usercustomize"})


class StartTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(os.path.realpath(folder.name))
        self.planted = self.folder / "planted"
        self.witness = self.folder / "witness"
        self.directory = self.folder / "directory"
        self.directory.mkdir()
        for name in standard_modules() + ["scaler_native"]:
            (self.directory / (name + ".py")).write_text(PLANT)
        self.modules = self.folder / "modules"
        self.modules.mkdir()
        (self.modules / "scaler.py").write_text(WITNESS)

    def environment(self, **variables):
        return dict({"PLANTED": str(self.planted), "WITNESS": str(self.witness)}, **variables)

    def written(self):
        return self.planted.read_text().split() if self.planted.exists() else []

    def host(self, variables, directory=None):
        manager = Manager(environment=self.environment(**variables), directory=directory or self.directory)
        self.addCleanup(manager.close)
        self.assertEqual(manager.hello()["error"], "cannot import Scaler: none here", manager.said())
        path, modules = self.witness.read_text().split("\n\n")
        return path.split("\n"), modules.split("\n")

    def test_host_imports_nothing_of_the_working_directory(self):
        modules = str(self.modules)
        for name, variables in (
            ("PYTHONPATH without", {"PYTHONPATH": modules}),
            ("PYTHONPATH with an empty entry", {"PYTHONPATH": os.pathsep + modules}),
            ("PYTHONPATH with .", {"PYTHONPATH": "." + os.pathsep + modules}),
            ("PYTHONPATH with its name", {"PYTHONPATH": str(self.directory) + os.pathsep + modules}),
            ("PYTHONSAFEPATH", {"PYTHONPATH": modules, "PYTHONSAFEPATH": "1"}),
        ):
            with self.subTest(name):
                path, imported = self.host(variables)
                self.assertEqual(self.written(), [])
                self.assertGreater(len(imported), 80)
                self.assertNotIn("", path)
                # The path as a script has it, whose folder comes first.
                script = self.folder / "script.py"
                script.write_text("import sys; print('\\n'.join(sys.path))")
                environment = dict(os.environ, **self.environment(**variables), PYTHONDONTWRITEBYTECODE="1")
                program = [sys.executable, str(script)]
                seen = subprocess.run(
                    program, stdout=subprocess.PIPE, text=True, env=environment, cwd=self.directory, check=True
                )
                scripts = os.path.realpath(sysconfig.get_path("scripts"))
                expected = [scripts if folder == str(self.folder) else folder for folder in seen.stdout.split()]
                self.assertEqual(path, expected)

    def test_spawned_worker_imports_nothing_of_it(self):
        (self.modules / "scaler.py").unlink()
        thread = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()"
        (self.modules / "threaded.py").write_text(thread)
        variables = self.environment(PYTHONPATH=os.pathsep.join([str(self.modules), os.path.dirname(__file__)]))
        manager = Manager(environment=variables, directory=self.directory)
        self.addCleanup(manager.close)
        self.assertIn("threads", manager.hello(["threaded"])["no_fork"])
        self.assertEqual(manager.configure()["type"], "configured")
        manager.start(1)
        while not manager.sockets:  # the worker creates it last
            manager.settle()
        # multiprocessing starts the resource tracker and the processor, which look there as under Scaler's manager.
        # Python 3.13 imports traceback to print their error.
        self.assertLessEqual(set(self.written()), {"multiprocessing", "traceback"})

    def test_working_directory_that_python_needs(self):
        for scheme in ("stdlib", "purelib"):
            with self.subTest(scheme):
                path, _ = self.host({"PYTHONPATH": str(self.modules)}, directory=sysconfig.get_path(scheme))
                self.assertIn(sysconfig.get_path(scheme), path)

    def test_python_that_is_too_old(self):
        read, write = os.pipe()
        with os.fdopen(write, "wb") as stream:
            stream.write(loader.program(json.dumps({name: sources()[name] for name in loader.FIRST}).encode()))
        arguments = loader.arguments("server", 3, read)
        arguments[1] = "import sys; sys.version_info = (3, 7, 16); " + arguments[1]
        command = [sys.executable, *arguments]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, pass_fds=[read], check=False)
        os.close(read)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Ascaler-native needs Python 3.8 or newer; \S+ is \S+\n\Z")
