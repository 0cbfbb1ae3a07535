"""Immortal objects, on every Python of this machine that can have them.

By hand: `PYTHONPATH=python python3.13 -m unittest tests.test_immortal` in the folder python. It needs no Scaler.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import types
import unittest
from unittest import mock

from scaler_native.host import counts, immortal

PATIENCE = 60
ROOT = pathlib.Path(immortal.__file__).parents[2]

# What the host does before its first fork.
MADE = """
import gc, os, sys, threading, weakref
from scaler_native.host import immortal

class Witness:
    pass

def ten(number=1 << 70, text="default"):
    inner = lambda: "constant of the inner one"
    return 10

shared, held, shared_dict = Witness(), [1 << 71], {"".join(["a", "key"]): "value"}
shared_dict["itself"] = shared_dict
before = sys.getrefcount(held)
immortal.rehearse()
reason = immortal.make()
assert reason == "", reason
gc.freeze()
gc.enable()
number = sys.getrefcount(None) if sys.version_info < (3, 14) else 3 << 30
"""

SHARED = """
inner = ten.__code__.co_consts[1] if hasattr(ten.__code__.co_consts[1], "co_code") else ten.__code__.co_consts[2]
for name, thing in {
    "instance": shared, "list": held, "number in a list": held[0], "class": Witness, "function": ten,
    "code": ten.__code__, "inner code": inner, "constant of inner code": inner.co_consts[-1],
    "default": ten.__defaults__[0], "key": list(shared_dict)[0], "name of a file": ten.__code__.co_filename,
    "module": gc, "globals": globals(), "type of the library": threading.Thread,
}.items():
    assert sys.getrefcount(thing) == number, (name, sys.getrefcount(thing))
"""

# What a task may use, in a child.
CHILD = """
def child():
    ends = []
    reference = weakref.ref(shared, ends.append)
    new = Witness()
    new.itself = new
    plain, ended = Witness(), []
    weakref.finalize(plain, ended.append, 1)
    assert sys.getrefcount(plain) < 5
    del plain
    assert ended == [1]
    cycle = weakref.ref(new)
    assert any(thing is new for thing in gc.get_objects())
    del new
    assert gc.collect() > 0 and cycle() is None
    shared.new = new = Witness()  # what is immortal keeps something alive as long as it refers to it, and no longer
    kept = weakref.ref(new)
    del new
    gc.collect()
    assert kept() is not None
    del shared.new
    assert kept() is None
    held.extend(range(1000))
    held.clear()
    shared_dict.clear()
    thread = threading.Thread(target=held.append, args=(ten(),))
    thread.start()
    thread.join()
    assert held == [10] and not ends and reference() is shared
    import multiprocessing
    process = multiprocessing.get_context("fork").Process(target=os._exit, args=(7,))
    process.start()
    process.join()
    assert process.exitcode == 7

pid = os.fork()
if not pid:
    child()
    sys.exit(5)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
gc.collect()
assert immortal.make() == ""
"""

# Simulates a Python that lays out its objects in another way: counts are written to other addresses.
CHANGED = """
import sys
from scaler_native.host import counts, immortal, rehearsal

addresses = counts._addresses
if sys.argv[1] == "type":
    counts._addresses = lambda objects: type(addresses(objects))("Q", [address + 8 for address in addresses(objects)])
elif sys.argv[1] == "number":
    immortal._NUMBERS[sys.version_info[:2]] = 1 << 20
elif sys.argv[1] == "read":
    read = counts.read
    counts.read = lambda thing: read(thing) // 2
elif sys.argv[1] == "everything":
    immortal.everything = lambda: [1]
thing = []
immortal.rehearse()
reason = immortal.make()
assert reason == immortal.make() and sys.getrefcount(thing) == 2, sys.getrefcount(thing)
print(reason)
"""


def pythons():
    """The interpreters that can have immortal objects: this one, those on PATH, and those installed beside this one."""
    found = [sys.executable] + [shutil.which("python3.%d" % minor) for minor in (12, 13, 14)]
    found += [str(path) for path in pathlib.Path(sys.base_prefix).parent.glob("*/bin/python3")]
    asked = (
        "import sys; from scaler_native.host import immortal; print(immortal.unavailable(), sys.base_prefix, sep='\\n')"
    )
    chosen = {}
    for python in filter(None, found):
        done = run(python, asked)
        if done.returncode == 0 and done.stdout.startswith("\n"):
            chosen.setdefault(done.stdout, python)
    return list(chosen.values())


def run(python, program, *arguments):
    environment = dict(os.environ, PYTHONPATH=str(ROOT), PYTHONDONTWRITEBYTECODE="1")
    command = [python, "-c", program, *arguments]
    try:
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


class ImmortalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pythons = pythons()
        if not cls.pythons:
            raise unittest.SkipTest("no Python here has immortal objects: %s" % immortal.unavailable())

    def succeed(self, program, *arguments):
        for python in self.pythons:
            with self.subTest(python):
                done = run(python, program, *arguments)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                yield done.stdout

    def test_objects_that_are_shared(self):
        self.assertTrue(list(self.succeed(MADE + SHARED)))

    def test_tasks_find_all_as_before(self):
        self.assertTrue(list(self.succeed(MADE + CHILD)))

    def test_another_layout_switches_it_off(self):
        for change, expected in (
            ("type", "a child that tried it was killed by signal"),
            ("number", "a child that tried it found that it does not work"),
            ("read", "a child that tried it found that it does not work"),
            ("everything", "a child that tried it found that it does not work"),
        ):
            for said in self.succeed(CHANGED, change):
                self.assertTrue(said.startswith(expected), (change, said))


class UnavailableTest(unittest.TestCase):
    def about(self, **changes):
        """The answer for a CPython 3.13 with `changes`."""
        known = {
            "implementation": types.SimpleNamespace(name="cpython"),
            "version": "3.13.0 (main)",
            "version_info": Version(3, 13, "final"),
            "abiflags": "",
            "maxsize": (1 << 63) - 1,
            "byteorder": "little",
        }
        with mock.patch.object(immortal, "sys", types.SimpleNamespace(**dict(known, **changes))):
            return immortal.unavailable()

    def test_where_it_is_not_known_to_be_right(self):
        self.assertEqual(self.about(), counts.unavailable())
        self.assertIn("pypy", self.about(implementation=types.SimpleNamespace(name="pypy")))
        for major, minor, level in ((3, 11, "final"), (3, 15, "final"), (3, 14, "candidate"), (4, 0, "final")):
            self.assertIn("Python is 9.9", self.about(version="9.9 (main)", version_info=Version(major, minor, level)))
        self.assertIn("'t'", self.about(abiflags="t"))
        self.assertIn("'d'", self.about(abiflags="d"))
        self.assertIn("64-bit", self.about(maxsize=(1 << 31) - 1))
        self.assertIn("little-endian", self.about(byteorder="big"))

    def test_without_ctypes(self):
        with mock.patch.object(counts, "ctypes", None):
            self.assertIn("ctypes", self.about())

    def test_nothing_is_made_immortal_without_a_rehearsal(self):
        self.assertEqual(immortal.make(), "it has not been tried")


class Version(tuple):
    def __new__(cls, major, minor, level):
        self = super().__new__(cls, (major, minor))
        self.releaselevel = level
        return self
