"""Runs a task whose child, in a session of its own, takes memory, then another task.

hog.py ADDRESS FILE {popen,fork} MEGABYTES

popen: a child of the task. fork: a grandchild whose parent has ended, so that another process has adopted it. The hog
writes its process id into FILE; the task waits for 20 s, or until the hog is gone.
"""

import json
import os
import sys
import time

from scaler import Client

HOG = """
import os, sys, time
path, megabytes = sys.argv[1], int(sys.argv[2])
with open(path + ".part", "w") as file:
    file.write(str(os.getpid()))
os.rename(path + ".part", path)
held = []
for _ in range(megabytes // 10):
    held.append(b"x" * (10 << 20))
    time.sleep(0.02)
time.sleep(600)
"""


def feed(source, path, how, megabytes):
    import subprocess

    command = [sys.executable, "-c", source, path, str(megabytes)]
    if how == "popen":
        child = subprocess.Popen(command, start_new_session=True)
    else:
        child = None
        first = os.fork()
        if first == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv(command[0], command)
            os._exit(0)
        os.waitpid(first, 0)
    for _ in range(200):
        time.sleep(0.1)
        if child is not None and child.poll() is not None:
            return "hog ended"
        if os.path.exists(path):
            with open(path) as file:
                pid = file.read()
            try:
                with open("/proc/%s/stat" % pid) as file:
                    if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                        return "hog ended"
            except OSError:
                return "hog ended"
    return "hog lives"


with Client(address=sys.argv[1]) as client:
    try:
        fate = client.submit(feed, HOG, sys.argv[2], sys.argv[3], int(sys.argv[4])).result()
    except Exception as error:
        fate = type(error).__name__
    print(json.dumps({"fate": fate, "next": client.submit(os.getpid).result()}))
