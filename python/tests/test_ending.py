"""The end of a processor: what its tasks have created is finalized as at the end of an interpreter."""

import os
import subprocess
import sys
import tempfile
import unittest

from .conversation import PATIENCE

PYTHON = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# As in the host: modules and a finalizer exist before the fork, and are frozen.
SCRIPT = """
import gc, importlib.util, json, logging.handlers, os, sys, tempfile, threading, time, types, weakref
sys.path.insert(0, %r)
from scaler_native.host import ending, imported

class Thing:
    pass

main = types.ModuleType("__mp_main__")
sys.modules["__main__"] = sys.modules["__mp_main__"] = main
shared = Thing()
weakref.finalize(shared, print, "the host's")
with ending.watch():
    import atexit
    atexit.register(print, "a warm module's")
lazy = importlib.util.find_spec("lazy")
lazy.loader = importlib.util.LazyLoader(lazy.loader)
sys.modules["lazy"] = importlib.util.module_from_spec(lazy)
lazy.loader.exec_module(sys.modules["lazy"])
imported.note()
gc.collect()
gc.freeze()

def write(name, text):
    with open(name, "a") as file:
        file.write(text)

def task():
    import atexit, builtins, colorsys
%s
    return 7

child = os.fork()
if not child:
    code = ending.run(task)
    sys.stdout.flush()
    os._exit(code)
print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
sys.stdout.flush()
os._exit(0)
"""


class EndingTest(unittest.TestCase):
    def ends(self, *lines):
        """Run these lines in a task. Returns the files that it leaves in its folder, by name, and the output."""
        body = "\n".join("    " + line for line in lines)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "lazy.py"), "w") as file:
                file.write("print('imported')")
            done = subprocess.run(
                [sys.executable, "-c", SCRIPT % (PYTHON, body)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
                timeout=PATIENCE,
                check=True,
            )
            left = {}
            for name in set(os.listdir(folder)) - {"lazy.py"}:
                with open(os.path.join(folder, name)) as file:
                    left[name] = file.read()
        printed = done.stdout.decode().splitlines()
        self.assertEqual(printed.pop(), "7")
        return left, printed

    def test_exit_handlers_in_their_order(self):
        left, printed = self.ends(
            "atexit.register(write, 'order', 'first ')", "atexit.register(write, 'order', 'second ')"
        )
        self.assertEqual((left, printed), ({"order": "second first "}, []))

    def test_files_are_written_out(self):
        for holder in ("builtins", "json", "colorsys", "sys.modules['__main__']"):
            with self.subTest(holder):
                lines = ["%s.kept = open('text', 'w')" % holder, "%s.kept.write('x' * 20)" % holder]
                self.assertEqual(self.ends(*lines), ({"text": "x" * 20}, []))

    def test_file_in_the_place_of_something(self):
        lines = ["json.dumps = open('bytes', 'wb')", "json.dumps.write(b'y' * 6)"]
        self.assertEqual(self.ends(*lines), ({"bytes": "y" * 6}, []))

    def test_temporary_folders_are_removed(self):
        self.assertEqual(self.ends("json.kept = tempfile.TemporaryDirectory(dir='.')"), ({}, []))
        self.assertEqual(self.ends("json.kept = tempfile.NamedTemporaryFile(dir='.')"), ({}, []))

    def test_records_in_memory_are_logged(self):
        lines = (
            "handler = logging.handlers.MemoryHandler(100, target=logging.FileHandler('log'))",
            "logging.getLogger('mine').addHandler(handler)",
            "logging.getLogger('mine').error('remembered')",
        )
        self.assertEqual(self.ends(*lines), ({"log": "remembered\n"}, []))

    def test_objects_are_deleted(self):
        lines = ("Thing.__del__ = lambda self, write=write: write('deleted', 'yes')", "json.kept = Thing()")
        self.assertEqual(self.ends(*lines), ({"deleted": "yes"}, []))

    def test_finalizers_of_the_host_do_not_run(self):
        self.assertEqual(self.ends("weakref.finalize(shared, write, 'finalized', 'yes')"), ({"finalized": "yes"}, []))

    def test_threads(self):
        work = "threading.Thread(target=lambda: (time.sleep(0.2), write('done', 'yes')), daemon=%r).start()"
        self.assertEqual(self.ends(work % False), ({"done": "yes"}, []))
        busy = "threading.Thread(target=lambda: [json.dumps(sys.version) for _ in iter(int, 1)], daemon=True).start()"
        self.assertEqual(self.ends(busy), ({}, []))
        busy = "threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()"
        self.assertEqual(self.ends(busy, "atexit.register(write, 'ran', 'yes')"), ({"ran": "yes"}, []))

    def test_failing_step_is_no_reason_to_leave_out_the_next(self):
        lines = [
            "atexit.register(lambda: 1 / 0)",
            "json.kept = open('text', 'w')",
            "json.kept.write('x')",
            "del sys.modules['__main__']",
        ]
        self.assertEqual(self.ends(*lines)[0], {"text": "x"})

    def test_failing_handler_is_told_and_does_not_matter(self):
        left, printed = self.ends("atexit.register(lambda: 1 / 0)", "atexit.register(write, 'ran', 'yes')")
        self.assertEqual(left, {"ran": "yes"})
        self.assertIn("ZeroDivisionError: division by zero", printed)


if __name__ == "__main__":
    unittest.main()
