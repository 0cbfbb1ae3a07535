"""The messages between a worker manager and the scheduler whose frames are recorded, by kind and name.

A capability is a pair of name and value.
"""

LONG = {"text": "x", "times": 9000}  # Scaler starts a second segment after 8 KiB.
LINUX_GPU = [["linux", -1], ["gpu", 2]]
IDS = ["Worker|1|a", "Worker|22|bc", {"hex": "00ff"}]

HEARTBEATS = {
    "heartbeat": {"max_task_concurrency": 4, "capabilities": [], "manager_id": "NAT|fixed"},
    "heartbeat_capabilities": {"max_task_concurrency": 8, "capabilities": LINUX_GPU, "manager_id": "NAT|gpu"},
    "heartbeat_zero": {"max_task_concurrency": 0, "capabilities": [], "manager_id": "NAT|none"},
    "heartbeat_most": {"max_task_concurrency": 2**32 - 1, "capabilities": [], "manager_id": "NAT|all"},
    "heartbeat_utf8": {"max_task_concurrency": 1, "capabilities": [["größe", 3]], "manager_id": "NAT|Zürich 東京"},
    "heartbeat_edges": {
        "max_task_concurrency": 1,
        "capabilities": [["", -(2**63)], ["most", 2**63 - 1], ["eight by", 0]],
        "manager_id": {"hex": "ff00fe"},
    },
    "heartbeat_empty": {"max_task_concurrency": 1, "capabilities": [], "manager_id": ""},
}

ORDERS = {
    "command_start": {"action": "startWorkers", "worker_ids": [], "capabilities": []},
    "command_start_capabilities": {"action": "startWorkers", "worker_ids": [], "capabilities": LINUX_GPU},
    "command_shutdown_none": {"action": "shutdownWorkers", "worker_ids": [], "capabilities": []},
    "command_shutdown_one": {"action": "shutdownWorkers", "worker_ids": IDS[:1], "capabilities": []},
    "command_shutdown_three": {"action": "shutdownWorkers", "worker_ids": IDS, "capabilities": []},
    "command_shutdown_segments": {"action": "shutdownWorkers", "worker_ids": ["a", LONG, "b"], "capabilities": []},
}

# The scheduler of 2.0 passes a dict where the class takes a list, and so sends as many empty capabilities.
LOST = {
    "command_start_lost": {
        "action": "startWorkers",
        "worker_ids": [],
        "capabilities": [["", 0], ["", 0]],
        "given": {"linux": -1, "gpu": 2},
    }
}

DESIRES = {
    "command_set_none": {"requests": []},
    "command_set_one": {"requests": [{"task_concurrency": 5, "capabilities": []}]},
    "command_set_three": {
        "requests": [
            {"task_concurrency": 5, "capabilities": LINUX_GPU},
            {"task_concurrency": 2**32 - 1, "capabilities": [["linux", -1]]},
            {"task_concurrency": 1, "capabilities": []},
        ]
    },
    "command_set_twice": {"requests": [{"task_concurrency": 3, "capabilities": [["gpu", 1], ["gpu", 2]]}]},
    "command_set_segments": {
        "requests": [
            {"task_concurrency": 1, "capabilities": [[LONG, 1]]},
            {"task_concurrency": 2, "capabilities": [["linux", -1]]},
        ]
    },
}


def response(action, status, worker_ids=(), capabilities=()):
    return {"action": action, "status": status, "worker_ids": list(worker_ids), "capabilities": list(capabilities)}


RESPONSES = {
    "response_success": response("startWorkers", "success", IDS[:1], LINUX_GPU),
    "response_many": response("shutdownWorkers", "success", IDS),
    "response_too_many": response("startWorkers", "tooManyWorkers"),
    "response_not_found": response("shutdownWorkers", "workerNotFound"),
    "response_unknown": response("startWorkers", "unknownAction"),
}

# Capabilities of managers for which Scaler's own count of desired workers is recorded.
MANAGERS = [[], [["linux", -1]], LINUX_GPU, [["gpu", 2]], [["linux", -1], ["gpu", 1]]]
