"""Workers of one of the peers: peer_program.py dask|ray|fork start|work COUNT. Run it with a Python that has the peer.

It prints a line of JSON. With start that is when each worker was ready, in seconds from the first call, and the memory
of all in MB; with work it is the number of tiny tasks per second, after a first round.
"""

import contextlib
import json
import os
import signal
import sys
import time

import processes

TINY = 3000


def tiny(x):
    return x


def nap(_):
    time.sleep(0.5)


class Dask:
    @contextlib.contextmanager
    def _cluster(self, count, plugins=()):
        import distributed

        options = {"threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0, "silence_logs": False}
        options["scheduler_kwargs"] = {"plugins": plugins}
        with distributed.LocalCluster(n_workers=count, **options) as cluster, distributed.Client(cluster) as client:
            client.wait_for_workers(count, timeout=240)
            yield client

    def start(self, count):
        import distributed

        moments = []

        class Journal(distributed.SchedulerPlugin):
            def add_worker(self, **_):
                moments.append(time.time())

        begun = time.time()
        with self._cluster(count, [Journal()]):
            report(begun, moments[:count])

    def work(self, count):
        with self._cluster(count) as client:

            def run(function, number):
                client.gather(client.map(function, range(number), pure=False))

            report_rate(run, count)


class Ray:
    @contextlib.contextmanager
    def _cluster(self, count):
        import ray

        options = {"include_dashboard": False, "log_to_driver": False, "_node_ip_address": "127.0.0.1"}
        ray.init(num_cpus=count, _temp_dir=os.path.join(os.getcwd(), "ray"), **options)
        yield ray
        # Raylet does not wait for its children. The CPU time of those that end before it would not be counted as ours,
        # and so as the load by others: raylet has to end first.
        family = processes.tree(os.getpid())
        for pid in processes.children(os.getpid()):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        processes.kill(os.getpid(), family, spared=[os.getpid()])
        os._exit(0)  # Ray's exit handler would wait for its processes

    def start(self, count):
        import ray

        begun = time.time()
        with self._cluster(count):

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

    def work(self, count):
        with self._cluster(count) as ray:
            remote = {function: ray.remote(function) for function in (nap, tiny)}

            def run(function, number):
                ray.get([remote[function].remote(x) for x in range(number)])

            report_rate(run, count)


class Fork:
    def start(self, count):
        """Two forks per worker, which has a processor, of an interpreter that has imported nothing."""
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
    time.sleep(2)  # until the processes are idle
    memory = processes.pss(processes.tree(os.getpid()))
    print(json.dumps({"registered": [moment - begun for moment in moments], "memory": memory}), flush=True)


def report_rate(run, count):
    run(nap, 2 * count)
    run(tiny, count)
    begun = time.time()
    run(tiny, TINY)
    print(json.dumps({"rate": TINY / (time.time() - begun)}), flush=True)


if __name__ == "__main__":
    name, what, count = sys.argv[1:]
    getattr({"dask": Dask, "ray": Ray, "fork": Fork}[name](), what)(int(count))
