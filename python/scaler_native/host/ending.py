"""Finalizes a processor: what its tasks have created ends as it would with an interpreter of its own.

Under Scaler's own manager a processor is such an interpreter (1.26.0 to 2.9.0). When it is told to end, its threads are
joined, its exit handlers run, and its modules are cleared, which writes files out and removes temporary folders.
Finalizing a forked interpreter as a whole would copy every page that it shares with the host. So only what is younger
than the fork is finalized here.
"""

import atexit
import contextlib
import contextvars
import gc
import io
import multiprocessing.process
import signal
import sys
import threading
import traceback
import weakref

from . import imported

try:
    import ctypes
except ImportError:  # an interpreter that was built without libffi
    ctypes = None

# Modules of the standard library. Every process runs the exit handlers of these.
_STANDARD = ("concurrent.", "logging", "multiprocessing", "threading", "weakref")
# Time for writing files out.
_LONGEST_SECONDS = 3
_WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom, io.BufferedRWPair)


# Exit handlers that modules of --warm-imports have registered.
_inherited = []


@contextlib.contextmanager
def watch():
    """In the host: collect the exit handlers that are registered meanwhile.

    All processors share what a module creates at its import, such as a folder: the first processor that ends must not
    remove it.
    """
    register = atexit.register

    def note(function, *arguments, **keywords):
        if not str(getattr(function, "__module__", None)).startswith(_STANDARD):
            _inherited.append(function)
        return register(function, *arguments, **keywords)

    atexit.register = note
    try:
        yield
    finally:
        atexit.register = register


def run(main):
    """Call `main`, then finalize what it leaves. Returns its result; the process must exit right after that."""
    for finalizer in list(weakref.finalize._registry):
        finalizer.atexit = False  # it belongs to the host: see watch
    for handler in _inherited:
        atexit.unregister(handler)
    before = multiprocessing.process._current_process
    # In a context of its own, so that values of context variables do not outlive `main`.
    try:
        return contextvars.copy_context().run(main)
    finally:
        _finalize(before)


def _finalize(process):
    """Like the interpreter, take all steps even if one fails."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the process is ending already
        signal.signal(number, signal.SIG_IGN)
    for step in (threading._shutdown, atexit._run_exitfuncs, lambda: _forget(process), _drop_modules, _flush):
        try:
            step()
        except BaseException:
            traceback.print_exc()


def _forget(process):
    """Drop the Processor object, and what it keeps for tasks."""
    threading.excepthook = _ignore  # daemon threads may fail when their objects go
    multiprocessing.process._current_process = process
    gc.collect()


def _drop_modules():
    """Clear modules as the interpreter does: those that tasks have imported, and names that tasks have added to others.

    Values that tasks have replaced are not found: that would mean reading, and so copying, every value.
    """
    for module in [sys.modules.get("__main__")] + imported.added_modules():
        names = imported.names_of(module)
        if names is not None:
            _clear(names, list(names))
    for names, before in imported.added_names():
        _clear(names, list(names)[before:])  # a dict keeps the order of insertion
    gc.collect()


def _clear(names, chosen):
    """Clear names in the interpreter's order: first those with one leading underscore, then the public ones."""
    private = [name for name in chosen if name.startswith("_") and not name.startswith("__")]
    public = [name for name in chosen if not name.startswith("_")]
    for name in private + public:
        names[name] = None


def _flush():
    """Flush the files that are still referred to. Those of the host are frozen (interpreter.settle) and not listed."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, _LONGEST_SECONDS)  # a daemon thread may hold the lock of a file for ever
    files = [thing for thing in gc.get_objects() if issubclass(type(thing), _WRITERS)]
    files.sort(key=lambda file: not issubclass(type(file), io.TextIOWrapper))  # text files write to buffered ones
    for file in files:
        try:
            if not file.closed:
                file.flush()
        except Exception:  # the interpreter ignores it too
            pass
    if ctypes is not None:
        ctypes.PyDLL(None).fflush(None)


def _ignore(arguments):
    pass
