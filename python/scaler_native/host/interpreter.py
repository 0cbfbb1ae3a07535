"""What the host makes of its interpreter before the first fork."""

import builtins
import gc
import os
import platform
import re
import sys
import sysconfig
import tempfile
import types
from multiprocessing import spawn

from . import ending, generators, immortal, imported, title


# Asked for here, because a later import of sysconfig's data could take it from the working directory (see boot.py).
_SCRIPTS = os.path.realpath(sysconfig.get_path("scripts"))


def become_main_program(argv, path):
    """What a task sees of the program that it runs in, as under Scaler's own manager.

    There sys.path begins with the folder of the program, the interpreter was started by multiprocessing's spawn, and
    the main module is the program's, run as __mp_main__ (1.26.0 to 2.9.0). Ours has no __file__: a task that spawns
    processes itself would have them run the binary as Python. A Python program that became the manager tells its own
    path.
    """
    title.host()
    sys.argv = argv
    if hasattr(sys, "orig_argv"):  # from Python 3.10 on; the two numbers mean nothing once the process runs
        sys.orig_argv = [os.fsdecode(text) for text in spawn.get_command_line(tracker_fd=3, pipe_handle=4)]
    if path:
        sys.path[:] = path
    elif not getattr(sys.flags, "safe_path", False):  # PYTHONSAFEPATH, from Python 3.11 on
        sys.path.insert(0, _SCRIPTS)
    main = types.ModuleType("__mp_main__")
    main.__dict__.update(__package__="", __cached__=None, __builtins__=vars(builtins), re=re, sys=sys)
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main


def warm(names):
    """Import what the user wants shared by all processors. Returns what could not be, by name, and what to warn of."""
    failed = {}
    if not names:
        return failed, []
    with ending.watch(), generators.Watch() as watch:
        for name in names:
            try:
                __import__(name)
            except (Exception, SystemExit) as error:
                failed[name] = "%s: %s" % (type(error).__name__, error)
    return failed, watch.same_everywhere()


def settle(forks):
    """After the last import. Says why children will copy what they only look at, or "" if they will not. `forks` is whether
    there will be any."""
    # It finds the folder by writing a file, which a worker that is killed right then would leave there.
    tempfile.gettempdir()
    # Every processor asks for the system's name (1.26.0 to 2.9.0), and gets it with the CPU's, for which Python
    # runs a program, once.
    platform.uname().processor
    imported.note()
    # What is there now is never garbage; and to look at it would be to copy it, in every child.
    gc.collect()
    mortal = immortal.make() if forks else "there are no forks"
    gc.freeze()
    gc.enable()
    return mortal
