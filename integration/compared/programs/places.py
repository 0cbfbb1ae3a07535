"""The processes of one test run: a mark finds them again, whoever has become their parent."""

import os
import random
import re
import signal
import socket
import subprocess
import time

MARK = "SCALER_TEST_MARK"
# Binds a folder over /dev/shm for one program. Neither unshare nor sh forks here: the program keeps the pid.
OWN_SHARED_MEMORY = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /dev/shm && exec "$@"']
# A process that is killed within sem_open leaves glibc's temporary file, whose name nobody else knows.
UNFINISHED = re.compile(r"sem\.[a-zA-Z0-9]{6}$")


class Place:
    def __init__(self, mark, folder, programs):
        self.mark, self.folder, self.programs = mark, folder, programs
        self.port = _free_ports()
        self.address = "tcp://127.0.0.1:%d" % self.port

    def start(self, role, command, directory, **variables):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SCALER_")}
        environment.pop("PYTHONUNBUFFERED", None)
        environment.update(
            {MARK: self.mark, "PWD": str(directory), "SCALER_TEST_ROLE": role, "TMPDIR": str(self.folder)}
        )
        environment.update(variables)
        with open(os.path.join(self.folder, role + ".log"), "ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
                env=environment,
                start_new_session=True,
            )

    def start_manager(self, role, command, directory, **variables):
        """Starts a manager with a /dev/shm of its own, as root.

        What its processes leave there is then known to be theirs, and is removed with the test's folder.
        """
        if os.getuid() == 0:
            shared = self.shared_memory(role)
            os.makedirs(shared, exist_ok=True)
            command = [*OWN_SHARED_MEMORY, shared, *command]
        return self.start(role, command, directory, **variables)

    def shared_memory(self, role):
        """The folder that a manager has as /dev/shm."""
        return os.path.join(self.folder, role + ".shm") if os.getuid() == 0 else "/dev/shm"

    def semaphores(self, role):
        """Those that a manager with a /dev/shm of its own has left."""
        if os.getuid() != 0:
            return []
        return [name for name in os.listdir(self.shared_memory(role)) if not UNFINISHED.match(name)]

    def log(self, role):
        with open(os.path.join(self.folder, role + ".log"), "rb") as log:
            return log.read().decode("utf-8", "replace")

    def start_cluster(self, release):
        arguments = [
            self.address,
            "--policy-content",
            "allocate=even_load; scaling=vanilla",
            "--worker-timeout-seconds",
            "6",
        ]
        if not release.startswith("1."):
            storage = "tcp://127.0.0.1:%d" % (self.port + 1)
            await_port(
                self.port + 1,
                self.start("storage", [self.programs + "/scaler_object_storage_server", storage], self.folder),
            )
            arguments += ["--object-storage-address", storage]
        self.scheduler = self.start("scheduler", [self.programs + "/scaler_scheduler"] + arguments, self.folder)
        await_port(self.port + 2, self.scheduler)

    def processes(self, role=None):
        """Pid and command of all live processes of the role, or of all."""
        found = {}
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            try:
                with open("/proc/%s/environ" % name, "rb") as file:
                    environment = file.read().split(b"\0")
                with open("/proc/%s/cmdline" % name, "rb") as file:
                    command = file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
            except OSError:
                continue
            if ("%s=%s" % (MARK, self.mark)).encode() not in environment:
                continue
            if role is None or ("SCALER_TEST_ROLE=" + role).encode() in environment:
                found[int(name)] = command
        return found

    def kill(self, role=None):
        for _ in range(100):
            found = self.processes(role)
            if not found:
                return
            for pid in found:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.02)


def _free_ports():
    # Below the range of the other tests of this repository, which may run at the same time.
    for _ in range(200):
        port = 20000 + 3 * random.SystemRandom().randrange(1600)
        try:
            for offset in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
            return port
        except OSError:
            pass
    raise SystemExit("no three free ports in a row")


def await_port(port, process):
    for _ in range(1200):
        if process.poll() is not None:
            raise SystemExit("%s ended with %d" % (process.args[0], process.returncode))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("nothing listens at port %d" % port)
