"""The page's quick start, and what a task finds of it: combo.py PORT"""

import json
import os
import sys

from scaler import Client, SchedulerClusterCombo

SETTING = "of the program"


def add(a, b):
    return a + b


def say(*words):
    """Print a line in one write: scheduler and workers write to the same pipe, and print could be interleaved."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def look_around():
    import beside

    main = sys.modules["__main__"]
    return {
        "path": sys.path,
        "argv": sys.argv,
        "directory": os.getcwd(),
        "main": [main.__name__, getattr(main, "SETTING", None)],
        "executable": sys.executable,
        "environment": sorted(name for name in os.environ if not name.startswith(("SCALER_DROPIN", "SCALER_NATIVE"))),
        "descriptors": len([name for name in os.listdir("/proc/self/fd") if name in ("0", "1", "2")]),
        "beside": beside.VALUE,
        "method": __import__("multiprocessing").get_start_method(),
    }


if __name__ == "__main__":
    address = "tcp://127.0.0.1:" + sys.argv[1]
    cluster = SchedulerClusterCombo(address=address, n_workers=2)
    manager = cluster._worker_manager_process
    with Client(address=address) as client:
        say("SUM", client.submit(add, 2, 3).result())
        say("PROGRAM", os.readlink("/proc/%d/exe" % manager.pid))
        say("TASK", json.dumps(client.submit(look_around).result(), sort_keys=True))
    say("ALIVE", manager.is_alive(), manager.exitcode)
    if "--wait" in sys.argv:
        manager.join()
    cluster.shutdown()
    say("EXIT", manager.exitcode, manager.is_alive())
