"""Prints what a scheduler publishes, one JSON object a line, until it is stopped: monitor.py MONITOR_ADDRESS

{"worker": ID, "connected": BOOL, "capabilities": {NAME: VALUE}}             when a worker comes or goes
{"workers": [ID], "managers": {ID: [WORKER]}}                                about every second
"""

import json
import sys


def subscribe(address, callback):
    """The subscriber of the installed release: its backend's own from 2.1 on, always ZMQ before."""
    try:
        from scaler.io.network_backends import get_network_backend_from_env

        # Kept beyond this function: a backend that is collected closes its sockets.
        global backend
        backend = get_network_backend_from_env()
        create = backend.create_sync_subscriber
    except (ImportError, AttributeError):
        from scaler.io.sync_subscriber import ZMQSyncSubscriber

        try:
            from scaler.config.types.address import AddressConfig
        except ImportError:
            from scaler.config.types.zmq import ZMQConfig as AddressConfig
        return ZMQSyncSubscriber(address=AddressConfig.from_string(address), callback=callback, topic=b"")

    from scaler.config.types.address import AddressConfig
    from scaler.io.utility import generate_identity_from_name

    return create(
        identity=generate_identity_from_name("monitor"),
        address=AddressConfig.from_string(address),
        callback=callback,
        timeout=None,
    )


def field(value, snake, camel):
    """Fields are in snake case up to 1.27 and in camel case from 2.0 on."""
    return getattr(value, snake) if hasattr(value, snake) else getattr(value, camel)


def pairs(mapping, key, value):
    """A mapping of the wire: a dict in some releases, a list of pairs in the others."""
    if hasattr(mapping, "items"):
        return dict(mapping.items())
    return {getattr(pair, key): getattr(pair, value) for pair in mapping}


def text(name):
    return bytes(name).decode()


def worker_changed(message):
    capabilities = pairs(message.capabilities, "name", "value")
    # Connected is the first of the states: a Python enumeration up to 1.27, a field with a raw number from 2.0 on.
    state = message.state.raw if hasattr(message.state, "raw") else message.state.value
    return {
        "worker": text(field(message, "worker_id", "workerId")),
        "connected": state == 0,
        "capabilities": capabilities,
    }


def scheduler_state(message):
    scaling = field(message, "scaling_manager", "scalingManager")
    managed = pairs(field(scaling, "managed_workers", "managedWorkers"), "workerManagerID", "workerIDs")
    workers = field(message, "worker_manager", "workerManager").workers
    return {
        "workers": [text(field(worker, "worker_id", "workerId")) for worker in workers],
        "managers": {text(manager): [text(worker) for worker in ids] for manager, ids in managed.items()},
    }


def report(message):
    kind = type(message).__name__
    if kind == "StateWorker":
        print(json.dumps(worker_changed(message)), flush=True)
    elif kind == "StateScheduler":
        print(json.dumps(scheduler_state(message)), flush=True)


if __name__ == "__main__":
    subscribe(sys.argv[1], report).run()
