"""Gets an object by the release's own connector: agent_object.py HOST PORT OBJECT. Prints its size and a hash."""

import hashlib
import importlib.metadata
import json
import sys

from scaler.io.ymq_sync_object_storage_connector import YMQSyncObjectStorageConnector
from scaler.utility.identifiers import ObjectID

host, port, name = sys.argv[1], int(sys.argv[2]), ObjectID(bytes.fromhex(sys.argv[3]))
if importlib.metadata.version("opengris-scaler").startswith("1."):
    storage = YMQSyncObjectStorageConnector(host, port)
else:
    from scaler.config.types.address import AddressConfig
    from scaler.io.ymq import IOContext

    address = AddressConfig.from_string(f"tcp://{host}:{port}")
    storage = YMQSyncObjectStorageConnector(IOContext(), b"test|client", address)
content = bytes(storage.get_object(name))
print(json.dumps({"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}), flush=True)
storage.destroy()
