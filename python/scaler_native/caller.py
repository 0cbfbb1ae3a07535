"""The Python program that becomes the worker manager: whether it may, and what its tasks must be able to see of it."""

import fcntl
import json
import multiprocessing
import os
import stat
import sys
import threading
from multiprocessing import process, resource_tracker, spawn

# The binary reads this variable and removes it from the environment.
VARIABLE = "SCALER_NATIVE_CALLER"


def check():
    """Raise RuntimeError unless this process exists only to run the manager."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("it was not called in the main thread")
    if multiprocessing.parent_process() is None and not _in_entry_point():
        raise RuntimeError("the program that called it would end with it; call it in a multiprocessing.Process")


def python():
    """The path of the interpreter that multiprocessing would start."""
    return os.fsdecode(spawn.get_executable())


def describe():
    """What multiprocessing would pass to a process that it spawns, as far as a task can see it. Returns JSON."""
    data = spawn.get_preparation_data(process.current_process().name)
    # Scaler's own scripts have nothing that a task could need: processors do not run them again.
    names = ("start_method",) if _in_entry_point() else ("start_method", "init_main_from_name", "init_main_from_path")
    prepare = {name: data[name] for name in names if data.get(name)}
    # The parent that waits for this process, or 0. The binary ends when this parent does.
    parent = os.getppid() if multiprocessing.parent_process() is not None else 0
    return json.dumps({"argv": data["sys_argv"], "path": data["sys_path"], "prepare": prepare, "parent": parent})


def _in_entry_point():
    frame = sys._getframe()
    while frame is not None:
        module = frame.f_globals
        name = getattr(module.get("__spec__"), "name", None) or module.get("__name__") or ""
        if name.startswith("scaler.entry_points."):
            return True
        frame = frame.f_back
    return False


def keep_sentinel():
    """Keep the pipe open over an exec by whose end the parent notices that this process has ended.

    A spawned process inherits its end of that pipe (popen_spawn_posix.py), and for a "forkserver" process the server
    holds it. A forked process (popen_fork.py) would lose it by the exec. Nothing says which pipe it is, so every pipe
    that can be written to is kept, as a fork keeps them. The exception is the resource tracker's pipe: Python 3.12 and
    newer wait for its end when they exit.
    """
    tracker = getattr(resource_tracker._resource_tracker, "_fd", None)
    for name in os.listdir("/dev/fd"):
        number = int(name)
        if number > 2:
            try:
                writable = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY
                if writable and stat.S_ISFIFO(os.fstat(number).st_mode):
                    os.set_inheritable(number, number != tracker)
            except OSError:  # the descriptor that listdir had open
                pass
