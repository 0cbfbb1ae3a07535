"""Start so many workers of one of the peers: peer_program.py dask|ray|fork COUNT. Run by the Python that has them.

Says in one line of JSON when each was there, in seconds from the first call, and the memory of all in MB.
"""

import json
import os
import signal
import sys
import time

import processes


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
    report(begun, moments)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def report(begun, moments):
    time.sleep(2)  # for what processes still do
    memory = processes.pss(processes.tree(os.getpid()))
    print(json.dumps({"registered": [moment - begun for moment in moments], "memory": memory}), flush=True)


if __name__ == "__main__":
    {"dask": dask, "ray": ray, "fork": fork}[sys.argv[1]](int(sys.argv[2]))
