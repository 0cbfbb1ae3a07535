"""Modules in the manager's working directory that have names of the standard library's, and note who imports them."""

import os

# Those that a Python program with child processes is likely to import.
NAMES = (
    "argparse asyncio base64 bisect calendar collections concurrent configparser contextlib copy copyreg csv "
    "ctypes dataclasses datetime decimal email enum functools getpass gzip hashlib heapq importlib inspect io "
    "ipaddress json keyword linecache locale logging multiprocessing numbers operator pathlib pickle pkgutil "
    "platform queue random re reprlib resource runpy secrets select selectors shlex shutil signal site socket ssl "
    "stat string struct subprocess tempfile textwrap threading token tokenize traceback types typing urllib uuid "
    "warnings weakref zipfile"
).split()

_SOURCE = """\
import os as _os, sys as _sys
with open({log!r}, "a") as _log:
    _log.write(__name__ + "\\n")
_path = _sys.path[:]
_sys.path[:] = [_p for _p in _path if _os.path.abspath(_p or ".") != {folder!r}]
_sys.path_importer_cache.clear()
del _sys.modules[__name__]
__import__(__name__)
_sys.path[:] = _path
"""


def plant(folder, log):
    for name in NAMES:
        with open(os.path.join(folder, name + ".py"), "w") as file:
            file.write(_SOURCE.format(log=log, folder=folder))


def imported(log):
    try:
        with open(log) as file:
            return sorted(set(file.read().split()))
    except OSError:
        return []
