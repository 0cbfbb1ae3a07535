"""Talks to an agent as a processor does, by the release's own connector: agent_processor.py SOCKET BACKEND CONNECTIONS

Each message comes back. Prints how many did unchanged.
"""

import importlib.metadata
import json
import os
import sys

path, backend, connections = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ["SCALER_NETWORK_BACKEND"] = backend
release = [int(part) for part in importlib.metadata.version("opengris-scaler").split(".")[:2]]
TASK, LARGE = bytes(range(16)), 10 << 20


def old_connector(number):
    import zmq
    from scaler.config.types.zmq import ZMQConfig
    from scaler.io.sync_connector import ZMQSyncConnector

    return ZMQSyncConnector(zmq.Context.instance(), zmq.DEALER, ZMQConfig.from_string(f"ipc://{path}"), None)


def new_connector(number):
    from scaler.config.types.address import AddressConfig
    from scaler.io.mixins import ConnectorRemoteType

    return network.create_sync_connector(
        identity=f"processor|{os.getpid()}|{number}".encode(),
        connector_remote_type=ConnectorRemoteType.Binder,
        address=AddressConfig.from_string(f"ipc://{path}"),
    )


def old_result(size):
    from scaler.protocol.python.common import TaskResultType
    from scaler.protocol.python.message import TaskResult

    return TaskResult.new_msg(TASK, TaskResultType.Success, b"", [b"x" * size])


def new_result(size):
    from scaler.protocol.capnp import TaskResult, TaskResultType

    return TaskResult(taskId=TASK, resultType=TaskResultType.success, metadata=b"", results=[b"x" * size])


if release < [2, 0]:
    connect, result = old_connector, old_result
else:
    from scaler.io.network_backends import get_network_backend_from_env

    network = get_network_backend_from_env()
    connect, result = new_connector, new_result

opened = [connect(number) for number in range(connections)]
came_back = 0
for size in (0, 100, 300, LARGE if connections == 1 else 5000):
    for connector in opened:
        connector.send(result(size))
    for connector in opened:
        answer = connector.receive()
        came_back += [bytes(data) for data in answer.results] == [b"x" * size]
print(json.dumps({"pid": os.getpid(), "came_back": came_back}), flush=True)
for connector in opened:
    connector.destroy()
