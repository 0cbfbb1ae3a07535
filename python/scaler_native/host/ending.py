"""How a processor ends: as an interpreter of its own would, for all that its tasks have made.

Under Scaler's own manager a processor is such an interpreter (1.26.0 to 2.9.0). When it has been told to end, its
threads are joined, its exit handlers run, and what its modules hold is finalized: files are written out, temporary
folders removed. To finalize a forked interpreter as a whole would copy every page that the host shares with it. So only
what is younger than the fork is finalized here: the rest is the host's, and nobody's loss.
"""

import atexit
import contextvars
import gc
import io
import multiprocessing.process
import sys
import threading
import traceback
import weakref

try:
    import ctypes
except ImportError:  # an interpreter that was built without libffi
    ctypes = None

# The modules that the host had imported before the first fork, with how many names each had.
_shared = {}
_WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom, io.BufferedRWPair)


def prepare():
    """In the host, after the last import."""
    global _shared
    _shared = {name: len(vars(module)) for name, module in sys.modules.items() if hasattr(module, "__dict__")}


def run(main):
    """Call `main`, and finalize what it leaves. Returns what it returns, as the process is to end right after it."""
    for finalizer in list(weakref.finalize._registry):
        finalizer.atexit = False  # the host's: of a folder that all processors share, for example
    before = multiprocessing.process._current_process
    # In a context of its own, so that what is set there does not outlive it.
    try:
        return contextvars.copy_context().run(main)
    finally:
        try:
            _finalize(before)
        except BaseException:
            traceback.print_exc()


def _finalize(process):
    threading._shutdown()
    # No other thread runs while an interpreter is finalized; here none shall have reason to, or say that it failed.
    threading.excepthook = _say_nothing
    sys.setswitchinterval(1000)
    atexit._run_exitfuncs()
    # In the place of the processor, and of all that it keeps for tasks.
    multiprocessing.process._current_process = process
    gc.collect()
    _drop_modules()
    _flush()


def _drop_modules():
    """Let go of what modules hold, as the interpreter does: of all that those have which tasks have imported, and of what
    tasks have added to others. Not of what they have put in the place of something: to find that, each value would have to
    be looked at, and so copied."""
    main = sys.modules.get("__main__")
    _clear(vars(main), list(vars(main)))
    for name in list(sys.modules):
        module = sys.modules[name]
        if module is main or not hasattr(module, "__dict__"):
            continue
        names = vars(module)
        if name not in _shared:
            _clear(names, list(names))
        elif len(names) > _shared[name]:
            _clear(names, list(names)[_shared[name] :])  # a dict keeps the order in which names came
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
