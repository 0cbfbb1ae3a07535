"""Random generators of --warm-imports: which are seeded again in a child, and which are not."""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

from .conversation import PATIENCE, PYTHON

MODULE = """
import random, secrets, uuid
from random import Random
from uuid import UUID, uuid4
from secrets import token_hex
unseeded, seeded, empty = Random(), Random(42), random.Random(None)
reseeded = Random(1)
reseeded.seed()
pinned = Random()
pinned.setstate(Random(7).getstate())
system = random.SystemRandom()
class Own(Random):
    pass
own = Own()
ID, TEXT, SHORT, TOKEN = uuid.uuid4(), str(uuid4()), uuid4().hex, token_hex(8)
URL, BYTES, BITS = secrets.token_urlsafe(9), secrets.token_bytes(8), secrets.randbits(64)
LITERAL = UUID("12345678-1234-4234-8234-123456789abc")
NAMED = uuid.uuid5(uuid.NAMESPACE_DNS, "example.org")
COUNT = secrets.randbits(3)
"""
NUMPY = """
import numpy as np
from numpy.random import default_rng, PCG64, MT19937, RandomState, Generator, SeedSequence
unseeded, seeded = default_rng(), default_rng(42)
bits, bits_seeded = Generator(PCG64()), Generator(PCG64(1))
state, state_seeded = RandomState(), RandomState(3)
twister = RandomState(MT19937())
gauss = RandomState()
gauss.standard_normal()
sequence = SeedSequence()
"""
# What a look at a lazy object's class may do, and a module that Watch takes for numpy's.
PROXIES = """
import sys, types, weakref
numpy_random = sys.modules["numpy.random"] = types.ModuleType("numpy.random")
class Nothing:
    pass
numpy_random.BitGenerator = numpy_random.RandomState = numpy_random.SeedSequence = Nothing
numpy_random.mtrand, numpy_random.seed = None, lambda: None
class Lazy:
    @property
    def __class__(self):
        raise RuntimeError("it must not be looked at")
lazy = [Lazy()]
lazy_too = lazy[0]
dead = weakref.proxy(Nothing())
"""
SCRIPT = """
import json, os, sys
sys.path[:0] = [%r, os.getcwd()]
from scaler_native.host import fork, generators, interpreter
watched = lambda: [
    __import__("random").Random.__dict__["seed"], __import__("uuid").UUID.__init__, __import__("secrets").token_bytes
]
before = watched()
failed, warnings = interpreter.warm(["warm"])
assert not failed, failed
assert before == watched()
import warm, random

def draw():
    generators.reseed()  # as a processor does
    print(json.dumps({%s}), flush=True)
    return 0

print(json.dumps(warnings), flush=True)
for _ in range(2):
    os.waitpid(fork.fork([fork.Job(draw, 0, [])], [])[0], 0)
"""


class GeneratorsTest(unittest.TestCase):
    def drawn(self, module, draws, python=sys.executable, first=""):
        """The warnings, and what two processors draw. `first` is run before the host watches the module's import."""
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "warm.py"), "w") as file:
                file.write(module)
            program = [python, "-c", first + SCRIPT % (PYTHON, draws)]
            variables = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
            done = subprocess.run(
                program, stdout=subprocess.PIPE, cwd=folder, env=variables, timeout=PATIENCE, check=True
            )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def compare(self, one, other, same):
        self.assertEqual(sorted(name for name in one if one[name] == other[name]), sorted(same))

    def test_python(self):
        names = ("unseeded", "seeded", "empty", "reseeded", "pinned", "system", "own")
        draws = ", ".join("%r: warm.%s.random()" % (name, name) for name in names) + ", 'global': random.random()"
        warnings, one, other = self.drawn(MODULE, draws)
        self.compare(one, other, ["seeded", "pinned"])
        self.assertEqual(one["seeded"], random.Random(42).random())
        told = sorted(warning.split()[0] for warning in warnings)
        self.assertEqual(told, ["warm." + name for name in ("BITS", "BYTES", "ID", "SHORT", "TEXT", "TOKEN", "URL")])
        self.assertIn("--warm-imports", warnings[0])

    def test_global_generator(self):
        for seeding, same in (("random.seed(5)", ["global"]), ("random.seed(5); random.seed()", []), ("", [])):
            with self.subTest(seeding):
                warnings, one, other = self.drawn("import random\n" + seeding, "'global': random.random()")
                self.compare(one, other, same)
                self.assertEqual(warnings, [])

    def test_objects_that_are_not_what_they_seem(self):
        warnings, _, _ = self.drawn(PROXIES, "'global': random.random()")
        self.assertEqual(warnings, [])

    def numpy(self):
        for python in (sys.executable, os.environ.get("SCALER_NATIVE_NUMPY")):
            command = [python, "-c", "import numpy.random"]
            if python and not subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
                return python
        self.skipTest("there is no numpy here, nor for the Python that SCALER_NATIVE_NUMPY names")

    def test_numpy(self):
        python = self.numpy()
        names = ("unseeded", "seeded", "bits", "bits_seeded", "state", "state_seeded", "twister", "gauss")
        draws = ["%r: warm.%s.standard_normal()" % (name, name) for name in names]
        draws += ["'child': warm.default_rng(warm.sequence.spawn(1)[0]).random()", "'global': warm.np.random.random()"]
        for first in "", "import numpy.random\n":
            warnings, one, other = self.drawn(NUMPY, ", ".join(draws), python, first)
            self.compare(one, other, ["seeded", "bits_seeded", "state_seeded"])
            self.assertEqual(warnings, [])

    def test_numpy_that_a_module_seeds(self):
        _, one, other = self.drawn(
            "import numpy as np\nnp.random.seed(3)", "'global': warm.np.random.random()", self.numpy()
        )
        self.compare(one, other, ["global"])
