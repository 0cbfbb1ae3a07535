"""The Python program that becomes the worker manager: whether it may, and what tasks are to find of it."""

import fcntl
import json
import multiprocessing
import os
import stat
import sys
import threading
from multiprocessing import process, resource_tracker, spawn

# Read, and removed from the environment, by the binary.
VARIABLE = "SCALER_NATIVE_CALLER"


def check():
    """Raise unless this process exists for nothing but to run the manager."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("it was not called in the main thread")
    if multiprocessing.parent_process() is None and not _in_entry_point():
        raise RuntimeError("the program that called it would end with it; call it in a multiprocessing.Process")


def python():
    """The interpreter that multiprocessing would start."""
    return os.fsdecode(spawn.get_executable())


def describe():
    """What multiprocessing would tell a process that it spawns, as far as a task can see it; JSON."""
    data = spawn.get_preparation_data(process.current_process().name)
    # Scaler's own scripts, which have nothing for a task, are not run again in every processor.
    names = ("start_method",) if _in_entry_point() else ("start_method", "init_main_from_name", "init_main_from_path")
    prepare = {name: data[name] for name in names if data.get(name)}
    # The parent that waits for this process, or 0: the binary does not outlive it.
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
    """Keep open over an exec what tells the parent, by its closing, that this process has ended.

    A spawned process inherits that end of a pipe (see popen_spawn_posix.py) and the server that a "forkserver"
    process comes from holds it itself, but a forked process (popen_fork.py) has it closed by exec. Which of the
    pipes it is nobody tells, so that all are kept that can be written to: a fork keeps them, too. Not so the
    resource tracker's pipe, on whose end a Python of 3.12 or later waits when it ends.
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
