"""Tries in a child what immortal.py does to all objects of the host.

If the interpreter lays out its objects in another way, the child crashes, or finds that the objects have not become
immortal, and the host leaves them alone.
"""

import gc
import os
import resource
import signal
import sys
import weakref

from . import counts

# The child is killed after this time. It takes milliseconds.
_SECONDS = 10
_PASSED = 33  # exit status of a child that succeeded
_MORE = 1000  # references that are added in order to see whether counts change


class _Node:
    """An object that refers to itself, so that only the garbage collector can free it."""

    def __init__(self):
        self.itself = self
        self.held = []


def begin(number, make):
    """Fork the child, which finalizes its interpreter at its end. Returns its pid. OSError if the fork fails."""
    pid = os.fork()
    if pid:
        return pid
    works = False
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_SECONDS)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with counts.Writer(number) as writer:
            if perform(writer, number):
                make(writer)
                gc.collect()
                works = True
    finally:
        if not works:
            os._exit(1)
    sys.exit(_PASSED)


def end(pid):
    """Wait for the child. Returns why it has failed, or ""."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return "a child that tried it was killed by signal %d" % os.WTERMSIG(status)
    return "" if os.WEXITSTATUS(status) == _PASSED else "a child that tried it found that it does not work"


def perform(writer, number):
    """Whether objects to which `writer` has written `number` are immortal and usable, and other objects unchanged."""
    chosen, others = _make(), _make()
    if not _are_read_rightly([thing for thing in chosen if counts.read(thing) != number]):
        return False
    kinds, counted = list(map(type, chosen)), list(map(sys.getrefcount, others))
    writer.write(chosen)
    more = chosen * _MORE
    counted_more = list(map(sys.getrefcount, chosen))
    del more
    counted_again = list(map(sys.getrefcount, chosen))
    if counted_more + counted_again != 2 * [number] * len(chosen) or list(map(type, chosen)) != kinds:
        return False
    return list(map(sys.getrefcount, others)) == counted and _work(chosen, others) and _live_on(chosen, others)


def _make():
    """One object of each kind."""
    text = "".join(["scaler", "native"])
    names = {}
    exec("def add(a, b=1 << 70): return a + b\nclass Kind: pass", names)
    plain = [text.encode(), int("9" * 30), float("0.5"), {text: 1}, [text], (text, [text]), {text}, frozenset([text])]
    return [
        _Node(),
        names["add"],
        names["add"].__code__,
        names["Kind"],
        sys.intern(text + hex(id(names))),
        text,
    ] + plain


def _are_read_rightly(objects):
    read, told = list(map(counts.read, objects)), list(map(sys.getrefcount, objects))
    more = objects * _MORE
    read_more, told_more = list(map(counts.read, objects)), list(map(sys.getrefcount, objects))
    del more
    return (
        all(0 < few < _MORE for few in read + told)
        and read_more == [few + _MORE for few in read]
        and told_more == [few + _MORE for few in told]
    )


def _work(chosen, others):
    """Whether the objects are usable, and equal to the others."""
    _, add, _, kind, interned, text, *plain = chosen
    longer = text
    longer += "!"
    mortal = weakref.ref(kind())
    plain[3][interned] = 2
    del plain[3][interned]
    return (
        add(1) == others[1](1)
        and mortal() is None
        and sys.intern("".join(list(interned))) is interned
        and sys.intern(text) is sys.intern("".join(list(text)))
        and longer == others[5] + "!"
        and plain == others[6:]
    )


def _live_on(chosen, others):
    """Whether an immortal object and what it refers to outlive all references to it, and another object does not."""
    node, held, other = chosen[0], _Node(), others[0]
    node.held.append(held)
    node, held, other = map(weakref.ref, (node, held, other))
    chosen.clear()
    others.clear()
    gc.collect()
    if node() is None or held() is None or other() is not None:
        return False
    node().held.clear()
    gc.collect()
    return node() is not None and held() is None
