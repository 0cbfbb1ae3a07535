"""What a processor does beside being Scaler's: it begins as a spawned one would."""

import os
import signal
from multiprocessing import process, reduction, spawn

from . import ending, generators, popen, title


def run(number, pickled, prepare):
    """Be a processor of worker `number` until it ends. Returns its exit code."""
    title.processor(number)
    generators.reseed()
    return ending.run(lambda: _bootstrap(pickled, prepare))


def _bootstrap(pickled, prepare):
    # As multiprocessing.spawn does around its load.
    process.current_process()._inheriting = True
    try:
        spawn.prepare(prepare)
        processor = reduction.ForkingPickler.loads(pickled)
    finally:
        del process.current_process()._inheriting
    # What multiprocessing.parent_process tells: the pickled object names the worker.
    processor._parent_pid = os.getppid()
    # A task may be interrupted by SIGINT as in any Python program.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return processor._bootstrap(parent_sentinel=popen.sentinel(os.getppid()))
