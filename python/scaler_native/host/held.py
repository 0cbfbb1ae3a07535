"""A spare processor: made before anybody needs it, it waits at the last point where nothing depends on when it is needed.

That is behind the set-up of Scaler's loggers and before the first connection. A connection that is made earlier could be
lost while nobody looks (an object storage that is restarted, a firewall that forgets), and fail the task that the
processor was kept for. `--preload` runs after it as well.
"""

import functools
import importlib
import os

from . import title

# What the processor says when it waits.
READY = b"\0"
# In __initialize this call comes after the loggers and before the connections (1.26.0 to 2.9.0).
_MODULE, _CALL, _AFTER = "tblib.pickling_support", "install", "_connector_agent"
_LONGEST = 4096  # of an order, which is a number and an address


def order(number, storage):
    """What lets a spare go on, as a processor of the worker of that number."""
    return b"%d %s" % (number, storage.encode())


def is_stopped(pid):
    """Whether a process would not take an order: it is stopped, or has ended."""
    try:
        descriptor = os.open("/proc/%d/stat" % pid, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        return os.read(descriptor, 512).rpartition(b")")[2][1:2] in (b"T", b"t", b"Z", b"X")
    finally:
        os.close(descriptor)


def hold(processor, descriptor, keep, give_storage):
    """In the spare: have `processor` wait in its run() for an order from `descriptor`, which is closed then unless `keep`.
    `give_storage` is called with the processor and the address in the order. Returns the processor."""

    def wait():
        os.write(descriptor, READY)
        ordered = os.read(descriptor, _LONGEST)
        if not ordered:
            os._exit(0)  # the worker's process is gone
        number, storage = ordered.decode().split(" ", 1)
        if not keep:
            os.close(descriptor)
        give_storage(processor, storage)
        title.processor(int(number))

    def run():
        del processor.run  # nothing of this is left for tasks to see
        if _initializes(type(processor)):
            _before_connections(wait)
        else:
            wait()
        processor.run()

    processor.run = run
    return processor


def _initializes(processor_class):
    """Whether the call above stands where it should."""
    initialize = getattr(processor_class, "_Processor__initialize", None)
    if initialize is None or "_Processor__initialize" not in processor_class.run.__code__.co_names:
        return False
    names = initialize.__code__.co_names  # in the order of their first use
    found = [names.index(name) if name in names else -1 for name in (_MODULE.rpartition(".")[2], _CALL, _AFTER)]
    return -1 < found[0] < found[1] < found[2]


def _before_connections(wait):
    support = importlib.import_module(_MODULE)
    install = getattr(support, _CALL)

    @functools.wraps(install)
    def wait_and_install(*arguments, **keywords):
        setattr(support, _CALL, install)
        wait()
        return install(*arguments, **keywords)

    setattr(support, _CALL, wait_and_install)
