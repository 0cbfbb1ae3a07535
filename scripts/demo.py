#!/usr/bin/env python3
"""Run the quick starts of Scaler's documentation on a real cluster: object storage, scheduler, our manager, a client.

    scripts/demo.py [RELEASE]     default: the newest tested release

It needs `make build` and the release's environment (scripts/venvs.py RELEASE). The manager runs in fixed mode first,
then in dynamic mode. Nothing is left running.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from cluster import BINARY, ROOT, Cluster

ADD = """
from scaler import Client

def add(a, b):
    return a + b

with Client(address="ADDRESS") as client:
    future = client.submit(add, 2, 3)
    print(future.result())
"""

# Scaler's documentation calls .result() on what map() returns. In the releases (1.26.0 to 2.9.0) it returns a list.
SQUARES = """
from scaler import Client

def square(x):
    return x * x

with Client(address="ADDRESS") as client:
    print(list(client.map(square, range(100))))
"""


def say(text):
    print("\033[1m%s\033[0m" % text if sys.stdout.isatty() else text, flush=True)


def run(cluster, logs, mode):
    command = [str(BINARY), "baremetal_native", cluster.address, "--mode", mode, "--max-task-concurrency", "4"]
    log_path = logs / ("manager-%s.log" % mode)
    say("\n$ scaler_worker_manager " + " ".join(command[1:]))
    environment = dict(os.environ, SCALER_PYTHON=str(cluster.programs / "python"))
    with open(log_path, "w") as log:
        manager = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        for name, text in (("add(2, 3)", ADD), ("squares of 0 to 99", SQUARES)):
            begun = time.monotonic()
            say("client: " + name)
            cluster.client(text)
            print("  (%.2f s, including the start of the client's Python)" % (time.monotonic() - begun))
    finally:
        begun = time.monotonic()
        manager.send_signal(signal.SIGTERM)
        status = manager.wait(30)
    say("SIGTERM: exit status %d after %.2f s. The manager's log:" % (status, time.monotonic() - begun))
    own = "[%d]" % manager.pid
    lines = log_path.read_text().splitlines()
    # Before 2.9 a log line does not name its process: then take those that are about workers.
    ours = [line for line in lines if own in line] or [line for line in lines if "worker" in line.lower()][:12]
    print("\n".join("  " + line for line in ours))
    try:
        os.killpg(manager.pid, 0)
        raise SystemExit("demo: the manager has left a process behind")
    except ProcessLookupError:
        print("  its process group is empty")
    return status


def main(arguments):
    locks = (ROOT / "integration" / "requirements").glob("*.txt")
    release = (
        arguments[0] if arguments else max((lock.stem for lock in locks), key=lambda v: [int(n) for n in v.split(".")])
    )
    if not BINARY.exists() or not (ROOT / ".venvs" / release).exists():
        raise SystemExit("demo: run `make demo`, which builds the binary and the environment first")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        logs = pathlib.Path(folder)
        say("Scaler %s: object storage server and scheduler" % release)
        cluster = Cluster(release, logs)
        try:
            statuses = [run(cluster, logs, mode) for mode in ("fixed", "dynamic")]
        finally:
            cluster.stop()
    say("\ndone in %.1f s" % (time.monotonic() - begun))
    return max(statuses)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
