"""Seeds random generators of --warm-imports again in each processor, or all processors would draw the same numbers.

Under Scaler's own manager every processor imports a module itself. A generator that the module seeds from the system
then differs between processors, and one that it seeds with a number does not. A generator does not say how it was
seeded. So the seeding is watched while the modules are imported, and what the system has seeded is seeded again after a
fork.
"""

import base64
import functools
import random
import secrets
import sys
import uuid
import weakref

from . import imported

# Versions of UUID that are random. The others are hashes of names.
_RANDOM_VERSIONS = (1, 4, 6, 7)

_python = weakref.WeakSet()  # instances of random.Random
_numpy = []  # functions, each of which seeds one of numpy's generators
_state = None  # state of the generator behind random.random(), if a module has seeded it with a number
_numpy_seeded = False  # whether a module has seeded the generator behind numpy.random.random() with a number


class Watch:
    """A context manager that watches what imported modules seed and draw."""

    def __init__(self):
        self.seeded = False
        self._drawn = set()
        self._tokens = []
        self._replaced = []

    def __enter__(self):
        self._modules = set(sys.modules)
        seed, setstate, make = random.Random.seed, random.Random.setstate, uuid.UUID.__init__
        seed_global, bits, token = random.seed, secrets.randbits, secrets.token_bytes

        @functools.wraps(seed)
        def watched_seed(generator, a=None, *arguments, **keywords):
            (_python.add if a is None else _python.discard)(generator)
            return seed(generator, a, *arguments, **keywords)

        @functools.wraps(setstate)
        def watched_setstate(generator, state):
            _python.discard(generator)
            return setstate(generator, state)

        @functools.wraps(seed_global)
        def watched_global(a=None, *arguments, **keywords):
            self.seeded = a is not None
            return seed_global(a, *arguments, **keywords)

        @functools.wraps(make)
        def watched_uuid(made, hex=None, *arguments, **keywords):
            make(made, hex, *arguments, **keywords)
            if hex is None and made.version in _RANDOM_VERSIONS:
                self._tokens += [made, str(made), made.hex, made.bytes, made.int]

        # numpy takes its entropy from here (1.17 to 2.4): the system has seeded a sequence that has such a number.
        def watched_bits(k):
            number = bits(k)
            self._drawn.add(number)
            return number

        # token_hex and token_urlsafe encode these bytes.
        @functools.wraps(token)
        def watched_token(*arguments):
            made = token(*arguments)
            self._tokens += [made, made.hex(), base64.urlsafe_b64encode(made).rstrip(b"=").decode("ascii")]
            return made

        self._replace(random.Random, "seed", watched_seed)
        self._replace(random.Random, "setstate", watched_setstate)
        self._replace(random, "seed", watched_global)
        self._replace(uuid.UUID, "__init__", watched_uuid)
        self._replace(secrets, "randbits", watched_bits)
        self._replace(secrets, "token_bytes", watched_token)
        if "numpy.random.bit_generator" in sys.modules:
            self._replace(sys.modules["numpy.random.bit_generator"], "randbits", watched_bits)
        return self

    def __exit__(self, *_):
        global _state
        for owner, name, former in reversed(self._replaced):
            setattr(owner, name, former)
        bit_generator = sys.modules.get("numpy.random.bit_generator")
        if bit_generator is not None:
            bit_generator.randbits = secrets.randbits
        _state = random.getstate() if self.seeded else None
        self._find_numpy()

    def _replace(self, owner, name, replacement):
        self._replaced.append((owner, name, getattr(owner, name)))
        setattr(owner, name, replacement)

    def _find_numpy(self):
        """Find numpy's generators that the system has seeded. Others have other entropy, or none."""
        global _numpy_seeded
        numpy_random = sys.modules.get("numpy.random")
        if numpy_random is None:
            return
        import gc

        def from_system(owner, attribute="_seed_seq"):
            sequence = getattr(owner, attribute, None)
            return isinstance(getattr(sequence, "entropy", None), int) and sequence.entropy in self._drawn

        # `reseed` seeds the global generator.
        the_global = getattr(numpy_random.mtrand, "_rand", None)
        _numpy_seeded = getattr(getattr(the_global, "_bit_generator", None), "_seed_seq", True) is None
        for found in gc.get_objects():
            if found is the_global:
                continue
            # isinstance would ask the object: a lazy one may import or raise, as a dead weakref.proxy does.
            kind = type(found)
            if issubclass(kind, numpy_random.BitGenerator) and from_system(found):
                # __init__ keeps the memory that the generators around it point to.
                _numpy.append(found.__init__)
            elif issubclass(kind, numpy_random.RandomState) and from_system(found._bit_generator):
                _numpy.append(functools.partial(_forget_gauss, found))
            elif issubclass(kind, numpy_random.SeedSequence) and found.entropy in self._drawn:
                _numpy.append(functools.partial(found.__init__, spawn_key=found.spawn_key, pool_size=found.pool_size))

    def warnings(self):
        """Warnings about values that were drawn once and cannot be drawn again, such as a random id in a module."""
        warnings = {}  # by value
        drawn = set(self._tokens) | {number for number in self._drawn if number >> 32}
        for module, name, value in self._values():
            if value in drawn and value not in warnings:
                text = (
                    "%s.%s was drawn when the module was imported for --warm-imports: it is the same in every processor"
                )
                warnings[value] = text % (module, name)
        return list(warnings.values())

    def _values(self):
        for module in [name for name in sys.modules if name not in self._modules]:
            for name, value in list((imported.names_of(sys.modules[module]) or {}).items()):
                if issubclass(type(value), (uuid.UUID, str, bytes, int)):
                    yield module, name, value


def reseed():
    """In a processor: seed again what the system has seeded. The global ones of random and ssl do that themselves."""
    if _state is not None:
        random.setstate(_state)
    for generator in _python:
        generator.seed()
    for seed in _numpy:
        seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None and not _numpy_seeded:
        numpy_random.seed()


def _forget_gauss(generator):
    """Drop the second number of a pair: RandomState draws normal numbers in pairs and keeps it."""
    state = generator.get_state(legacy=False)
    if state.get("has_gauss"):
        state["has_gauss"] = 0
        generator.set_state(state)
