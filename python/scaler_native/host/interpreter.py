"""Prepares the host's interpreter for the first fork."""

import builtins
import contextlib
import gc
import os
import platform
import re
import signal
import sys
import sysconfig
import types
from multiprocessing import spawn

from . import ending, generators, immortal, imported, threads, title

# Determined here: once the working directory is back on sys.path, sysconfig could import its data from there.
_SCRIPTS = os.path.realpath(sysconfig.get_path("scripts"))


def become_main_program(argv, path):
    """Make the program look to a task as it does under Scaler's own manager.

    There sys.path begins with the program's folder, multiprocessing's spawn has started the interpreter, and the main
    module is the program's, run as __mp_main__ (1.26.0 to 2.9.0). Ours has no __file__: processes that a task spawns
    would run the binary as Python code. If a Python program became the manager, `path` is its sys.path.
    """
    title.host()
    sys.argv = argv
    if hasattr(sys, "orig_argv"):  # from Python 3.10 on; nothing uses the two numbers once the process runs
        sys.orig_argv = [os.fsdecode(text) for text in spawn.get_command_line(tracker_fd=3, pipe_handle=4)]
    if path:
        sys.path[:] = path
    elif not getattr(sys.flags, "safe_path", False):  # PYTHONSAFEPATH, from Python 3.11 on
        sys.path.insert(0, _SCRIPTS)
    main = types.ModuleType("__mp_main__")
    main.__dict__.update(__package__="", __cached__=None, __builtins__=vars(builtins), re=re, sys=sys)
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main


def warm(names):
    """Import the modules of --warm-imports. Returns the errors of those that failed, by name, and the warnings."""
    failed = {}
    if not names:
        return failed, []
    threads.note("")
    with _signals_for_children(), ending.watch(), generators.Watch() as watch:
        for name in names:
            try:
                __import__(name)
            except (Exception, SystemExit) as error:
                failed[name] = "%s: %s" % (type(error).__name__, error)
            threads.note(name)
    return failed, watch.warnings()


@contextlib.contextmanager
def _signals_for_children():
    """Let SIGINT and SIGTERM, which the host ignores, end processes that a module starts on import.

    Such a process would ignore them too, and multiprocessing.Pool would wait for its end for ever.
    """
    host = os.getpid()

    def end_child(number, frame):
        if os.getpid() != host:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    former = [(number, signal.signal(number, end_child)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in former:
            signal.signal(number, handler)


def settle(forks):
    """Prepare for forks after the last import. `forks` says whether there will be any.

    Returns why children will copy memory that they only read, or "" if they will not.
    """
    # Every processor asks for uname (1.26.0 to 2.9.0), and for the name of the CPU Python starts a program, once.
    _ = platform.uname().processor
    imported.note()
    # Nothing that exists now will become garbage, and a collection would copy all of it in every child.
    gc.collect()
    mortal = immortal.make() if forks else "there are no forks"
    gc.freeze()
    gc.enable()
    return mortal
