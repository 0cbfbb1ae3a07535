#!/usr/bin/env python3
"""Write the frames that an installed Scaler makes of known values.

    .venvs/2.9.0/bin/python scripts/golden_frames.py schema/golden/2.9.0
    .venvs/2.9.0/bin/python scripts/golden_frames.py --check schema/golden/2.9.0

Run it with the Python of the release in question. It writes <name>.bin for each frame,
made by Scaler's own classes and its own serialize(), and frames.json with the release,
its union tags, the values of each frame, what the release lacks, and what the release
counts as desired. With --check it writes nothing and exits with status 1 if anything
differs.

golden_values.py says how values stand in frames.json. A capability is a pair of name and
value. golden_agent.py adds the frames of a worker's agent, with a list in agent.json, and
golden_published.py those for monitors.
"""

import argparse
import importlib
import importlib.metadata
import json
import pathlib
import sys
import tempfile

from golden_agent import make_agent
from golden_published import make_published
from golden_values import data, tag_of, text

from scaler.io.utility import deserialize, serialize

LONG = {"text": "x", "times": 9000}  # Scaler begins a second segment after 8 KiB.

LINUX_GPU = [["linux", -1], ["gpu", 2]]

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

IDS = ["Worker|1|a", "Worker|22|bc", {"hex": "00ff"}]

ORDERS = {
    "command_start": {"action": "startWorkers", "worker_ids": [], "capabilities": []},
    "command_start_capabilities": {"action": "startWorkers", "worker_ids": [], "capabilities": LINUX_GPU},
    "command_shutdown_none": {"action": "shutdownWorkers", "worker_ids": [], "capabilities": []},
    "command_shutdown_one": {"action": "shutdownWorkers", "worker_ids": IDS[:1], "capabilities": []},
    "command_shutdown_three": {"action": "shutdownWorkers", "worker_ids": IDS, "capabilities": []},
    "command_shutdown_segments": {"action": "shutdownWorkers", "worker_ids": ["a", LONG, "b"], "capabilities": []},
}

# The scheduler of 2.0 hands a dict to classes that want a list, which sends as many
# empty capabilities.
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

MANAGERS = [[], [["linux", -1]], LINUX_GPU, [["gpu", 2]], [["linux", -1], ["gpu", 1]]]


class PythonClasses:
    """1.26 and 1.27: wrapper classes around pycapnp."""

    def __init__(self):
        from scaler.protocol.python import message

        self.message = message
        self.answers, self.orders, self.desires, self.loses = True, True, False, False

    def member(self, enumeration, name):
        return getattr(enumeration, name[0].upper() + name[1:])

    def heartbeat(self, values):
        capabilities = {text(name): value for name, value in values["capabilities"]}
        return self.message.WorkerManagerHeartbeat.new_msg(
            values["max_task_concurrency"], capabilities, data(values["manager_id"])
        )

    def echo(self, values):
        return self.message.WorkerManagerHeartbeatEcho.new_msg()

    def command(self, values):
        return self.message.WorkerManagerCommand.new_msg(
            worker_ids=[data(worker_id) for worker_id in values["worker_ids"]],
            command=self.member(self.message.WorkerManagerCommandType, values["action"]),
            capabilities=dict(values["capabilities"]),
        )

    def response(self, values):
        return self.message.WorkerManagerCommandResponse.new_msg(
            command=self.member(self.message.WorkerManagerCommandType, values["action"]),
            status=self.member(self.message.WorkerManagerCommandResponse.Status, values["status"]),
            worker_ids=[data(worker_id) for worker_id in values["worker_ids"]],
            capabilities=dict(values["capabilities"]),
        )


