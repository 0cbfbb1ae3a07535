"""The socket files that workers create for their processors, and that a killed worker leaves behind.

A worker reports its file, and the manager removes it. But the report is lost if the host is killed first. So all files
of one host get the same prefix, by which the manager finds them. A worker takes the name from `uuid.uuid4` in Scaler's
module scaler.worker.worker (1.26.0 to 2.9.0).
"""

import os
import tempfile
import uuid

_PREFIX = "scaler_worker_"


class _Uuids:
    """Replaces the module uuid in scaler.worker.worker."""

    def __init__(self, token):
        self._token = token

    def __getattr__(self, name):
        return getattr(uuid, name)

    def uuid4(self):
        return uuid.UUID(hex=self._token + uuid.uuid4().hex[len(self._token) :])


def mark(worker_module):
    """Give all names the same prefix. Returns that of the paths; "" if the release chooses names in another way."""
    if getattr(worker_module, "uuid", None) is not uuid:
        return ""
    token = uuid.uuid4().hex[:12]
    worker_module.uuid = _Uuids(token)
    return os.path.join(tempfile.gettempdir(), _PREFIX + token)
