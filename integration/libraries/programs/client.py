"""Runs the tasks of one library on the cluster: client.py ADDRESS LIBRARY SECONDS COPIES

Each task is submitted COPIES times at once, so that as many processors run it side by side. For each task a JSON object
is printed with what they returned. A task that takes more than SECONDS counts as hanging: then this program prints that
and waits to be killed, so that its caller can look at the processors.
"""

import concurrent.futures
import importlib
import inspect
import json
import sys
import time

from scaler import Client


class Counted:
    """A task that also tells how many threads its process has afterwards."""

    def __init__(self, task):
        self.task = task

    def __call__(self):
        import os

        return self.task(), len(os.listdir("/proc/self/task"))


def tasks_of(library):
    module = importlib.import_module("tasks.use_" + library)
    own = [item for _, item in inspect.getmembers(module, inspect.isfunction) if item.__module__ == module.__name__]
    return sorted((item for item in own if not item.__name__.startswith("_")), key=lambda item: item.__name__)


def outcome(future, limit):
    try:
        value, threads = future.result(limit)
        return {"value": value, "threads": threads}
    except concurrent.futures.TimeoutError:
        if not future.done():
            return {"hangs": True}
        return {"error": "TimeoutError"}
    except BaseException as error:  # a cancelled future raises what is no Exception
        return {"error": type(error).__name__, "says": str(error)[:300]}


def main(address, library, limit, copies):
    with Client(address=address) as client:
        for task in tasks_of(library):
            begun = time.time()
            futures = [client.submit(Counted(task)) for _ in range(copies)]
            outcomes = [outcome(future, max(1.0, begun + limit - time.time())) for future in futures]
            print(json.dumps({"task": task.__name__, "outcomes": outcomes}), flush=True)
            if any("hangs" in item for item in outcomes):
                sys.stdin.read()
        print(json.dumps({"task": ""}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int((sys.argv + [2])[4]))
