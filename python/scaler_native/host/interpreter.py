"""What the host makes of its interpreter before the first fork."""

import gc
import platform
import sys
import sysconfig
import tempfile
import types


def become_main_program(argv, path):
    """What a task sees of the program that it runs in, as under Scaler's own manager.

    There sys.path begins with the folder of the program and the main module is one without
    a name (multiprocessing's spawn runs it as __mp_main__). A Python program that became
    the manager tells its own path.
    """
    sys.argv = argv
    if path:
        sys.path[:] = path
    elif sys.path and sys.path[0] == "":
        sys.path[0] = sysconfig.get_path("scripts")
    main = types.ModuleType("__mp_main__")
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main


def warm(names):
    """Import what the user wants shared by all processors. Returns what could not be, by name."""
    failed = {}
    for name in names:
        try:
            __import__(name)
        except (Exception, SystemExit) as error:
            failed[name] = "%s: %s" % (type(error).__name__, error)
    return failed


def settle():
    """After the last import."""
    # It finds the folder by writing a file, which a worker that is killed right then would leave there.
    tempfile.gettempdir()
    # Every processor asks for the system's name (1.26.0 to 2.9.0), and gets it with the CPU's, for which Python
    # runs a program, once.
    platform.uname().processor
    # What is there now is never garbage; and to look at it would be to copy it, in every child.
    gc.collect()
    gc.freeze()
    gc.enable()
