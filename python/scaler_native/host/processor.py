"""What a processor does beside being Scaler's: it begins as a spawned one would."""

import functools
import gc
import os
import signal
import sys
import traceback
import types
from multiprocessing import process, reduction, spawn

from . import ending, fork, generators, settings, stacks, title


def run(number, pickled, prepare):
    """Be a processor of worker `number` until it ends. Returns its exit code."""
    _prepare(number)
    return ending.run(lambda: _bootstrap(lambda: reduction.ForkingPickler.loads(pickled), prepare))


def run_made(number, make, prepare):
    """Be the processor that `make` makes, in the same way."""
    gc.enable()
    _prepare(number)
    return ending.run(lambda: _bootstrap(lambda: _ends_when_it_fails(make()), prepare))


def _prepare(number):
    title.processor(number)
    settings.apply_to_processor()
    stacks.give_own()
    generators.reseed()


def _ends_when_it_fails(processor):
    """A processor whose preload fails would not end: it has begun a thread for which it waits, and which nobody ends
    (1.26.0 to 2.9.0). There were no tasks then whose traces would have to be finalized."""
    name = "_Processor__initialize"
    initialize = getattr(processor, name, None)
    if initialize is None:
        return processor

    def initialize_or_end():
        try:
            initialize()
        except BaseException:
            traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(1)

    setattr(processor, name, initialize_or_end)
    return processor


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
    return processor._bootstrap(parent_sentinel=fork.open_pidfd(os.getppid()))


def _end_when_told(processor):
    """Have SIGTERM end a processor that is not in receive() just then.

    Its handler destroys the connection to the agent. With YMQ, receive() then returns None at once, and up to 2.6.0 the
    processor calls it again and again: it keeps a CPU busy until it is killed. An agent that stops a processor as soon
    as it has the result of its task, as the manager's does, often meets it there.
    """
    interrupt = getattr(processor, "_Processor__interrupt", None)
    if interrupt is None:
        return

    @functools.wraps(interrupt.__func__)
    def interrupt_and_end(self, *arguments):
        interrupt(*arguments)
        self._connector_agent.receive = _end

    # A task may look at the handler: it stays a method.
    processor._Processor__interrupt = types.MethodType(interrupt_and_end, processor)


def _end():
    raise InterruptedError  # all releases take it for the end
