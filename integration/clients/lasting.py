"""Brings up three workers by many short tasks, then runs two long ones: lasting.py ADDRESS FOLDER SECONDS

Each run of a long task leaves a file in the folder. Prints how often they were run until both were done.
"""

import json
import os
import sys
import time

from scaler import Client


def short():
    time.sleep(0.1)
    return os.getpid()


def long(folder, seconds):
    import uuid

    open(os.path.join(folder, uuid.uuid4().hex), "w").close()
    time.sleep(seconds)


address, folder, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
with Client(address=address) as client:
    # The policy adds a worker while there are more than ten tasks for each; a new one gets the next tasks.
    brief = [client.submit(short) for _ in range(36)]
    processes = set()
    while len(processes) < 3:
        time.sleep(0.1)
        brief.append(client.submit(short))
        processes = {future.result() for future in brief if future.done()}
    for future in brief:  # then each of the long ones gets a worker of its own
        future.result()
    lasting = [client.submit(long, folder, seconds) for _ in range(2)]
    for future in lasting:
        future.result()
    print(json.dumps({"runs": len(os.listdir(folder))}))
