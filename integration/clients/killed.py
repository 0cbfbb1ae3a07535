"""Runs a task whose processor is to be killed, then another one: killed.py ADDRESS FILE

The task writes its process id into FILE and waits for its end.
"""

import json
import os
import sys
import time

from scaler import Client


def doomed(path):
    with open(path + ".part", "w") as file:
        file.write(str(os.getpid()))
    os.rename(path + ".part", path)
    time.sleep(600)


address, path = sys.argv[1:]
with Client(address=address) as client:
    try:
        client.submit(doomed, path).result()
        error, message = None, None
    except Exception as exception:
        error, message = type(exception).__name__, str(exception)
    print(json.dumps({"error": error, "message": message, "next": client.submit(os.getpid).result()}))
