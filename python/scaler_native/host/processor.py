"""Runs Scaler's Processor in a fork, in such a way that tasks find what they would find in a spawned process."""

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
    """Run a pickled processor of worker `number` until it ends. Returns its exit code."""
    _prepare(number)
    return ending.run(lambda: _bootstrap(lambda: reduction.ForkingPickler.loads(pickled), prepare))


def run_made(number, make, prepare):
    """Run the processor that `make` returns, in the same way."""
    gc.enable()
    _prepare(number)
    return ending.run(lambda: _bootstrap(lambda: _ends_when_it_fails(make()), prepare))


def _prepare(number):
    title.processor(number)
    settings.apply_to_processor()
    stacks.open_own()
    generators.reseed()
    _forget_fork_server()


def _forget_fork_server():
    """Let a task start a fork server of its own.

    That of a module in --warm-imports is the host's child. Python would wait for it here: ChildProcessError.
    """
    module = sys.modules.get("multiprocessing.forkserver")
    server = module and module._forkserver
    if server is None or server._forkserver_pid is None:
        return
    os.close(server._forkserver_alive_fd)  # the server ends when nobody has it any more
    preload = server._preload_modules
    server.__init__()
    server._preload_modules = preload


def _ends_when_it_fails(processor):
    """Make a processor exit if its preload fails.

    Otherwise it waits for a thread that nobody ends (1.26.0 to 2.9.0). No task has run by then, so there is nothing to
    finalize.
    """
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
    # As in multiprocessing.spawn._main.
    process.current_process()._inheriting = True
    try:
        spawn.prepare(prepare)
        processor = make()
    finally:
        del process.current_process()._inheriting
    # For multiprocessing.parent_process: the object has the pid of the worker, or of this process.
    processor._parent_pid = os.getppid()
    # SIGINT interrupts a task as in any Python program.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _end_when_told(processor)
    return processor._bootstrap(parent_sentinel=fork.open_pidfd(os.getppid()))


def _end_when_told(processor):
    """Make SIGTERM end a processor that is not in receive() when the signal comes.

    Its handler destroys the connection to the agent. With YMQ, receive() then returns None at once, and up to 2.6.0 the
    processor calls it again and again, and keeps a CPU busy until it is killed. That happens often with the manager's
    agent, which stops a processor as soon as it has the result of a task.
    """
    interrupt = getattr(processor, "_Processor__interrupt", None)
    if interrupt is None:
        return

    @functools.wraps(interrupt.__func__)
    def interrupt_and_end(self, *arguments):
        interrupt(*arguments)
        self._connector_agent.receive = _end

    # It stays a method, because a task may look at the handler.
    processor._Processor__interrupt = types.MethodType(interrupt_and_end, processor)


def _end():
    raise InterruptedError  # every release ends the processor's loop on it
