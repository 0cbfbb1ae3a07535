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

    names = [
        name
        for name in dir(sys.flags)
        if not name.startswith("_")
        and name not in ("count", "index", "n_fields", "n_sequence_fields", "n_unnamed_fields")
    ]
    flags = {name: getattr(sys.flags, name) for name in names}
    flags.update(
        xoptions=sys._xoptions,
        warnoptions=sys.warnoptions,
        no_bytecode=sys.dont_write_bytecode,
        cache=sys.pycache_prefix,
    )
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
                [
                    type(h).__name__,
                    h.level,
                    getattr(getattr(h, "stream", None), "name", None),
                    getattr(h.formatter, "_fmt", None),
                    getattr(h.formatter, "datefmt", None),
                    len(h.filters),
                ]
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

    return {
        "filters": [[f[0], str(f[1]), f[2].__name__, str(f[3]), f[4]] for f in warnings.filters],
        "show": warnings.showwarning.__module__,
        "registry": "__warningregistry__" in vars(sys),
    }
