"""What a processor does beside being Scaler's: it begins as a spawned one would."""

import gc
import os
import signal
from multiprocessing import process, reduction, spawn

from . import ending, generators, popen, title


def run(number, pickled, prepare):
    """Be a processor of worker `number` until it ends. Returns its exit code."""
    title.processor(number)
    generators.reseed()
    return ending.run(lambda: _bootstrap(lambda: reduction.ForkingPickler.loads(pickled), prepare))


def run_made(number, make, prepare):
    """Be the processor that `make` makes, in the same way."""
    gc.enable()
    title.processor(number)
    generators.reseed()
    return ending.run(lambda: _bootstrap(make, prepare))


def _bootstrap(make, prepare):
    # As multiprocessing.spawn does around its load.
    process.current_process()._inheriting = True
    try:
        spawn.prepare(prepare)
        processor = make()
    finally:
        del process.current_process()._inheriting
    # What multiprocessing.parent_process tells: the object names the worker, or this process.
    processor._parent_pid = os.getppid()
    # A task may be interrupted by SIGINT as in any Python program.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _end_when_told(processor)
    return processor._bootstrap(parent_sentinel=popen.sentinel(os.getppid()))


def _end_when_told(processor):
    """Have SIGTERM end a processor that is not in receive() just then.

    Its handler destroys the connection to the agent. With YMQ, receive() then returns None at once, and up to 2.6.0 the
    processor calls it again and again: it keeps a CPU busy until it is killed. An agent that stops a processor as soon
    as it has the result of its task, as the manager's does, often meets it there.
    """
    interrupt = getattr(processor, "_Processor__interrupt", None)
    if interrupt is None:
        return

    def interrupt_and_end(*arguments):
        interrupt(*arguments)
        processor._connector_agent.receive = _end

    processor._Processor__interrupt = interrupt_and_end


def _end():
    raise InterruptedError  # all releases take it for the end
