"""What `ps`, `top` and `pstree` show of our processes (Linux), for they all run the same program.

Two things are shown: the arguments, which are read from the memory of the process, and a name of 15 bytes. Both are
replaced; where the kernel does not let us, the process keeps what it was started with.
"""

from . import fork

try:
    import ctypes
except ImportError:  # an interpreter that was built without libffi
    ctypes = None

# The first argument's address and the number of bytes up to the end of the last; None until `prepare`, or for good.
_arguments = None


def prepare():
    """Find out where the arguments are. A fork has them at the same place."""
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
        # Only an address where the arguments are found is written to; a sandbox may tell any.
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
    """For `show`: what a worker is to show, made ahead."""
    return _arguments and _padded(_worker(number, identity)), b"scaler-worker"


def show(prepared):
    """Show it, with as little code as can be: see lean.fork_some."""
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
    # Where the last byte is not 0 the kernel takes what is there for a title, which ends at the first 0
    # (fs/proc/base.c, get_mm_cmdline). So not a byte behind the arguments is touched.
    size = _arguments[1]
    text = text.encode("utf-8", "replace")[: size - 2]
    return text + bytes(size - 1 - len(text)) + b"."


def _set(text, name):
    show((_arguments and _padded(text), name))
