"""One of the managers, serving a cluster."""

import os
import signal
import subprocess
import time

from cluster import BINARY

from . import processes

# This manager, this manager with Scaler's own agents (its fallback), and Scaler's Python manager.
KINDS = NATIVE, FALLBACK, PYTHON = "native", "fallback", "python"


def program(cluster, kind):
    return cluster.programs / "scaler_worker_manager" if kind == PYTHON else BINARY


def environment(cluster):
    # What killed processes leave in TMPDIR is removed with the logs.
    return dict(os.environ, SCALER_PYTHON=str(cluster.programs / "python"), TMPDIR=str(cluster.logs))


class Manager:
    def __init__(self, cluster, kind, mode, count, *extra, name="bench", address=None):
        command = [str(program(cluster, kind)), "baremetal_native", address or cluster.address, "--mode", mode]
        command += ["--max-task-concurrency", str(count), "--worker-manager-id", name, *extra]
        command += ["--worker-agent", "scaler"] if kind == FALLBACK else []
        self._log = cluster.logs / ("manager-%s.log" % name)
        with open(self._log, "w") as log:
            self.begun = time.time()
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment(cluster), cwd=cluster.logs, start_new_session=True
            )

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        ended = self.process.poll()
        processes.kill(self.process.pid)
        self.process.wait()
        if kind is None and ended not in (None, 0):
            raise RuntimeError("the manager ended with %d: %s" % (ended, self._log.read_text()[-300:].strip()))

    def family(self):
        return processes.tree(self.process.pid)

    def stop(self, limit=60):
        """Send SIGTERM. Returns the seconds until the manager and all processes that it has started have ended."""
        family = self.family()
        begun = time.time()
        self.process.send_signal(signal.SIGTERM)
        while self.process.poll() is None:  # wait(limit) polls every 50 ms only
            if time.time() - begun > limit:
                raise TimeoutError("the manager has not ended %d s after SIGTERM" % limit)
            time.sleep(0.002)
        took = time.time() - begun
        processes.kill(self.process.pid, family)
        return took
