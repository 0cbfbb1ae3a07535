"""What a task finds in its interpreter."""

from registry import look


@look
def search_path():
    import sys

    return {"path": sys.path}


@look
def arguments():
    import sys

    return {"argv": [word for word in sys.argv[1:]], "program": sys.argv[0].rsplit("/", 1)[-1]}


@look
def original_arguments():
    import sys

    words = getattr(sys, "orig_argv", ["", ""])
    return {"program": words[0], "options": [word for word in words[1:] if word.startswith("-")]}


@look
def flags():
    import sys

    names = [name for name in dir(sys.flags) if not name.startswith("_") and name not in ("count", "index", "n_fields", "n_sequence_fields", "n_unnamed_fields")]
    flags = {name: getattr(sys.flags, name) for name in names}
    flags.update(xoptions=sys._xoptions, warnoptions=sys.warnoptions, no_bytecode=sys.dont_write_bytecode, cache=sys.pycache_prefix)
    return flags


@look
def settings():
    import sys
    import threading

    return {
        "recursion": sys.getrecursionlimit(),
        "switch interval": sys.getswitchinterval(),
        "dlopen": sys.getdlopenflags(),
        "digits": getattr(sys, "get_int_max_str_digits", int)(),
        "trace": [repr(sys.gettrace()), repr(sys.getprofile())],
        "stack size": threading.stack_size(),
        "coroutine tracking": sys.get_coroutine_origin_tracking_depth(),
        "asyncgen": [repr(hook) for hook in sys.get_asyncgen_hooks()],
    }


@look
def hooks():
    import builtins
    import sys
    import threading

    return {
        "excepthook": sys.excepthook is sys.__excepthook__,
        "unraisable": sys.unraisablehook is sys.__unraisablehook__,
        "display": sys.displayhook is sys.__displayhook__,
        "breakpoint": sys.breakpointhook is sys.__breakpointhook__,
        "thread": getattr(threading.excepthook, "__module__", None),
        "import": builtins.__import__.__module__,
        "meta path": [getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path],
        "path hooks": [getattr(hook, "__name__", type(hook).__name__) for hook in sys.path_hooks],
    }


@look
def builtin_names():
    import builtins

    return {"unusual": sorted(set(dir(builtins)) & {"_", "exit", "quit", "copyright"}), "count": len(dir(builtins))}


@look
def main_module():
    import sys

    main = sys.modules["__main__"]
    return {
        "name": main.__name__,
        "file": getattr(main, "__file__", "none"),
        "spec": getattr(main, "__spec__", None) is None,
        "package": getattr(main, "__package__", "none"),
        "attributes": sorted(vars(main)),
        "__mp_main__": "__mp_main__" in sys.modules,
    }


@look
def foreign_modules():
    import sys

    return {"scaler_native": sorted(name for name in sys.modules if name.split(".")[0] == "scaler_native")}


@look
def import_of_another_package():
    try:
        import scaler_native  # noqa: F401

        return {"scaler_native": "imported"}
    except ImportError as error:
        return {"scaler_native": type(error).__name__}


@look
def import_from_the_managers_folder():
    try:
        import beside_manager

        return {"imported": beside_manager.WHERE}
    except ImportError as error:
        return {"imported": str(error)}


@look
def import_from_the_clients_folder():
    try:
        import beside_client

        return {"imported": beside_client.WHERE}
    except ImportError as error:
        return {"imported": str(error)}


@look
def import_from_a_new_folder():
    import os
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "made_by_a_task.py"), "w") as file:
            file.write("answer = 42\n")
        sys.path.insert(0, folder)
        try:
            import made_by_a_task

            return {"answer": made_by_a_task.answer}
        finally:
            sys.path.remove(folder)


@look
def reload_of_a_module():
    import colorsys
    import importlib
    import json

    return {"json": importlib.reload(json) is json, "colorsys": importlib.reload(colorsys).__name__}


