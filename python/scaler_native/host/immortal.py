"""Keeps forks from copying memory that they only read, on CPython 3.12 and 3.13.

An object starts with its reference count. A child that changes the count makes the kernel copy the page. From 3.12 on
(PEP 683) a special count marks an object as immortal: neither the count nor the object goes. What the host has when it
forks outlives every child anyway, so all of it is made immortal before the first fork.
"""

import gc
import itertools
import operator
import sys
import types

from . import counts, rehearsal

# The low 32 bits of that count by version (Include/object.h). 3.14 has another count, which has not been tested.
_NUMBERS = {(3, 12): 0xFFFFFFFF, (3, 13): 0xFFFFFFFF}

# The parts of a code object that its execution refers to. Python creates some of the other attributes on access.
_PARTS = [operator.attrgetter(name) for name in ("co_consts", "co_names", "co_name", "co_qualname", "co_filename")]

# The pid of the rehearsing child; None if there is none.
_child = None
# Why nothing is made immortal, or "".
_refusal = "it has not been tried"


def unavailable():
    """Returns why nothing can be made immortal here, or ""."""
    if sys.implementation.name != "cpython":
        return "Python is %s" % sys.implementation.name
    if sys.version_info[:2] not in _NUMBERS or sys.version_info.releaselevel != "final":
        return "Python is %s" % sys.version.split()[0]
    if sys.abiflags:  # "t" is free-threaded, "d" a debug build
        return "Python is built with the ABI flags %r" % sys.abiflags
    if sys.maxsize < 1 << 32 or sys.byteorder != "little":
        return "it needs a little-endian 64-bit machine"
    return counts.unavailable()


def rehearse():
    """Start a child that tries it. While it runs, pages that this process writes to are copied: early there are few."""
    global _child, _refusal
    _refusal = unavailable()
    if _refusal:
        return
    try:
        _child = rehearsal.begin(_number(), _make)
    except OSError as error:
        _refusal = str(error)


def make():
    """Make all existing objects immortal. Returns why that was not done, or ""."""
    global _child, _refusal
    if _child is not None:
        _refusal, _child = rehearsal.end(_child), None
    if not _refusal:
        try:
            with counts.Writer(_number()) as writer:
                _make(writer)
        except (OSError, ValueError) as error:
            _refusal = str(error)
    return _refusal


def _number():
    return _NUMBERS[sys.version_info[:2]]


def _make(writer):
    for objects in everything():
        writer.write(objects)


def everything():
    """Lists of all objects that are likely to be used. Many occur more than once: removing them would take longer."""
    known = gc.get_objects()
    dicts, functions = _chosen(known, dict), _chosen(known, types.FunctionType)
    # The garbage collector knows containers only: neither the strings that are keys of a dict nor the parts of code.
    found = [known, gc.get_referents(*known), list(itertools.chain.from_iterable(dicts))]
    codes = list(map(operator.attrgetter("__code__"), functions))
    while codes:
        parts = [list(map(part, codes)) for part in _PARTS]
        constants, names = (list(itertools.chain.from_iterable(part)) for part in parts[:2])
        found += [codes, constants, names] + parts
        codes = _chosen(constants, types.CodeType)
    return found


def _chosen(objects, kind):
    return list(itertools.compress(objects, map(operator.is_, map(type, objects), itertools.repeat(kind))))
