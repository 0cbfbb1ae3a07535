"""The files of the sockets that workers make for their processors, which a worker that is killed leaves behind.

A worker tells of its file, and the manager removes it; but the word is lost with a host that is killed before it has
passed it on. So the names that workers choose, all by `uuid.uuid4` in Scaler's module of the worker (1.26.0 to 2.9.0),
begin alike for all workers of one host: whoever knows the beginning finds them.
"""

import os
import tempfile
import uuid

_PREFIX = "scaler_worker_"


class _Uuids:
    """Stands for the module uuid in Scaler's module of the worker."""

    def __init__(self, token):
        self._token = token

    def __getattr__(self, name):
        return getattr(uuid, name)

    def uuid4(self):
        return uuid.UUID(hex=self._token + uuid.uuid4().hex[len(self._token) :])


def mark(worker_module):
    """Have all names begin alike. Returns how the paths begin; "" if the release names them in another way."""
    if getattr(worker_module, "uuid", None) is not uuid:
        return ""
    token = uuid.uuid4().hex[:12]
    worker_module.uuid = _Uuids(token)
    return os.path.join(tempfile.gettempdir(), _PREFIX + token)
