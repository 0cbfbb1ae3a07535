#!/usr/bin/env python3
"""What others take to start as many workers: peers.py dask|ray|fork COUNT. Prints one JSON object."""

import json
import os
import sys
import time

import measure


def dask(count):
    from distributed import Client, LocalCluster

    begun = time.time()
    with LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster:
        with Client(cluster) as client:
            client.wait_for_workers(count, timeout=240)
            took = time.time() - begun
            time.sleep(2)
            return {"workers started (s)": took, "memory, PSS (MB)": sum(map(measure.pss, measure.tree(os.getpid()))) / 1e6}


def ray(count):
    import ray

    begun = time.time()
    ray.init(num_cpus=count, include_dashboard=False, log_to_driver=False)

    @ray.remote(num_cpus=1)
    class Actor:
        def ping(self):
            return os.getpid()

    actors = [Actor.remote() for _ in range(count)]
    ray.get([actor.ping.remote() for actor in actors])
    took = time.time() - begun
    time.sleep(2)
    memory = sum(map(measure.pss, measure.tree(os.getpid()))) / 1e6
    ray.shutdown()
    return {"actors started (s)": took, "memory, PSS (MB)": memory}


def fork(count):
    """Twice as many processes, as a worker has a processor, of an interpreter that has nothing imported."""
    begun, pids = time.time(), []
    for _ in range(2 * count):
        pid = os.fork()
        if not pid:
            time.sleep(60)
            os._exit(0)
        pids.append(pid)
    took = time.time() - begun
    memory = sum(map(measure.pss, measure.tree(os.getpid()))) / 1e6
    for pid in pids:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    return {"processes forked, two a worker (s)": took, "memory, PSS (MB)": memory}


if __name__ == "__main__":
    print(json.dumps({"dask": dask, "ray": ray, "fork": fork}[sys.argv[1]](int(sys.argv[2]))))
