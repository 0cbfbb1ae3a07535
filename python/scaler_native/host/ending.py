"""How a processor ends: as an interpreter of its own would, for all that its tasks have made.

Under Scaler's own manager a processor is such an interpreter (1.26.0 to 2.9.0). When it has been told to end, its
threads are joined, its exit handlers run, and what its modules hold is finalized: files are written out, temporary
folders removed. To finalize a forked interpreter as a whole would copy every page that the host shares with it. So only
what is younger than the fork is finalized here: the rest is the host's, and nobody's loss.
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

# Of the standard library, whose exit handlers every process has.
_STANDARD = ("concurrent.", "logging", "multiprocessing", "threading", "weakref")
# The longest that the files may take to be written.
_LONGEST_SECONDS = 3
_WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom, io.BufferedRWPair)


# Exit handlers that were registered before the fork by modules that the user wants shared.
_inherited = []


@contextlib.contextmanager
def watch():
    """In the host: note the exit handlers that are registered meanwhile. What such a module made at its import, a folder
    for example, all processors share, and the first one that ends must not remove it."""
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
    """Call `main`, and finalize what it leaves. Returns what it returns, as the process is to end right after it."""
    for finalizer in list(weakref.finalize._registry):
        finalizer.atexit = False  # the host's, for the same reason
    for handler in _inherited:
        atexit.unregister(handler)
    before = multiprocessing.process._current_process
    # In a context of its own, so that what is set there does not outlive it.
    try:
        return contextvars.copy_context().run(main)
    finally:
        _finalize(before)


def _finalize(process):
    """All steps are taken, whatever becomes of one, as by the interpreter."""
    for number in (signal.SIGINT, signal.SIGTERM):  # it ends already
        signal.signal(number, signal.SIG_IGN)
    for step in (threading._shutdown, atexit._run_exitfuncs, lambda: _forget(process), _drop_modules, _flush):
        try:
            step()
        except BaseException:
            traceback.print_exc()


def _forget(process):
    """Let go of the processor, and of all that it keeps for tasks."""
    threading.excepthook = _say_nothing  # a daemon thread may fail for what is taken from it now
    multiprocessing.process._current_process = process
    gc.collect()


def _drop_modules():
    """Let go of what modules hold, as the interpreter does: of all that those have which tasks have imported, and of what
    tasks have added to others. Not of what they have put in the place of something: to find that, each value would have to
    be looked at, and so copied."""
    for module in [sys.modules.get("__main__")] + imported.added_modules():
        names = imported.names_of(module)
        if names is not None:
            _clear(names, list(names))
    for names, before in imported.added_names():
        _clear(names, list(names)[before:])  # a dict keeps the order in which names came
    gc.collect()


def _clear(names, chosen):
    """First what is private to the module, which the rest may need no more, then the rest."""
    private = [name for name in chosen if name.startswith("_") and not name.startswith("__")]
    public = [name for name in chosen if not name.startswith("_")]
    for name in private + public:
        names[name] = None


def _flush():
    """Write out the files that somebody still refers to. What the host had before the fork is frozen, and not among
    these objects (see interpreter.settle)."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, _LONGEST_SECONDS)  # a daemon thread may have the lock of one for ever
    files = [thing for thing in gc.get_objects() if issubclass(type(thing), _WRITERS)]
    files.sort(key=lambda file: not issubclass(type(file), io.TextIOWrapper))  # those first that write to others
    for file in files:
        try:
            if not file.closed:
                file.flush()
        except Exception:  # the interpreter passes over it too
            pass
    if ctypes is not None:
        ctypes.PyDLL(None).fflush(None)


def _say_nothing(arguments):
    pass
