"""A client of every feature that a worker manager has a part in: client_program.py ADDRESS FOLDER

It prints the name of each part that went right, one a line, as soon as it did.
"""

import os
import sys
import time

from scaler import Client


def square(x):
    return x * x


def fail():
    raise ValueError("as it should")


def nap():
    time.sleep(0.2)
    return os.getpid()


def linger(path):
    with open(path, "w"):
        pass
    time.sleep(600)


def outer(address, x):
    with Client(address=address) as client:
        return client.submit(square, x).result() + 1


def passed(name):
    print(name, flush=True)


address, folder = sys.argv[1:]
with Client(address=address) as client:
    if list(client.map(square, range(100))) == [x * x for x in range(100)]:
        passed("tasks")
    try:
        client.submit(fail).result()
    except ValueError as error:
        if str(error) == "as it should":
            passed("exception")
    if client.submit(outer, address, 3).result() == 10:
        passed("nested")
    path = os.path.join(folder, "lingers")
    future = client.submit(linger, path)
    while not os.path.exists(path):
        time.sleep(0.01)
    future.cancel()
    if future.cancelled() and client.submit(square, 5).result() == 25:
        passed("cancel")
    naps = [client.submit(nap) for _ in range(20)]
    if len({future.result() for future in naps}) == 2:
        passed("two processors")
