"""Objects in the object storage, put and read as Scaler's client does."""

import inspect
import pickle
import re
import uuid

import cloudpickle
from scaler.client.serializer.default import DefaultSerializer
from scaler.utility.identifiers import ClientID, ObjectID


def connect(port):
    try:
        from scaler.io.utility import create_sync_object_storage_connector
    except ImportError:
        from scaler.config.types.address import AddressConfig
        from scaler.io.network_backends import get_network_backend_from_env

        backend = get_network_backend_from_env(**given(get_network_backend_from_env))
        address = AddressConfig.from_string("tcp://127.0.0.1:%d" % port)
        identity = ("Conformance|" + uuid.uuid4().hex).encode()
        return backend.create_sync_object_storage_connector(identity, address), backend
    return create_sync_object_storage_connector("127.0.0.1", port), None


def given(function):
    return {"io_threads": 1} if "io_threads" in inspect.signature(function).parameters else {}


class Objects:
    """Of one client."""

    def __init__(self, connector):
        self.connector = connector
        self.client = ClientID.generate_client_id()
        self.serializer = DefaultSerializer()
        connector.set_object(ObjectID.generate_serializer_object_id(self.client), cloudpickle.dumps(self.serializer))
        self.functions = {}

    def put(self, value, at=None):
        object_id = at or ObjectID.generate_object_id(self.client)
        self.connector.set_object(object_id, bytes(self.serializer.serialize(value)))
        return object_id

    def function(self, function):
        if function not in self.functions:
            self.functions[function] = self.put(function)
        return self.functions[function]

    def get(self, object_id, failed):
        """The object in words."""
        content = bytes(self.connector.get_object(ObjectID(object_id)))
        if not failed:
            return repr(self.serializer.deserialize(content))
        error = pickle.loads(content)
        return re.sub(r"\s+", " ", "%s: %s" % (type(error).__name__, error))
