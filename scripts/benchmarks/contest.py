"""What every measurement gets: one kind of manager with one release and one Python."""

import contextlib
import pathlib
import tempfile
from typing import NamedTuple

import pythons
from cluster import Cluster

from .client import Client
from .journal import Journal
from .manager import Manager


class Setting(NamedTuple):
    release: str  # of Scaler
    python: str = pythons.OWN

    def __str__(self):
        return "Scaler %s, Python %s" % self


class Contest:
    def __init__(self, setting, kind):
        self.setting = setting
        self.release = setting.release
        self.kind = kind

    @contextlib.contextmanager
    def cluster(self, extras=""):
        """A cluster in a temporary folder, with a connected client and a journal of what has registered."""
        venv = pythons.environment(extras + self.release, self.setting.python)
        with tempfile.TemporaryDirectory() as folder:
            with Cluster(self.release, pathlib.Path(folder), venv) as cluster, Client(cluster) as client:
                cluster.journal = Journal(folder + "/scaler_scheduler.log")
                yield cluster, client

    def manager(self, cluster, mode, count, *extra, **options):
        return Manager(cluster, self.kind, mode, count, *extra, **options)
