"""The start of the manager itself."""

import subprocess
import time

from cluster import BINARY

from . import manager
from .figures import Figure, at_most
from .relay import Relay

HEARTBEAT = Figure("first heartbeat, from exec", "ms", at_most(30, "ms"))
HELP = Figure("start-up: --help", "ms")
SIZE = Figure("binary", "MB")


def heartbeat(contest):
    """A manager sends its id in its heartbeats only, with any transport."""
    name = "bench-heartbeat"
    with contest.cluster() as (cluster, _), Relay(cluster.port, name.encode()) as relay:
        with contest.manager(cluster, "dynamic", 4, name=name, address=relay.address) as started:
            return {HEARTBEAT: (relay.wait(30) - started.begun) * 1e3}


def startup(contest):
    with contest.cluster() as (cluster, _):
        command = [str(manager.program(cluster, contest.kind)), "baremetal_native", "--help"]
        begun = time.time()
        subprocess.run(command, env=manager.environment(cluster), stdout=subprocess.DEVNULL, check=True, timeout=60)
        took = (time.time() - begun) * 1e3
    # Python's manager has no binary.
    return {HELP: took, SIZE: BINARY.stat().st_size / 1e6 if contest.kind != manager.PYTHON else None}
