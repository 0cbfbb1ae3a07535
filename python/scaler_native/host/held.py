"""A spare processor: forked early, it waits in its start at the last point that does not depend on when it is needed.

That is after Scaler's loggers are configured and before the first connection. An earlier connection could break
unnoticed (a restarted object storage, a firewall's timeout), and then fail the first task. `--preload` runs later, too.
"""

import functools
import importlib
import os

from . import title

# The spare sends this when it waits.
READY = b"\0"
# In Processor.__initialize this call comes after the loggers and before the connections (1.26.0 to 2.9.0).
_MODULE, _CALL, _AFTER = "tblib.pickling_support", "install", "_connector_agent"
_LONGEST = 4096  # bytes of an order: a number and an address


def order(number, storage):
    """The order that makes a spare a processor of worker `number`. `storage` is the object storage's address."""
    return b"%d %s" % (number, storage.encode())


def is_stopped(pid):
    """Whether a process is stopped or has ended, and so would not read an order."""
    try:
        descriptor = os.open("/proc/%d/stat" % pid, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        return os.read(descriptor, 512).rpartition(b")")[2][1:2] in (b"T", b"t", b"Z", b"X")
    finally:
        os.close(descriptor)


def hold(processor, descriptor, keep, give_storage):
    """In the spare: have `processor` wait for its order in run(). Returns the processor.

    The order comes from `descriptor`, which is then closed unless `keep` is true. `give_storage` is called with the
    processor and the object storage's address.
    """

    def wait():
        os.write(descriptor, READY)
        ordered = os.read(descriptor, _LONGEST)
        if not ordered:
            os._exit(0)  # the worker's process has ended
        number, storage = ordered.decode().split(" ", 1)
        if not keep:
            os.close(descriptor)
        give_storage(processor, storage)
        title.processor(int(number))

    def run():
        del processor.run  # tasks must not see it
        if _initializes(type(processor)):
            _before_connections(wait)
        else:
            wait()
        processor.run()

    processor.run = run
    return processor


def _initializes(processor_class):
    """Whether the release has that call where it is expected."""
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
