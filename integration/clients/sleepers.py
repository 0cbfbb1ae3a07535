"""Submits sleeping tasks, says so, and tells which processes ran them: sleepers.py ADDRESS COUNT SECONDS"""

import json
import os
import sys
import time

from scaler import Client


def sleep(seconds):
    time.sleep(seconds)
    return os.getpid()


with Client(address=sys.argv[1]) as client:
    futures = [client.submit(sleep, float(sys.argv[3])) for _ in range(int(sys.argv[2]))]
    print(json.dumps({"submitted": len(futures)}), flush=True)
    print(json.dumps({"processors": sorted({future.result() for future in futures})}), flush=True)
