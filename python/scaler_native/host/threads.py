"""The threads of the host that a fork would lose. What waits for such a thread in a child waits for ever."""

import os
import threading

# jemalloc stops this thread's work in a child by itself (its pthread_atfork handlers, 5.1 to 5.3). pyarrow's starts on
# import, and so with pandas, scikit-learn and others that use it.
_SAFE = ("jemalloc_bg_thd",)
# How many names a sentence has.
_LONGEST = 3

# By thread id: the module of --warm-imports whose import has started it.
_started = {}


def note(module):
    """Remember which threads are new after the import of a module."""
    for number in _numbers():
        _started.setdefault(number, module)


def lost():
    """Returns a sentence about the threads that a fork of this process would lose, or "" if there are none."""
    python = [(thread.native_id, thread.name) for thread in threading.enumerate()]
    python = [pair for pair in python if pair[0] != threading.main_thread().native_id]
    if python:
        return _sentence(python)
    before = {number for number, _ in _native()}
    if not before:
        return ""
    # Libraries that know of forks end their threads in a pthread_atfork handler. They start others afterwards (SciPy's
    # Fourier transforms) or on use (OpenBLAS). Only threads of other libraries outlive a fork.
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    native = [(number, name) for number, name in _native() if number in before]
    return _sentence(native) if native else ""


def _native():
    """Ids and names of the threads that are neither the main thread nor safe."""
    named = [(number, _name(number)) for number in _numbers() if number != os.getpid()]
    return [(number, name) for number, name in named if name and name not in _SAFE]


def _numbers():
    try:
        return [int(name) for name in os.listdir("/proc/self/task")]
    except OSError:
        return []


def _name(number):
    """The kernel's name of a thread; "" if it has ended."""
    try:
        with open("/proc/self/task/%d/comm" % number) as file:
            return file.read().strip()
    except OSError:
        return ""


def _sentence(threads):
    names = [name for _, name in threads[:_LONGEST]]
    if len(threads) > _LONGEST:
        names.append("%d more" % (len(threads) - _LONGEST))
    modules = sorted({_started[number] for number, _ in threads if _started.get(number)})
    reason = ", started by the import of %s" % ", ".join(modules) if modules else ""
    return "the worker host has threads that a fork would lose (%s)%s" % (", ".join(names), reason)
