"""Runs command lines through the real parser of an installed Scaler, without starting anything.

Reads a JSON list of {"name", "arguments"} from the standard input and writes a JSON object that maps each name to
{"status", "message", "values"}; values is null unless the configuration was accepted.
"""

import contextlib
import importlib
import io
import json
import logging
import math
import sys

import scaler.entry_points.worker_manager as entry_point
from scaler.utility.event_loop import EventLoopType

ACCEPTED = []


class RecordingWorkerManager:
    """Takes the place of NativeWorkerManager, which gets the finished configuration."""

    def __init__(self, config):
        ACCEPTED.append(config)

    def run(self):
        pass


def check_logging(paths, config_file, level, process_name=None):
    """Refuses the levels that logging.config refuses, without opening a log."""
    if paths and config_file is None:
        logging.Handler(level)


def check_event_loop(name):
    """Refuses what the real function refuses, without needing uvloop."""
    if name not in EventLoopType.allowed_types():
        raise TypeError(f"not an event loop: {name}")


def install_stand_ins():
    for path in ("scaler.worker_manager.native.worker_manager", "scaler.worker_manager_adapter.baremetal.native"):
        try:
            module = importlib.import_module(path)
        except ModuleNotFoundError:
            continue
        module.NativeWorkerManager = RecordingWorkerManager
        break
    for name in ("setup_logger", "bootstrap_process"):
        if hasattr(entry_point, name):
            setattr(entry_point, name, check_logging)
    entry_point.register_event_loop = check_event_loop


def plain(value):
    """Makes a value comparable; what the release has accepted although it cannot use it stays visible as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "capabilities"):
        return value.capabilities
    if type(value).__module__.startswith("scaler.config.types"):
        return str(value)
    if hasattr(value, "value"):
        return value.value
    return repr(value)


def values_of(config):
    flat = {}
    for part in (config, config.worker_manager_config, config.worker_config, getattr(config, "security", None)):
        flat.update(vars(part) if part is not None else {})
    for part in ("worker_manager_config", "worker_config", "logging_config", "security"):
        flat.pop(part, None)
    if "public_scheduler_address" in flat:
        flat["worker_scheduler_address"] = flat.pop("public_scheduler_address")
    paths = config.logging_config.paths
    flat["logging_paths"] = [paths] if isinstance(paths, str) else paths
    flat["logging_config_file"] = config.logging_config.config_file
    flat["logging_level"] = config.logging_config.level
    return {key: plain(value) for key, value in flat.items()}


def run_case(arguments):
    ACCEPTED.clear()
    sys.argv = ["scaler_worker_manager", *arguments]
    status, output = 0, io.StringIO()
    with contextlib.redirect_stderr(output), contextlib.redirect_stdout(io.StringIO()):
        try:
            entry_point.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except Exception as error:  # an interpreter would print the traceback and end with 1
            status = 1
            output.write(f"{type(error).__name__}: {error}")
    lines = output.getvalue().strip().splitlines()
    return {
        "status": status,
        "message": lines[-1] if lines else "",
        "values": values_of(ACCEPTED[0]) if ACCEPTED else None,
    }


def main():
    install_stand_ins()
    cases = json.load(sys.stdin)
    json.dump({case["name"]: run_case(case["arguments"]) for case in cases}, sys.stdout)


if __name__ == "__main__":
    main()
