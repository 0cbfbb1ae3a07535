"""Tries in a child what is to be done to all objects of the host (see immortal.py), so that one that Python does not bear is
not done: another version may have laid out its objects otherwise, and what is written then ends the child, or shows."""

import gc
import os
import resource
import signal
import sys
import weakref

from . import counts

# The longest that the child may take, which needs milliseconds.
_SECONDS = 10
_PASSED = 33
_MORE = 1000


class _Node:
    """Something in a cycle with itself, so that only the garbage collector can find out that nobody needs it."""

    def __init__(self):
        self.itself = self
        self.held = []


def begin(number, make):
    """Fork the child, which ends as an interpreter ends. Returns its pid. OSError when there can be none."""
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
    """Wait for the child. Says what is wrong, or ""."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return "a child that tried it was ended by signal %d" % os.WTERMSIG(status)
    return "" if os.WEXITSTATUS(status) == _PASSED else "a child that tried it found that it does not work"


def perform(writer, number):
    """Whether objects to which `writer` has written `number` are immortal and work, and others are as ever."""
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
    """Of each kind one."""
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
    """Whether they can be used."""
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
    """Whether what is immortal outlives all references to it, as what it refers to does, and nothing else does."""
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
