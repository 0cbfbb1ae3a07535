"""Tells what a task finds around itself: surroundings.py ADDRESS COUNT

What must be the same for every processor of a kind, and "random", which must not be.
"""

import json
import sys

from scaler import Client


def look_around(seconds):
    import gc
    import logging
    import multiprocessing
    import os
    import random
    import re
    import resource
    import signal
    import sys
    import threading
    import time

    time.sleep(seconds)
    umask = os.umask(0)
    os.umask(umask)
    main = sys.modules["__main__"]
    # The program itself: ours is no Python, so that its file and its function are not there.
    names = sorted(set(vars(main)) - {"__file__", "main"})
    return {
        "path": sys.path,
        "argv": sys.argv,
        "executable": sys.executable,
        "prefix": sys.prefix,
        "main": [main.__name__, main.__package__, main.__spec__, names, sys.modules.get("__mp_main__") is main],
        "flags": [repr(sys.flags), sys.warnoptions, sorted(sys._xoptions)],
        # With two numbers of descriptors in it.
        "original arguments": [re.sub("=[0-9]+", "=", text) for text in getattr(sys, "orig_argv", [])],
        "environment": dict(os.environ),
        "directory": os.getcwd(),
        "process": multiprocessing.current_process().name,
        "daemon": multiprocessing.current_process().daemon,
        "start method": multiprocessing.get_start_method(),
        "thread": [threading.current_thread().name, threading.current_thread() is threading.main_thread()],
        "umask": umask,
        "niceness": os.nice(0),
        "limits": [resource.getrlimit(name) for name in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)],
        "blocked signals": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
        "signals": {
            name: getattr(
                signal.getsignal(getattr(signal, name)), "__name__", str(signal.getsignal(getattr(signal, name)))
            )
            for name in ("SIGINT", "SIGTERM", "SIGCHLD", "SIGPIPE", "SIGHUP", "SIGUSR1", "SIGUSR2")
        },
        "collector": [gc.isenabled(), gc.get_threshold()],
        "recursion limit": sys.getrecursionlimit(),
        "switch interval": sys.getswitchinterval(),
        "stdin": os.readlink("/proc/self/fd/0") if os.path.exists("/proc/self/fd/0") else None,
        "encodings": [sys.getdefaultencoding(), sys.getfilesystemencoding()],
        "logging level": logging.getLogger().level,
        "parent is worker": multiprocessing.parent_process() is not None,
        "random": random.random(),
    }


address, count = sys.argv[1], int(sys.argv[2])
with Client(address=address) as client:
    # Each lasts a little, so that the tasks spread over all workers.
    futures = [client.submit(look_around, 0.3) for _ in range(count)]
    print(json.dumps([future.result() for future in futures]))