@look
def standard_input():
    import os
    import sys

    def attempt(function):
        try:
            return function()
        except BaseException as error:
            return "%s: %s" % (type(error).__name__, error)

    return {
        "target": attempt(lambda: os.readlink("/proc/self/fd/0").split(":")[0]),
        "has a number": attempt(lambda: sys.stdin.fileno() > 0),
        "terminal": attempt(lambda: sys.stdin.isatty()),
        "read": attempt(lambda: sys.stdin.read(1)),
        "input()": attempt(lambda: input()),
        "os.read": attempt(lambda: os.read(0, 1).decode()),
        "original": sys.stdin is sys.__stdin__,
        "encoding": attempt(lambda: sys.stdin.encoding),
    }


@look
def standard_output():
    import os
    import sys

    def describe(stream, original):
        return {
            "class": type(stream).__name__,
            "name": stream.name,
            "mode": stream.mode,
            "number": stream.fileno(),
            "terminal": stream.isatty(),
            "line buffering": stream.line_buffering,
            "write through": stream.write_through,
            "encoding": stream.encoding,
            "errors": stream.errors,
            "original": stream is original,
            "target": os.path.basename(os.readlink("/proc/self/fd/%d" % stream.fileno())),
            "closes": stream.buffer.raw.closefd,
        }

    return {"stdout": describe(sys.stdout, sys.__stdout__), "stderr": describe(sys.stderr, sys.__stderr__)}


@look
def loggers():
    import logging

    def describe(logger):
        return {
            "level": logger.level,
            "propagates": logger.propagate,
            "disabled": logger.disabled,
            "handlers": [
                [type(h).__name__, h.level, getattr(getattr(h, "stream", None), "name", None), getattr(h.formatter, "_fmt", None), getattr(h.formatter, "datefmt", None), len(h.filters)]
                for h in logger.handlers
            ],
        }

    return {
        "root": describe(logging.getLogger()),
        "scaler": describe(logging.getLogger("scaler")),
        "own": describe(logging.getLogger("of.a.task")),
        "class": logging.getLoggerClass().__name__,
        "switched off": logging.root.manager.disable,
        "last resort": logging.lastResort.level,
        "levels": [logging.getLevelName(level) for level in range(0, 60, 5)],
        "record factory": logging.getLogRecordFactory().__name__,
    }


@look
def log_record():
    import logging

    record = logging.getLogger("x").makeRecord("x", 20, "file", 1, "text", (), None)
    return {"process": record.processName, "thread": record.threadName}


@look
def warning_filters():
    import sys
    import warnings

    return {"filters": [[f[0], str(f[1]), f[2].__name__, str(f[3]), f[4]] for f in warnings.filters], "show": warnings.showwarning.__module__, "registry": "__warningregistry__" in vars(sys)}


@look
def diagnostics():
    import faulthandler
    import gc
    import tracemalloc

    return {"faulthandler": faulthandler.is_enabled(), "tracemalloc": tracemalloc.is_tracing(), "gc debug": gc.get_debug()}


@look
def collector():
    import gc

    return {"enabled": gc.isenabled(), "thresholds": gc.get_threshold(), "callbacks": len(gc.callbacks), "garbage": len(gc.garbage)}


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

    return {str(number): name(signal.getsignal(number)) for number in sorted(signal.valid_signals()) if int(number) < 34}


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

    return {"running": attempt(asyncio.get_running_loop), "policy": type(asyncio.get_event_loop_policy()).__name__, "new": asyncio.run(inside())}


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

    return {"exceptions": ValueError in copyreg.dispatch_table, "tracebacks": any("traceback" in kind.__name__ for kind in copyreg.dispatch_table)}


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
    return {"there": processor is not None, "pid": processor.pid == os.getpid(), "name": processor.name, "exit code": processor.exitcode if processor._parent_pid == os.getpid() else None, "task": processor.current_task() is not None}
