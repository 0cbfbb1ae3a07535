"""Prints what a scheduler reports of workers and managers, one JSON object a report: status.py MONITOR_ADDRESS

{"workers": {ID: {"free": N}}, "managers": {ID: {"identity": TEXT, "limit": N, "capabilities": TEXT}}}
"""

import json
import sys

from monitor import field, subscribe, text


def detail(manager, snake, camel):
    """Of a dict in 1.26, of an object from 2.0 on."""
    return manager[snake] if isinstance(manager, dict) else getattr(manager, camel)


def report(message):
    if type(message).__name__ != "StateScheduler":
        return
    scaling = field(message, "scaling_manager", "scalingManager")
    details = field(scaling, "worker_manager_details", "workerManagerDetails")
    workers = field(message, "worker_manager", "workerManager").workers
    answer = {
        "workers": {text(field(worker, "worker_id", "workerId")): {"free": worker.free} for worker in workers},
        "managers": {
            text(detail(manager, "worker_manager_id", "workerManagerID")): {
                "identity": detail(manager, "identity", "identity"),
                "limit": detail(manager, "max_task_concurrency", "maxTaskConcurrency"),
                "capabilities": detail(manager, "capabilities", "capabilities"),
            }
            for manager in details
        },
    }
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    subscribe(sys.argv[1], report).run()
