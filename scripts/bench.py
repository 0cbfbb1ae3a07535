#!/usr/bin/env python3
"""Compare this worker manager with Scaler's Python one, Dask, Ray and raw forks, side by side.

    scripts/bench.py [--runs 3] [--releases 1.26.6 2.9.0] [--quick]

The contestants take turns, run after run, so that a machine whose speed drifts is fair to
all. Writes docs/benchmarks.md and docs/benchmarks.svg. Needs `make build`, the environments
of the releases (scripts/venvs.py), and for Dask and Ray the one named bench.
"""

import argparse
import json
import os
import pathlib
import platform
import signal

import subprocess
import sys
import tempfile
import time

import measure
from cluster import BINARY, ROOT, Cluster

WORKERS = 64
STARTED = """
import time
from scaler import Client

def started(_):
    begun = time.time()
    time.sleep(0.5)
    return begun

with Client(address="ADDRESS") as client:
    print(max(client.map(started, range(COUNT))))
"""
FIRST = """
import time
from scaler import Client

with Client(address="ADDRESS") as client:
    asked = time.time()
    print(client.submit(time.time).result() - asked)
"""
BURST = """
import time
from scaler import Client

with Client(address="ADDRESS") as client:
    print(time.time(), flush=True)
    for future in [client.submit(time.sleep, 0.5) for _ in range(14 * COUNT)]:
        future.result()
"""
TINY = """
import time
from scaler import Client

def tiny(x):
    return x

with Client(address="ADDRESS") as client:
    client.submit(tiny, 1).result()
    begun = time.time()
    client.map(tiny, range(10000))
    print(10000 / (time.time() - begun))
"""


class Manager:
    """One of the two managers, serving a cluster."""

    def __init__(self, cluster, kind, mode, count, extra=()):
        program = BINARY if kind == "native" else cluster.programs / "scaler_worker_manager"
        command = [str(program), "baremetal_native", cluster.address, "--mode", mode, "--max-task-concurrency", str(count)]
        command += ["--worker-manager-id", "bench", *extra]
        environment = dict(os.environ, SCALER_PYTHON=str(cluster.programs / "python"))
        self.begun = time.time()
        with open(cluster.logs / "manager.log", "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)

    def stop(self, limit=60):
        """Seconds that a stop takes; the manager is killed after the limit, with whatever it left."""
        tree = measure.tree(self.process.pid)
        begun = time.time()
        self.process.send_signal(signal.SIGTERM)
        while self.process.poll() is None and time.time() - begun < limit:
            time.sleep(0.005)
        took = time.time() - begun
        for pid in tree:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        return took


def fixed(release, kind, logs, results, count=WORKERS, whole=True):
    cluster = Cluster(release, logs)
    try:
        registrations = measure.Registrations(logs / "scaler_scheduler.log")
        manager = Manager(cluster, kind, "fixed", count)
        times = registrations.await_count(count, 180)
        results.add("%d workers registered (s)" % count, times[-1] - manager.begun)
        if whole:
            results.curve([moment - manager.begun for moment in times])
            out = cluster.client(STARTED.replace("COUNT", str(count)), capture_output=True, text=True).stdout
            results.add("%d processors ready (s)" % count, float(out) - manager.begun)
            time.sleep(2)
            tree = measure.tree(manager.process.pid)
            results.add("memory of %d workers, PSS (MB)" % count, sum(map(measure.pss, tree)) / 1e6)
            results.add("manager alone, RSS (MB)", measure.rss(manager.process.pid) / 1e6)
            results.add("manager alone, CPU when idle (ms/s)", measure.cpu_per_second(manager.process.pid, 3) * 1e3)
        results.add("%d workers stopped (s)" % count, manager.stop())
    finally:
        cluster.stop()


def dynamic(release, kind, logs, results, counts):
    for count in counts:
        cluster = Cluster(release, logs)
        try:
            registrations = measure.Registrations(logs / "scaler_scheduler.log")
            manager = Manager(cluster, kind, "dynamic", count)
            time.sleep(3)  # idle, with no worker
            first = cluster.client(FIRST, capture_output=True, text=True).stdout
            results.add("first task on an idle cluster (s)", float(first))
            before = len(registrations.times())
            program = BURST.replace("COUNT", str(count)).replace("ADDRESS", cluster.address)
            client = subprocess.Popen([str(cluster.programs / "python"), "-c", program], stdout=subprocess.PIPE, text=True)
            asked = float(client.stdout.readline())
            times = registrations.await_count(before + count - 1, 240)
            results.add("burst of work to %d workers (s)" % count, times[-1] - asked)
            client.kill()
            client.wait()
            manager.stop(limit=20)
        finally:
            cluster.stop()


def throughput(release, kind, logs, results):
    cluster = Cluster(release, logs)
    try:
        registrations = measure.Registrations(logs / "scaler_scheduler.log")
        manager = Manager(cluster, kind, "fixed", 2)
        registrations.await_count(2, 60)
        out = cluster.client(TINY, capture_output=True, text=True).stdout
        results.add("10000 tiny tasks over 2 workers (1/s)", float(out))
        manager.stop()
    finally:
        cluster.stop()


def others(logs, results):
    """Dask's LocalCluster, Ray actors, and the least that could be: forks that do nothing."""
    python = ROOT / ".venvs" / "bench" / "bin" / "python"
    for name in ("dask", "ray", "fork"):
        interpreter = python if python.exists() else pathlib.Path(sys.executable)
        command = [str(interpreter), str(ROOT / "scripts" / "peers.py"), name, str(WORKERS)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=logs)
        if done.returncode == 0:
            for what, value in json.loads(done.stdout.splitlines()[-1]).items():
                results.add("%s: %s" % (name, what), value)
        else:
            print("  %s left out: %s" % (name, done.stderr.strip().rsplit("\n", 1)[-1]), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--releases", nargs="*", default=["1.26.6", "2.9.0"])
    parser.add_argument("--quick", action="store_true", help="only fixed mode, nothing written")
    options = parser.parse_args()
    report = measure.Report(WORKERS)
    for run in range(options.runs):
        for release in options.releases:
            for kind in ("native", "python"):
                print("run %d: Scaler %s, %s" % (run + 1, release, kind), file=sys.stderr)
                results = report.results(release, kind)
                with tempfile.TemporaryDirectory() as folder:
                    logs = pathlib.Path(folder)
                    fixed(release, kind, logs, results)
                    if not options.quick:
                        # A minute for 64 is enough of the Python manager, and 256 of it more than the machine takes.
                        dynamic(release, kind, logs, results, (16, 64) if kind == "native" or run == 0 else (16,))
                        throughput(release, kind, logs, results)
                        if kind == "native":
                            fixed(release, kind, logs, results, 256, whole=False)
        if not options.quick:
            print("run %d: Dask, Ray, forks" % (run + 1), file=sys.stderr)
            with tempfile.TemporaryDirectory() as folder:
                others(pathlib.Path(folder), report.results("", "others"))
    text = report.markdown("%d runs, %s, %d CPUs" % (options.runs, platform.machine(), os.cpu_count()))
    print(text)
    if not options.quick:
        (ROOT / "docs" / "benchmarks.md").write_text(text)
        (ROOT / "docs" / "benchmarks.svg").write_text(report.plot())


if __name__ == "__main__":
    main()
