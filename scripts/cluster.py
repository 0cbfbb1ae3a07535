"""A real object storage server and scheduler of one release, for the demo and the benchmarks."""

import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "bin" / "scaler_worker_manager"


def free_ports():
    """The first of three free ports in a row: a scheduler before 2.0 also uses the two ports after its own."""
    for port in range(18516, 28516, 10):
        sockets = [socket.socket() for _ in range(3)]
        try:
            for offset, candidate in enumerate(sockets):
                candidate.bind(("127.0.0.1", port + offset))
            return port
        except OSError:
            continue
        finally:
            for candidate in sockets:
                candidate.close()
    raise SystemExit("no three free ports in a row")


def await_port(port, process):
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("%s ended with %d" % (process.args[0], process.returncode))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("nothing listens at port %d" % port)


class Cluster:
    """Object storage and scheduler of a release, each in its own process group."""

    def __init__(self, release, logs, venv=None):
        self.programs = ROOT / ".venvs" / (venv or release) / "bin"
        self.port = free_ports()
        self.address = "tcp://127.0.0.1:%d" % self.port
        self.logs = logs
        self.processes = []
        try:
            self._start_all(release)
        except BaseException:
            self.stop()
            raise

    def _start_all(self, release):
        arguments = [self.address, "--policy-content", "allocate=even_load; scaling=vanilla"]
        if not release.startswith("1."):
            storage = "tcp://127.0.0.1:%d" % (self.port + 1)
            await_port(self.port + 1, self.start("scaler_object_storage_server", storage))
            arguments += ["--object-storage-address", storage]
        self.scheduler = self.start("scaler_scheduler", *arguments)
        await_port(self.port, self.scheduler)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, program, *arguments):
        with open(self.logs / (program + ".log"), "w") as log:
            process = subprocess.Popen(
                [str(self.programs / program), *arguments], stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def client(self, source, **options):
        """Run the source of a client program, in which ADDRESS is replaced by the scheduler's address."""
        program = self.logs / "my_client.py"
        program.write_text(source.replace("ADDRESS", self.address))
        return subprocess.run([str(self.programs / "python"), str(program)], check=True, timeout=300, **options)

    def stop(self):
        for process in reversed(self.processes):
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                    process.wait(5)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue
