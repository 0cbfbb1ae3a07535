"""Runs tasks that leave children in their worker's process group, which ignore SIGTERM: spawn.py ADDRESS COUNT"""

import json
import os
import sys
import time

from scaler import Client


def spawn():
    import signal

    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        for name in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(name, signal.SIG_IGN)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        os.write(write, b"x")
        os.closerange(3, 1024)  # none of its worker's connections
        os.execvp("sleep", ["sleep", "1000"])
    os.read(read, 1)
    os.close(read)
    os.close(write)
    time.sleep(0.1)  # so that the tasks spread over the workers
    return child


with Client(address=sys.argv[1]) as client:
    futures = [client.submit(spawn) for _ in range(int(sys.argv[2]))]
    print(json.dumps({"spawned": [future.result() for future in futures]}))
