"""The command line that starts an interpreter as the worker host or as a worker. Twin of python/embed.go.

The program is one short line, because `ps` shows it, and reads the sources from a descriptor. It must not import
anything: at that point the working directory comes first on sys.path.
"""

import json

LINE = "f=open(%d,'rb');exec(f.readline())"
FIRST = ("scaler_native/host/directory.py", "scaler_native/host/boot.py")


def arguments(role, channel, sources):
    """The interpreter's arguments for a role. Both others are descriptors; `sources` is the one for `program`."""
    return ["-c", LINE % sources, role, str(channel)]


def program(sources):
    """The bytes for that descriptor: the first files to execute, as one line of Python, then `sources`.

    `sources` is the JSON of all files by name.
    """
    files = json.loads(sources)
    line = ";".join("exec(compile(%s,'scaler-native:%s','exec'))" % (json.dumps(files[name]), name) for name in FIRST)
    return line.encode("ascii") + b"\n" + sources
