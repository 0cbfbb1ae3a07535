"""Peers with as many workers: Dask's LocalCluster, Ray's actors, and as a lower bound, plain forks."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from cluster import ROOT

from . import processes
from .figures import Figure
from .fixed import WORKERS

PROGRAM = pathlib.Path(__file__).with_name("peer_program.py")
VENV = ROOT / ".venvs" / "bench"
PEERS = {"dask": "Dask's LocalCluster", "ray": "Ray's actors", "fork": "raw forks, two a worker"}
WORKING = "dask", "ray"  # plain forks run no tasks
STARTED = Figure("64 workers of a peer started", "s", shown=False)
MEMORY = Figure("memory of a peer's tree with 64 workers, PSS", "MB", shown=False)
CURVE = Figure("registrations of a peer's 64 workers", "s", shown=False)
RATE = {
    count: Figure("3000 tiny tasks over %d workers of a peer" % count, "1/s", more=True, shown=False)
    for count in (2, 16)
}


def installed():
    return (VENV / "made-from").exists()


def start(contest):
    answer = _run(contest.kind, "start", WORKERS)
    if len(answer["registered"]) != WORKERS:
        raise RuntimeError("only %d of %d workers of %s started" % (len(answer["registered"]), WORKERS, contest.kind))
    return {STARTED: answer["registered"][-1], CURVE: answer["registered"], MEMORY: answer["memory"]}


def work(contest):
    return {figure: _run(contest.kind, "work", count)["rate"] for count, figure in RATE.items()}


def _run(name, *arguments):
    """The answer of peer_program."""
    python = VENV / "bin" / "python" if installed() else sys.executable
    with tempfile.TemporaryDirectory() as folder:
        # Ray keeps a token in the home folder, and reports its usage if it is allowed to.
        surroundings = dict(os.environ, HOME=folder, TMPDIR=folder, RAY_USAGE_STATS_ENABLED="0")
        command = [str(python), str(PROGRAM), name, *map(str, arguments)]
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
        return json.loads(next(line for line in out.splitlines() if line.startswith("{")))
