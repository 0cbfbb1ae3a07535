"""Runs a task for each line of its standard input, which is a capability: limits.py ADDRESS

The task tells what it finds at its worker. With a minus in front of the capability, the task is cancelled.
Prints {"name": CAPABILITY, "value": {...}, "error": TEXT}.
"""

import json
import sys
import threading

from scaler import Client


def look():
    """What a task of any program needs: a child, a thread, a file."""
    import os
    import signal
    import subprocess
    import tempfile
    import threading

    def attempt(what):
        try:
            return what()
        except Exception as error:
            return "%s: %s" % (type(error).__name__, error)

    def thread():
        seen = []
        worker = threading.Thread(target=seen.append, args=("seen",))
        worker.start()
        worker.join()
        return seen[0]

    def file():
        with tempfile.TemporaryFile() as scratch:
            return scratch.write(b"x")

    return {
        "uid": os.getuid(),
        "child": attempt(lambda: subprocess.check_output(["/bin/echo", "hello"]).decode().strip()),
        "thread": attempt(thread),
        "file": attempt(file),
        "blocked": sorted(int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    }


printing = threading.Lock()
with Client(address=sys.argv[1]) as client:
    print(json.dumps({"ready": True}))
    futures = {}

    def show(name, future):
        try:
            text = json.dumps({"name": name, "value": future.result()})
        except BaseException as error:
            text = json.dumps({"name": name, "error": "%s: %s" % (type(error).__name__, error)})
        with printing:
            print(text, flush=True)

    for line in sys.stdin:
        name = line.strip()
        if name.startswith("-"):
            futures.pop(name[1:]).cancel()
            continue
        future = client.submit_verbose(look, (), {}, capabilities={name: -1})
        futures[name] = future
        threading.Thread(target=show, args=(name, future), daemon=True).start()
