"""Frames that schedulers publish to monitors: a report about two managers, a waiting task, a connected worker."""

from scaler.io.utility import serialize


def make(folder):
    """Write a file for each frame."""
    try:
        published = _pycapnp()
    except ImportError:
        published = _native()
    for name, message in published.items():
        (folder / f"published_{name}.bin").write_bytes(serialize(message))


def _pycapnp():
    """Scaler 1.26 and 1.27."""
    from scaler.protocol.python import common, message, status

    scaling = status.ScalingManagerStatus.new_msg(
        managed_workers={b"a": [b"Worker|1|a"], b"b": []}, worker_manager_details=[]
    )
    return {
        # The wrapper's new_msg would want all other parts as well.
        "report": message.StateScheduler(message._message.StateScheduler(scalingManager=scaling.get_message())),
        "task": message.StateTask.new_msg(bytes(16), b"f", common.TaskState.Inactive, b"", {}, b""),
        "worker": message.StateWorker.new_msg(b"Worker|1|a", common.WorkerState.Connected, {}),
    }


def _native():
    """Scaler 2.0 and newer."""
    from scaler.protocol import capnp

    pair = capnp.ScalingManagerStatus.Pair
    managed = [pair(workerManagerID=b"a", workerIDs=[b"Worker|1|a"]), pair(workerManagerID=b"b", workerIDs=[])]
    return {
        "report": capnp.StateScheduler(scalingManager=capnp.ScalingManagerStatus(managedWorkers=managed)),
        "task": capnp.StateTask(
            taskId=bytes(16),
            functionName=b"f",
            state=capnp.TaskState.inactive,
            worker=b"",
            capabilities=[],
            metadata=b"",
        ),
        "worker": capnp.StateWorker(workerId=b"Worker|1|a", state=capnp.WorkerState.connected, capabilities=[]),
    }
