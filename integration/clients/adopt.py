"""Says one heartbeat as a worker manager, prints what echoes it, and stays: adopt.py ADDRESS WORKER_MANAGER_ID

A scheduler lists workers under the managers that it knows, and a manager in fixed mode never speaks to it. So this
one speaks for it: the scheduler then lists the workers that named the same manager. It stays to take the scheduler's
commands, without doing anything: 2.3.3 was seen to stand still after the manager that it answers had gone.
"""

import json
import sys
import uuid

address, manager_id = sys.argv[1:]
identity = f"adopt|{uuid.uuid4()}".encode()

try:
    from scaler.io.network_backends import get_network_backend_from_env
except ImportError:
    # Up to 1.27 the releases have no connector that fits; these speak ZMQ by default.
    import zmq
    from scaler.io.utility import deserialize, serialize
    from scaler.protocol.python.message import WorkerManagerHeartbeat

    socket = zmq.Context().socket(zmq.DEALER)
    socket.setsockopt(zmq.IDENTITY, identity)
    socket.connect(address)
    heartbeat = WorkerManagerHeartbeat.new_msg(
        max_task_concurrency=0, capabilities={}, worker_manager_id=manager_id.encode()
    )
    socket.send(serialize(heartbeat))

    def receive():
        return deserialize(socket.recv())

else:
    from scaler.config.types.address import AddressConfig
    from scaler.io.mixins import ConnectorRemoteType
    from scaler.protocol.capnp import WorkerManagerHeartbeat

    backend = get_network_backend_from_env()  # kept: one that is collected closes its sockets
    connector = backend.create_sync_connector(
        identity=identity,
        connector_remote_type=ConnectorRemoteType.Binder,
        address=AddressConfig.from_string(address),
    )
    connector.send(WorkerManagerHeartbeat(maxTaskConcurrency=0, capabilities=[], workerManagerID=manager_id.encode()))
    receive = connector.receive

print(json.dumps({"echo": type(receive()).__name__}), flush=True)
while True:
    receive()
