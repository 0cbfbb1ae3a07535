"""Has a processor log two lines, and renames its log file in between: logged.py ADDRESS

Prints what the two tasks said of their log files, and what is in the files then.
"""

import json
import os
import sys

from scaler import Client


def log(text):
    import logging
    import os

    logger = logging.getLogger("scaler")  # from 2.6 on it has the handlers, before that the root has them
    logger.warning(text)
    handlers = logger.handlers + logging.getLogger().handlers
    return [os.getpid(), [handler.baseFilename for handler in handlers if isinstance(handler, logging.FileHandler)]]


def lines(path):
    with open(path) as file:
        return [line.split(": ", 1)[-1].strip() for line in file if "the line " in line]


with Client(address=sys.argv[1]) as client:
    before, (path,) = client.submit(log, "the line before").result()
    os.rename(path, path + ".1")
    after, _ = client.submit(log, "the line after").result()
print(json.dumps({"path": path, "same": before == after, "renamed": lines(path + ".1"), "new": lines(path)}))
