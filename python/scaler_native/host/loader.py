"""How an interpreter is started for the worker host, or for a worker: with one short line for a program.

The sources come through a descriptor. What stands in the arguments is what `ps` shows, and must import nothing: at
that time the working directory comes first on sys.path. The Go side is python/embed.go.
"""

import json

LINE = "f=open(%d,'rb');exec(f.readline())"
FIRST = ("scaler_native/host/directory.py", "scaler_native/host/boot.py")


def arguments(role, channel, sources):
    """What follows the interpreter: the role, and the descriptors of its channel and of `program`."""
    return ["-c", LINE % sources, role, str(channel)]


def program(sources):
    """What is to be read from that descriptor, for the JSON of all files by name: the first ones to run, in one line,
    and the JSON."""
    files = json.loads(sources)
    line = ";".join("exec(compile(%s,'scaler-native:%s','exec'))" % (json.dumps(files[name]), name) for name in FIRST)
    return line.encode("ascii") + b"\n" + sources
