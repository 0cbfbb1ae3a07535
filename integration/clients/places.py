"""Tells where tasks run that last long enough to spread over workers: places.py ADDRESS COUNT VARIABLE

One object a task, with the value of the variable there.
"""

import json
import sys

from scaler import Client


def place(variable):
    import os
    import time

    time.sleep(0.4)
    return {"value": os.environ.get(variable), "cpus": sorted(os.sched_getaffinity(0)), "processor": os.getpid()}


with Client(address=sys.argv[1]) as client:
    futures = [client.submit(place, sys.argv[3]) for _ in range(int(sys.argv[2]))]
    print(json.dumps([future.result() for future in futures]))
