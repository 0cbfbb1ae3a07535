"""Runs tasks that leave processes of their own behind, in sessions of their own: detach.py ADDRESS COUNT"""

import json
import os
import sys

from scaler import Client


def detach():
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(write, b"%d" % os.getpid())
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            os.execvp("sleep", ["sleep", "1000"])
        os._exit(0)
    os.wait()
    return int(os.read(read, 20))


with Client(address=sys.argv[1]) as client:
    futures = [client.submit(detach) for _ in range(int(sys.argv[2]))]
    print(json.dumps({"detached": [future.result() for future in futures]}))
