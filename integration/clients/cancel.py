"""Cancels a running task, then runs another one: cancel.py ADDRESS FILE

The running task writes its process id into FILE, which tells that it runs.
"""

import json
import os
import sys
import time

from scaler import Client


def linger(path):
    with open(path + ".part", "w") as file:
        file.write(str(os.getpid()))
    os.rename(path + ".part", path)
    time.sleep(600)


address, path = sys.argv[1:]
with Client(address=address) as client:
    future = client.submit(linger, path)
    while not os.path.exists(path):
        time.sleep(0.02)
    future.cancel()
    print(json.dumps({"cancelled": future.cancelled(), "next": client.submit(os.getpid).result()}))
