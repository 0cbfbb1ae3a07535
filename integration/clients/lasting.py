"""Brings up workers by many short tasks, while two long ones run on: lasting.py ADDRESS FOLDER SECONDS

Each run of a long task leaves a file in the folder. Prints how often the long ones were run until they were done.
"""

import json
import os
import sys
import time

from scaler import Client


def short():
    import time

    time.sleep(0.2)


def long(folder, seconds):
    import os
    import time
    import uuid

    open(os.path.join(folder, uuid.uuid4().hex), "w").close()
    time.sleep(seconds)


address, folder, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
with Client(address=address) as client:
    lasting = [client.submit(long, folder, seconds)]
    while not os.listdir(folder):
        time.sleep(0.02)
    brief = [client.submit(short) for _ in range(24)]
    # On the second worker, which the short ones have brought up.
    while len({future.done() for future in brief}) < 2:
        time.sleep(0.02)
    lasting.append(client.submit(long, folder, seconds))
    for future in brief + lasting:
        future.result()
    print(json.dumps({"runs": len(os.listdir(folder))}))
