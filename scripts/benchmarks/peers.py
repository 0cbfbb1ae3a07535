"""What others take for as many workers: Dask's LocalCluster, Ray's actors, and the least that could be, forks."""

import json
import os
import pathlib
import subprocess
import tempfile

from . import processes

PROGRAM = pathlib.Path(__file__).with_name("peer_program.py")
PEERS = {"dask": "Dask's LocalCluster", "ray": "Ray's actors", "fork": "raw forks, two a worker"}


def measure(python, name, count):
    """Run one of them in that interpreter; when each worker was there, and the memory of all in MB."""
    with tempfile.TemporaryDirectory() as folder:
        # Ray keeps a token at home, and would tell its makers that it is used.
        surroundings = dict(os.environ, HOME=folder, TMPDIR=folder, RAY_USAGE_STATS_ENABLED="0")
        command = [str(python), str(PROGRAM), name, str(count)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, text=True, cwd=folder, env=surroundings, start_new_session=True, **pipes)
        try:
            out, err = process.communicate(timeout=300)
        finally:
            processes.kill(process.pid)
            process.wait()
        if process.returncode:
            last = (err.strip() or "no word").rsplit("\n", 1)[-1]
            raise RuntimeError("%s ended with %d: %s" % (name, process.returncode, last))
        answer = json.loads(next(line for line in out.splitlines() if line.startswith("{")))
        if len(answer["registered"]) != count:
            raise RuntimeError("%d of %d workers of %s came" % (len(answer["registered"]), count, name))
        return answer["registered"], answer["memory"]
