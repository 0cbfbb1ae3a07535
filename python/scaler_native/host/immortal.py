"""Keeps children of the host from copying what they only look at, on CPython 3.12 and newer.

An object begins with the number of references to it. A child that writes that number has the kernel copy the page for it.
From 3.12 on (PEP 683) there is a number which says that the object is immortal: it stays as it is, and so does the object.
What the host has when it forks outlives every child anyway; so all of it is made immortal before the first fork.
"""

import gc
import itertools
import operator
import sys
import types

from . import counts, rehearsal

# By version the low 32 bits of that number (Include/object.h). 3.14 has another one, which was never tried here.
_NUMBERS = {(3, 12): 0xFFFFFFFF, (3, 13): 0xFFFFFFFF}

# What of a code object its execution refers to. To ask for more would have it make some of that.
_PARTS = [operator.attrgetter(name) for name in ("co_consts", "co_names", "co_name", "co_qualname", "co_filename")]

# The child that tries it; None before there is one, and after it.
_child = None
# Why it is not done, or "".
_refusal = "it has not been tried"


def unavailable():
    """Why nothing can be made immortal here, or ""."""
    if sys.implementation.name != "cpython":
        return "Python is %s" % sys.implementation.name
    if sys.version_info[:2] not in _NUMBERS or sys.version_info.releaselevel != "final":
        return "Python is %s" % sys.version.split()[0]
    if sys.abiflags:  # "t" is without the interpreter's lock, "d" is for debugging
        return "Python is of the kind %r" % sys.abiflags
    if sys.maxsize < 1 << 32 or sys.byteorder != "little":
        return "it needs a little-endian machine of 64 bits"
    return counts.unavailable()


def rehearse():
    """Have a child try it, meanwhile. While it runs each page that we write to is copied: early there are few."""
    global _child, _refusal
    _refusal = unavailable()
    if _refusal:
        return
    try:
        _child = rehearsal.begin(_number(), _make)
    except OSError as error:
        _refusal = str(error)


def make():
    """Make all that there is immortal. Says why that was not done, or ""."""
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
    """Lists of all objects that anybody is likely to use, many of them more than once, as it takes longer to find out."""
    known = gc.get_objects()
    dicts, functions = _chosen(known, dict), _chosen(known, types.FunctionType)
    # The garbage collector looks at what could be garbage: not at the keys of a dict that are strings, nor into a code object.
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
