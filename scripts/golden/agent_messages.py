"""The messages of a worker's agent whose frames are recorded, by the member of upstream's union and by name."""

import struct

ID, SOURCE = {"hex": "00112233445566778899aabbccddeeff"}, "Client|Zürich 東京|0"
OBJECT, OTHER = {"hex": "a0" * 32}, {"hex": "0b" * 32}
MANY = 300  # a frame with that many ids has a second segment; "times" repeats a list


def flags(profiling, priority, stream_output):
    return {"hex": struct.pack("!?i?", profiling, priority, stream_output).hex()}


def task(metadata, arguments=1, source=SOURCE, task_id=ID):
    return {"id": task_id, "source": source, "metadata": metadata, "arguments": arguments}


def result(kind, metadata, results):
    return {"id": ID, "type": kind, "metadata": metadata, "results": results}


def instruction(kind, objects, user=SOURCE):
    return {"type": kind, "user": user, "objects": objects}


def heartbeat(processors, **changes):
    values = {
        "agent": [992, 123456789],
        "free_memory": 2**33,
        "memory_limit": 2**34,
        "queue_size": 1000,
        "queued_tasks": 7,
        "latency": 1500,
        "task_lock": False,
        "processors": processors,
        "capabilities": [["linux", -1], ["gpu", 2]],
        "manager_id": "NAT|fixed",
        "hostname": "node-1",
        "net_sent": 2**40,
        "net_received": 2**41,
    }
    return {**values, **changes}


def processor(pid, initialized, has_task, suspended, resource, task_id, age):
    return [pid, initialized, has_task, suspended, resource, task_id, age]


PROFILE = {"hex": struct.pack("!fQf", 1.5, 2**40, 0.25).hex()}

MESSAGES = {
    "task": {
        "task": task(flags(True, 0, False)),
        "task_priority": task(flags(False, 2**31 - 1, True)),
        "task_negative": task(flags(True, -3, False)),
        "task_no_metadata": task("", arguments=0),
        "task_odd_ids": task("", source={"hex": "ff00fe"}, task_id=""),
        "task_many": task(flags(True, 1, False), arguments=MANY),
    },
    "taskCancel": {
        "cancel": {"id": ID, "force": False},
        "cancel_force": {"id": ID, "force": True},
    },
    "taskCancelConfirm": {name: {"id": ID, "type": name} for name in ("canceled", "cancelFailed", "cancelNotFound")},
    "taskResult": {
        "result": result("success", "", [OBJECT]),
        "result_profiled": result("failed", PROFILE, [OBJECT]),
        "result_none": result("failedWorkerDied", PROFILE, []),
        "result_many": {**result("success", "", [OBJECT]), "times": MANY},
    },
    "taskLog": {
        "log": {"id": ID, "type": "stdout", "content": "größer\n"},
        "log_long": {"id": ID, "type": "stderr", "content": {"text": "x", "times": 20000}},
    },
    "objectInstruction": {
        "created": instruction("create", [[OBJECT, "object", ""]]),
        "created_named": instruction("create", [[OBJECT, "object", "<res 東京>"]]),
        "deleted": instruction("delete", [[OBJECT, "object", ""], [OTHER, "serializer", "s"]]),
        "deleted_many": {**instruction("delete", [[OBJECT, "object", "x"]]), "times": MANY},
        "cleared": instruction("clear", []),
    },
    "workerHeartbeat": {
        "alive": heartbeat([processor(4242, True, False, False, [10, 2**30], "", 0)]),
        "alive_none": heartbeat([], capabilities=[], manager_id="", hostname=""),
        "alive_many": heartbeat(
            [processor(n, n != 1, n == 2, n == 3, [n, n * n], ID, n) for n in (1, 2, 3)],
            task_lock=True,
            times=MANY // 3,
        ),
        "alive_edges": heartbeat(
            [processor(2**32 - 1, True, True, True, [2**16 - 1, 2**64 - 1], ID, 2**32 - 1)],
            agent=[2**16 - 1, 2**64 - 1],
            free_memory=2**64 - 1,
            memory_limit=2**64 - 1,
            queue_size=2**32 - 1,
            queued_tasks=2**32 - 1,
            latency=2**32 - 1,
            capabilities=[["größe", 2**63 - 1], ["least", -(2**63)]],
            manager_id={"hex": "ff00fe"},
            hostname="höst",
            net_sent=2**64 - 1,
            net_received=2**64 - 1,
        ),
    },
    "workerHeartbeatEcho": {
        "echoed": {"storage": "tcp://127.0.0.1:1234", "address": ["127.0.0.1", 1234, "tcp"]},
        "echoed_name": {"storage": "tcp://storage.größe:65535", "address": ["storage.größe", 65535, "tcp"]},
        "echoed_scheme": {"storage": "wss://[::1]:1", "address": ["[::1]", 1, "wss"]},
        "echoed_none": {"storage": "", "address": None},
    },
    "disconnectResponse": {"disconnected": {"worker": "Worker|1"}},
    "clientDisconnect": {"client_gone": {"type": "disconnect"}, "client_shutdown": {"type": "shutdown"}},
    "processorInitialized": {"initialized": {}},
}
