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
    return processor._bootstrap(parent_sentinel=popen.sentinel(os.getppid()))