class NativeClasses:
    """2.0 and newer: classes of a native module, given the arguments that Scaler's own callers give."""

    def __init__(self):
        from scaler.protocol import capnp, helpers

        self.capnp = capnp
        self.answers = hasattr(capnp, "WorkerManagerCommandResponse")
        self.orders = hasattr(capnp, "WorkerManagerCommandType")
        self.desires = hasattr(capnp.WorkerManagerCommand, "DesiredTaskConcurrencyRequest")
        self.loses = not hasattr(helpers, "dict_to_capabilities")

    def capabilities(self, pairs):
        return [self.capnp.TaskCapability(name=text(name), value=value) for name, value in pairs]

    def heartbeat(self, values):
        return self.capnp.WorkerManagerHeartbeat(
            maxTaskConcurrency=values["max_task_concurrency"],
            capabilities=self.capabilities(values["capabilities"]),
            workerManagerID=data(values["manager_id"]),
        )

    def echo(self, values):
        return self.capnp.WorkerManagerHeartbeatEcho()

    def command(self, values):
        if "requests" not in values:
            return self.capnp.WorkerManagerCommand(
                workerIDs=[data(worker_id) for worker_id in values["worker_ids"]],
                command=getattr(self.capnp.WorkerManagerCommandType, values["action"]),
                capabilities=values.get("given") or self.capabilities(values["capabilities"]),
            )
        requests = [
            self.capnp.WorkerManagerCommand.DesiredTaskConcurrencyRequest(
                taskConcurrency=request["task_concurrency"], capabilities=self.capabilities(request["capabilities"])
            )
            for request in values["requests"]
        ]
        if not self.orders:
            return self.capnp.WorkerManagerCommand(setDesiredTaskConcurrencyRequests=requests)
        return self.capnp.WorkerManagerCommand(
            workerIDs=[],
            command=self.capnp.WorkerManagerCommandType.setDesiredTaskConcurrency,
            capabilities=[],
            setDesiredTaskConcurrencyRequests=requests,
        )

    def response(self, values):
        return self.capnp.WorkerManagerCommandResponse(
            command=getattr(self.capnp.WorkerManagerCommandType, values["action"]),
            status=getattr(self.capnp.WorkerManagerCommandResponse.Status, values["status"]),
            workerIDs=[data(worker_id) for worker_id in values["worker_ids"]],
            capabilities=self.capabilities(values["capabilities"]),
        )


def installed_classes():
    try:
        return PythonClasses()
    except ImportError:
        return NativeClasses()


def desired_count():
    """The release's own count of desired workers, or None."""
    for module in ("scaler.worker_manager.desired_concurrency", "scaler.worker_manager_adapter.common"):
        try:
            return importlib.import_module(module).extract_desired_count
        except (ImportError, AttributeError):
            continue
    return None


def desired_of(frame):
    """What each of MANAGERS has to run by the frame; nothing where the release's count fails."""
    count, requests = desired_count(), deserialize(frame).setDesiredTaskConcurrencyRequests
    desired = []
    for own in MANAGERS:
        try:
            desired.append({"own": own, "count": count(requests, dict(own))})
        except AttributeError:  # 2.1.10 and 2.3.3 ask a capability for its key; it has a name.
            return []
    return desired


def make(folder):
    classes = installed_classes()
    kinds = {"heartbeat": HEARTBEATS, "echo": {"echo": {}}, "command": {}, "response": {}}
    kinds["command"].update(ORDERS if classes.orders else {})
    kinds["command"].update(LOST if classes.loses else {})
    kinds["command"].update(DESIRES if classes.desires else {})
    kinds["response"].update(RESPONSES if classes.answers else {})

    tags, frames = {}, []
    for kind, values_by_name in kinds.items():
        for name, values in values_by_name.items():
            frame = serialize(getattr(classes, kind)(values))
            tags[kind] = tag_of(frame)
            (folder / f"{name}.bin").write_bytes(frame)
            described = {"name": name, "kind": kind, "values": values}
            if "requests" in values:
                described["desired"] = desired_of(frame)
            frames.append(described)
    has = {
        "startWorkers and shutdownWorkers": classes.orders,
        "setDesired": classes.desires,
        "responses": classes.answers,
    }
    description = {
        "release": importlib.metadata.version("opengris-scaler"),
        "tags": tags,
        "lacks": [name for name, there in has.items() if not there],
    }
    # One frame a line: readable, and a change shows as the frame that changed.
    lines = ",\n".join(json.dumps(frame, ensure_ascii=False) for frame in frames)
    head = json.dumps(description)[:-1]
    (folder / "frames.json").write_text(f'{head}, "frames": [\n{lines}\n]}}\n', encoding="utf-8")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only; exit status 1 if anything differs")
    parser.add_argument("folder", type=pathlib.Path, metavar="OUT_DIR")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        make(pathlib.Path(temporary))
        make_agent(pathlib.Path(temporary))
        make_published(pathlib.Path(temporary))
        fresh = contents(pathlib.Path(temporary))
    present = contents(options.folder)
    if options.check:
        differing = sorted(name for name in {*fresh, *present} if fresh.get(name) != present.get(name))
        for name in differing:
            print(f"{options.folder / name}: differs from what the release makes")
        return 1 if differing else 0
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in present.keys() - fresh.keys():
        (options.folder / name).unlink()
    for name, content in fresh.items():
        (options.folder / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
