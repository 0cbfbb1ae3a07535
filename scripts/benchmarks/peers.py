"""What others take for as many workers: Dask's LocalCluster, Ray's actors, and the least that could be, forks.

They run in an interpreter of their own, of the environment named bench: peers.py dask|ray|fork COUNT.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

if __name__ == "__main__":
    import processes
else:
    from . import processes

PEERS = {"dask": "Dask's LocalCluster", "ray": "Ray's actors", "fork": "raw forks, two a worker"}


def dask(count):
    import distributed

    moments = []

    class Journal(distributed.SchedulerPlugin):
        def add_worker(self, **_):
            moments.append(time.time())

    begun = time.time()
    options = {"threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0, "silence_logs": False}
    with distributed.LocalCluster(n_workers=count, scheduler_kwargs={"plugins": [Journal()]}, **options) as cluster:
        with distributed.Client(cluster) as client:
            client.wait_for_workers(count, timeout=240)
            report(begun, moments[:count])


def ray(count):
    import ray

    begun = time.time()
    ray.init(
        num_cpus=count,
        include_dashboard=False,
        log_to_driver=False,
        _node_ip_address="127.0.0.1",
        _temp_dir=os.path.join(os.getcwd(), "ray"),
    )

    @ray.remote(num_cpus=1)
    class Actor:
        def ping(self):
            return os.getpid()

    actors = [Actor.remote() for _ in range(count)]
    waiting, moments = [actor.ping.remote() for actor in actors], []
    while waiting:
        done, waiting = ray.wait(waiting)
        ray.get(done)  # raises if the actor did not start
        moments += [time.time()] * len(done)
    report(begun, moments)
    ray.shutdown()


def fork(count):
    """Of an interpreter that has nothing imported. Two, because a worker has a processor."""
    begun, moments, pids = time.time(), [], []
    for _ in range(count):
        for _ in range(2):
            pid = os.fork()
            if not pid:
                time.sleep(60)
                os._exit(0)
            pids.append(pid)
        moments.append(time.time())
    report(begun, moments, settling=0)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def report(begun, moments, settling=2):
    time.sleep(settling)
    memory = processes.pss(processes.tree(os.getpid()))
    print(json.dumps({"registered": [moment - begun for moment in moments], "memory": memory}), flush=True)


def measure(python, name, count):
    """Run one of them in that interpreter; when each worker was there, and the memory of all in MB."""
    with tempfile.TemporaryDirectory() as folder:
        # Ray keeps a token at home, and would tell its makers that it is used.
        surroundings = dict(os.environ, HOME=folder, TMPDIR=folder, RAY_USAGE_STATS_ENABLED="0")
        command = [str(python), str(pathlib.Path(__file__)), name, str(count)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, text=True, cwd=folder, env=surroundings, start_new_session=True, **pipes)
        try:
            out, err = process.communicate(timeout=300)
        finally:
            processes.kill(processes.tree(process.pid))
            process.wait()
        if process.returncode:
            last = (err.strip() or "no word").rsplit("\n", 1)[-1]
            raise RuntimeError("%s ended with %d: %s" % (name, process.returncode, last))
        answer = json.loads(next(line for line in out.splitlines() if line.startswith("{")))
        if len(answer["registered"]) != count:
            raise RuntimeError("%d of %d workers of %s came" % (len(answer["registered"]), count, name))
        return answer["registered"], answer["memory"]


if __name__ == "__main__":
    {"dask": dask, "ray": ray, "fork": fork}[sys.argv[1]](int(sys.argv[2]))
