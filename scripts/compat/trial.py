"""One release on one Python: object storage, scheduler, a manager and a client, in both modes."""

import json
import os
import pathlib
import signal
import subprocess
import time

from cluster import BINARY, Cluster

CLIENT = pathlib.Path(__file__).with_name("client_program.py")
PARTS = ("tasks", "exception", "nested", "cancel", "two processors")
# Far more than any of it takes, as the machine may have other work too.
CLIENT_TIME, SCALE_DOWN_TIME, STOP_TIME = 120, 120, 30


def run(release, environment, folder, manager_of):
    """Returns what was seen: the agent, why it is Scaler's own, and what failed. `manager_of` is the class of the
    manager: Manager or ScalersManager."""
    found = {"agent": "", "why": "", "failed": []}
    with Cluster(release, folder, environment) as cluster:
        for mode in ("fixed", "dynamic"):
            (folder / mode).mkdir()
            manager = manager_of(cluster, folder / mode, "--mode", mode, "--max-task-concurrency", "2")
            try:
                found["failed"] += ["%s: %s" % (mode, fault) for fault in use(manager, mode, folder / mode)]
                status = manager.status()
                found.update(agent=status.get("agent", ""), why=status.get("why_agent", ""))
            finally:
                found["failed"] += ["%s: %s" % (mode, fault) for fault in manager.stop()]
    return found


def use(manager, mode, folder):
    """Have a client use the manager. Returns what went wrong."""
    command = [str(manager.cluster.programs / "python"), str(CLIENT), manager.cluster.address, str(folder)]
    with open(folder / "client.log", "w") as log:
        client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
    try:
        passed = client.communicate(timeout=CLIENT_TIME)[0].splitlines()
    except subprocess.TimeoutExpired:
        os.killpg(client.pid, signal.SIGKILL)
        passed = client.communicate()[0].splitlines()
    failed = [part for part in PARTS if part not in passed]
    if not failed and client.returncode:
        failed = ["the client ends with %d" % client.returncode]
    if mode == "dynamic" and not failed:
        failed = manager.scaling()
    return failed


class ScalersManager:
    """The manager that comes with the release."""

    def __init__(self, cluster, folder, *options):
        self.cluster = cluster
        program = cluster.programs / "scaler_worker_manager"
        self.start(folder, program, "--worker-manager-id", "scalers", *options)  # which it demands

    def start(self, folder, program, *options):
        command = [str(program), "baremetal_native", self.cluster.address, *options]
        environment = dict(os.environ, SCALER_PYTHON=str(self.cluster.programs / "python"))
        with open(folder / "manager.log", "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)

    def status(self):
        return {}

    def scaling(self):
        """It does not tell how many workers there are."""
        return []

    def stop(self):
        """End it. Returns what went wrong."""
        if self.process.poll() is not None:
            return ["it ended by itself with status %d" % self.process.returncode]
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_TIME)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            return ["SIGTERM does not end it within %d s" % STOP_TIME]
        faults = ["exit status %d" % status] if status else []
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
            faults.append("a process of its group is left")
        except ProcessLookupError:
            pass
        return faults


class Manager(ScalersManager):
    """Ours, with the release's Python."""

    def __init__(self, cluster, folder, *options):
        self.cluster, self.socket = cluster, str(folder / "control.sock")
        self.start(folder, BINARY, "--control-socket", self.socket, *options)

    def status(self):
        """What `scaler-native status` tells; {} if the manager does not answer."""
        command = [str(BINARY.with_name("scaler-native")), "--socket", self.socket, "status", "--json", "--quick"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def scaling(self):
        """Wait until the workers have gone with their work. Returns what went wrong."""
        until = time.monotonic() + SCALE_DOWN_TIME
        while time.monotonic() < until:
            workers = self.status().get("workers")
            if workers is None:
                return ["the manager does not tell its status"]
            if workers["actual"] == 0:
                return [] if workers["started"] > 1 else ["never more than one worker"]
            time.sleep(0.2)
        return ["%d workers are left without work" % workers["actual"]]
