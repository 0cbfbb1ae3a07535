"""One manager with one release, in a folder of its own: what every measurement gets."""

import contextlib
import pathlib
import tempfile

from cluster import Cluster

from .client import Client
from .journal import Journal
from .manager import Manager


class Contest:
    def __init__(self, release, kind):
        self.release = release
        self.kind = kind

    @contextlib.contextmanager
    def cluster(self, venv=None):
        """A cluster with a client, which is connected; its journal knows what has registered."""
        with tempfile.TemporaryDirectory() as folder:
            with Cluster(self.release, pathlib.Path(folder), venv) as cluster, Client(cluster) as client:
                cluster.journal = Journal(folder + "/scaler_scheduler.log")
                yield cluster, client

    def manager(self, cluster, mode, count, *extra, **options):
        return Manager(cluster, self.kind, mode, count, *extra, **options)
