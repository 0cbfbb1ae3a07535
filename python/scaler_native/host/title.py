"""The titles of the host's processes in `ps`, `top` and `pstree` (Linux), which otherwise would all look the same.

The tools show the arguments, which the kernel reads from the memory of the process, or a name of 15 bytes. Both are
replaced. Where that is not possible, the process keeps those that it was started with.
"""

from . import fork

try:
    import ctypes
except ImportError:  # built without libffi
    ctypes = None

# The address of the first argument, and the number of bytes up to the end of the last; None if they are not known.
_arguments = None


def prepare():
    """Find the arguments in memory. A fork has them at the same place."""
    global _arguments
    try:
        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        start, end = (
            int(fields[45]),
            int(fields[46]),
        )  # arg_start and arg_end: 48 and 49 of proc(5), which counts from 1
        with open("/proc/self/cmdline", "rb") as file:
            shown = file.read()
        # A sandbox may return any address: check that the arguments are really there.
        with open("/proc/self/mem", "rb", buffering=0) as file:
            file.seek(start)
            found = file.read(end - start)
    except (OSError, ValueError, IndexError, OverflowError):
        return
    if ctypes is not None and found and found == shown:
        _arguments = (start, len(found))


def host():
    prepare()
    _set("scaler: worker host", b"scaler-host")


def tracker():
    _set("scaler: resource tracker of the worker host", b"scaler-tracker")


def worker(number, identity):
    _set(_worker(number, identity), b"scaler-worker")


def prepared_worker(number, identity):
    """A worker's title, for `show`."""
    return _arguments and _padded(_worker(number, identity)), b"scaler-worker"


def show(prepared):
    """Set a prepared title, with as little code as possible: see lean.fork_some."""
    text, name = prepared
    fork.name_thread(name)
    if text:
        ctypes.memmove(_arguments[0], text, _arguments[1])


def parent(number):
    _set("scaler: parent of processors of worker %d" % number, b"scaler-parent")


def processor(number):
    _set("scaler: processor of worker %d" % number, b"scaler-task")


def spare():
    _set("scaler: spare processor", b"scaler-spare")


def _worker(number, identity):
    if not number:
        return "scaler: spare worker"
    return "scaler: worker %d %s" % (number, identity[-8:].decode("ascii", "replace"))


def _padded(text):
    # If the last byte is not 0, the kernel takes the memory for a title that ends at the first 0 (get_mm_cmdline in
    # fs/proc/base.c). So nothing behind the arguments needs to be written.
    size = _arguments[1]
    text = text.encode("utf-8", "replace")[: size - 2]
    return text + bytes(size - 1 - len(text)) + b"."


def _set(text, name):
    show((_arguments and _padded(text), name))
