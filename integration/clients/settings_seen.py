"""Tells how a task finds its processor set up: settings_seen.py ADDRESS MODULE...

What Scaler made the processor with, its object cache, its log, what it has of the machine, and what is left
in the attribute LOADED of each MODULE if that is imported already.
"""

import json
import os
import sys

from scaler import Client


def look(modules):
    import logging
    import sys

    from scaler.worker.agent.processor.processor import Processor

    processor = Processor.get_current_processor()
    cache = processor._object_cache
    handlers = {
        getattr(handler, "baseFilename", "screen"): logging.getLevelName(handler.level)
        for name in ("", "scaler")
        for handler in logging.getLogger(name).handlers
    }
    umask = os.umask(0)
    os.umask(umask)
    return {
        "pid": os.getpid(),
        "agent": os.getpgrp(),
        "event_loop": processor._event_loop,
        "preload": processor._preload,
        "scheduler_address": str(processor._scheduler_address),
        "object_storage_address": str(processor._object_storage_address),
        "logging_paths": list(processor._logging_paths),
        "logging_level": processor._logging_level,
        "garbage_collect_interval_seconds": cache._garbage_collect_interval_seconds,
        "trim_memory_threshold_bytes": cache._trim_memory_threshold_bytes,
        "waits for an event": processor._resume_event is not None,
        "handlers": {path: int(logging._nameToLevel.get(level, -1)) for path, level in handlers.items()},
        "modules": {name: getattr(sys.modules.get(name), "LOADED", None) for name in modules},
        "environment": dict(os.environ),
        "cpus": sorted(os.sched_getaffinity(0)),
        "niceness": os.nice(0),
        "oom_score_adj": int(open("/proc/self/oom_score_adj").read()),
        "umask": umask,
        "directory": os.getcwd(),
        "executable": sys.executable,
    }


with Client(address=sys.argv[1]) as client:
    print(json.dumps(client.submit(look, sys.argv[2:]).result()))
