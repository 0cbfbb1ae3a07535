"""What a task finds in its interpreter: collector, threads, signals, event loops, the process as Python sees it."""

from registry import look


@look
def diagnostics():
    import faulthandler
    import gc
    import tracemalloc

    return {
        "faulthandler": faulthandler.is_enabled(),
        "tracemalloc": tracemalloc.is_tracing(),
        "gc debug": gc.get_debug(),
    }


@look
def collector():
    import gc

    return {
        "enabled": gc.isenabled(),
        "thresholds": gc.get_threshold(),
        "callbacks": len(gc.callbacks),
        "garbage": len(gc.garbage),
    }


@look
def frozen_objects():
    import gc

    return {"some are frozen": gc.get_freeze_count() > 0}


@look
def threads():
    import os
    import threading

    return {
        "names": sorted(thread.name for thread in threading.enumerate()),
        "daemons": sorted(thread.name for thread in threading.enumerate() if thread.daemon),
        "count": len(os.listdir("/proc/self/task")),
        "current": threading.current_thread().name,
        "main": threading.main_thread() is threading.current_thread(),
        "class": type(threading.main_thread()).__name__,
        "native": threading.get_native_id() == os.getpid(),
        "known": threading.main_thread().native_id == os.getpid(),
        "identifier": threading.main_thread().ident == threading.get_ident(),
    }


@look
def signal_handlers():
    import signal

    def name(handler):
        return getattr(handler, "__qualname__", None) or getattr(handler, "name", None) or str(handler)

    return {
        str(number): name(signal.getsignal(number)) for number in sorted(signal.valid_signals()) if int(number) < 34
    }


@look
def signal_state():
    import signal

    wakeup = signal.set_wakeup_fd(-1)
    return {
        "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
        "pending": sorted(map(int, signal.sigpending())),
        "wakeup": wakeup,
        "timers": [signal.getitimer(kind) for kind in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)],
    }


@look
def event_loop():
    import asyncio

    def attempt(function):
        try:
            return type(function()).__name__
        except RuntimeError as error:
            return str(error)

    async def inside():
        return type(asyncio.get_running_loop()).__module__

    return {
        "running": attempt(asyncio.get_running_loop),
        "policy": type(asyncio.get_event_loop_policy()).__name__,
        "new": asyncio.run(inside()),
    }


@look
def context_variables():
    import contextvars

    return {"names": sorted(variable.name for variable in contextvars.copy_context())}


@look
def process_object():
    import multiprocessing
    import os

    current, parent = multiprocessing.current_process(), multiprocessing.parent_process()
    return {
        "class": type(current).__module__ + "." + type(current).__qualname__,
        "name": current.name,
        "daemon": current.daemon,
        "pid": current.pid == os.getpid(),
        "alive": current.is_alive() if current._parent_pid == os.getpid() else "not asked",
        "authkey": len(current.authkey),
        "config": sorted(current._config),
        "inheriting": getattr(current, "_inheriting", None),
        "identity": current._identity,
        "parent": type(parent).__name__,
        "parent's name": parent.name.split("|")[0].rstrip("0123456789") if parent else None,
    }


@look
def process_tree_by_multiprocessing():
    import multiprocessing
    import os

    current = multiprocessing.current_process()
    return {"made by the parent": current._parent_pid == os.getppid()}


@look
def start_methods():
    import multiprocessing

    return {
        "method": multiprocessing.get_start_method(allow_none=True),
        "all": multiprocessing.get_all_start_methods(),
        "processors": multiprocessing.cpu_count(),
        "logger": multiprocessing.get_logger().level,
        "context": type(multiprocessing.get_context()).__name__,
    }


@look
def resource_tracker():
    import os
    from multiprocessing import resource_tracker as tracker

    number = tracker._resource_tracker._fd
    return {"known": number is not None, "usable": number is not None and os.write(number, b"PROBE:0:noop\n") > 0}


@look
def what_is_run_at_the_end():
    import atexit
    import multiprocessing.util
    import threading
    import weakref

    return {
        "atexit": atexit._ncallbacks(),
        "finalizers": len(multiprocessing.util._finalizer_registry),
        "weakref": len(weakref.finalize._registry),
        "threading": len(getattr(threading, "_threading_atexits", [])),
    }


@look
def pickling_table():
    import copyreg

    return {
        "exceptions": ValueError in copyreg.dispatch_table,
        "tracebacks": any("traceback" in kind.__name__ for kind in copyreg.dispatch_table),
    }


@look
def small_defaults():
    import decimal
    import mimetypes
    import socket

    return {"socket": socket.getdefaulttimeout(), "decimal": decimal.getcontext().prec, "mimetypes": mimetypes.inited}


@look
def the_processor():
    import os

    from scaler.worker.agent.processor.processor import Processor

    processor = Processor.get_current_processor()
    return {
        "there": processor is not None,
        "pid": processor.pid == os.getpid(),
        "name": processor.name,
        "exit code": processor.exitcode if processor._parent_pid == os.getpid() else None,
        "task": processor.current_task() is not None,
    }
