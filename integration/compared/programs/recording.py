"""What the two programs run.py have in common: they run all cases under one manager, print what they found as one JSON
object, and leave nothing behind."""

import json
import os
import shutil
import signal
import sys
import tempfile
import threading


def record(start):
    """Prints the outcomes() of what start(folder) returns. When the standard input ends, which it does with the test,
    the processes of its place are killed."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # a shell's background jobs ignore some, and all children would
    answer = os.dup(1)
    os.dup2(2, 1)  # Scaler's client and connectors print, too
    with tempfile.TemporaryDirectory(prefix="sn") as folder:
        run = start(folder)
        threading.Thread(target=_guard, args=(run.place, folder), daemon=True).start()
        try:
            outcomes = run.outcomes()
        finally:
            run.place.kill()
    with os.fdopen(answer, "w") as stream:
        json.dump(outcomes, stream, indent=1, sort_keys=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # sockets of the release, and what odd tasks left in the client, may hold up an orderly exit


def _guard(place, folder):
    sys.stdin.read()
    place.kill()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(3)
