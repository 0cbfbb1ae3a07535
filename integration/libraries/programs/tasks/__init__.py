"""Tasks that use a library: one module each, and in it each public function is a task.

A task imports the library itself, needs no argument, and returns what is the same each time: numbers and strings.
Where the library has threads of its own, the work is large enough for it to use them.
"""

import contextlib
import multiprocessing


@contextlib.contextmanager
def with_processes():
    """Lets a task start processes with multiprocessing.

    multiprocessing.Process adds a tuple to the _identity of its parent, which is bytes in Scaler's Processor (2.0.20
    to 2.9.0).
    """
    process = multiprocessing.current_process()
    former, process._identity = process._identity, ()
    try:
        yield
    finally:
        process._identity = former
