"""Runs every case under one worker manager: run.py RELEASE PROGRAM MARK

It starts a cluster, and at the end prints one JSON object with the outcomes by case. When its standard input ends, it
kills what it started. PARITY_LOGS names a folder for the logs.
"""

import contextlib
import importlib
import inspect
import json
import os
import re
import signal
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "compared", "programs"))

import cloudpickle  # noqa: E402
import places  # noqa: E402
import planted  # noqa: E402
import recording  # noqa: E402
import registry  # noqa: E402
from scaler import Client  # noqa: E402

LOGS = os.environ.get("PARITY_LOGS")  # a folder for the managers' logs; progress is then told as well
BEGUN = time.time()
RESULT = 45  # seconds for a task that does not end anything; the machine may be busy
WORKERS = 4  # of the scene in which tasks end processors, three of them with their worker

# In the order in which their cases are run: what a task finds comes before what may change it.
for name in ("surroundings", "interpreter", "runtime", "children", "activities", "talks", "output", "ends", "leaves"):
    # Tasks must not need the modules of this folder.
    cloudpickle.register_pickle_by_value(importlib.import_module(name))


class Run:
    def __init__(self, release, program, mark, folder):
        self.release, self.program, self.folder = release, program, folder
        # Without symbolic links, as the first line of an installed program has it.
        self.programs = os.path.realpath(os.path.dirname(sys.executable))
        self.ours = os.path.realpath(os.path.dirname(program)) != self.programs
        self.place = places.Place(mark, folder, self.programs)
        self.found = {}
        self.manager = None

    # What is the same for both managers, in other words for each.

    def normal(self, value):
        if isinstance(value, dict):
            return {str(self.normal(key)): self.normal(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set)):
            return [self.normal(item) for item in value]
        if value is None or isinstance(value, (bool, int, float)):
            return value
        text = (
            str(value)
            .replace(self.folder, "<folder>")
            .replace(self.place.mark, "<mark>")
            .replace(str(self.place.port), "<port>")
        )
        text = text.replace(os.path.dirname(self.programs), "<environment>").replace(
            os.path.dirname(os.path.abspath(__file__)), "<programs>"
        )
        text = re.sub(r"\bpym-\d+-\w+", "pym-<name>", re.sub(r"\b\d+\|processor", "<number>|processor", text))
        text = re.sub(r"0x[0-9a-f]+", "<address>", text)
        text = re.sub(r"\b[0-9a-f]{24,}\b", "<id>", text)
        text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", "<id>", text)
        return re.sub(r"\b(pid|Processor\[|scaler\[|ForkProcess-|SpawnProcess-|PID )=?\d+", r"\1<number>", text)

    def note(self, name, outcome):
        if not isinstance(outcome, dict):
            outcome = {
                "result": type(outcome).__name__
                if outcome is not None and type(outcome).__module__ != "builtins"
                else str(outcome)
            }
        self.found.setdefault(name, {}).update(self.normal(outcome))
        if LOGS:
            sys.stderr.write("%.1f %s %s\n" % (time.time() - BEGUN, name, str(outcome)[:200]))

    def result(self, future, limit):
        try:
            return future.result(limit)
        except BaseException as error:
            if isinstance(error, TimeoutError) and not future.done():
                with contextlib.suppress(Exception):
                    future.cancel(20)  # its worker is needed for the other cases
                return {"raises": "no result"}
            cause = error.__cause__ or error.__context__
            more = {name: str(item) for name, item in vars(error).items() if not name.startswith("_")}
            return {
                "raises": type(error).__name__,
                "says": str(error)[:400],
                "cause": type(cause).__name__,
                "attributes": more,
            }

    # The manager.

    def start(self, name, count, directory, given=None):
        self.role = name
        command = [
            self.program,
            "baremetal_native",
            self.place.address,
            "--mode",
            "fixed",
            "--max-task-concurrency",
            str(count),
        ]
        command += ["--worker-manager-id", name, "--heartbeat-interval-seconds", "1"]
        variables = {"SCALER_PYTHON": self.programs + "/python"}
        if self.ours:
            for variable, value in (given or {}).items():
                command += ["--worker-env", "%s=%s" % (variable, value)]
        else:
            variables.update(given or {})
        os.makedirs(directory, exist_ok=True)
        self.manager = self.place.start_manager(name, command, directory, **variables)

    def stop(self, number):
        """Ask the manager to end, and note what it left."""
        alone = self.manager.poll() is not None
        if not alone:
            os.kill(self.manager.pid, number)
        limit, status = time.time() + 40, None
        while status is None and time.time() < limit:
            status = self.manager.poll()
            time.sleep(0.02)
        patience = time.time() + 2
        while self.place.processes(self.role) and time.time() < patience:
            time.sleep(0.02)
        left = self.place.processes(self.role)
        self.note(
            "end-of-the-manager-" + self.role,
            {
                "before it was asked": alone,
                "status": status,
                "python processes left": sum("python" in command for command in left.values()),
            },
        )
        self.left = sorted(command for command in left.values() if "python" not in command)
        if LOGS:
            sys.stderr.write("left: %s\n" % left)
        semaphores = [name for name in self.place.semaphores(self.role) if name.startswith("sem.")]
        if self.ours and semaphores:
            self.note("end-of-the-manager-" + self.role, {"semaphores left": len(semaphores)})
        self.look_at_output()
        self.place.kill(self.role)
        self.manager.wait()

    def look_at_output(self):
        found = {}
        for line in self.place.log(self.role).splitlines():
            for name in re.findall(r"PARITY ([a-z-]*[a-z])", line):
                text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*", "<time>", line)
                if name.startswith("left-"):
                    # Cut when numbers have one length.
                    text = self.normal(re.search(r"PARITY.*?(?=\[INFO\]|$)", text).group())[:80]
                found.setdefault(name, []).append(text)
        for name, lines in found.items():
            self.note(name if not name.startswith("left-") else name + "-" + self.role, {"output": sorted(lines)})
        if self.role == "looks":
            self.note("output-huge", {"lines": self.place.log(self.role).count("FILLER")})

    # The scenes.

    def leave(self, client):
        for case in registry.of("leave"):
            folder = os.path.join(self.folder, self.role, case.name)
            os.makedirs(folder)
            outcome = self.result(client.submit(case.function, folder), RESULT)
            if outcome is not None:
                self.note("%s-%s" % (case.name, self.role), outcome)

    def look_at_leavings(self):
        for case in registry.of("leave"):
            folder = os.path.join(self.folder, self.role, case.name)
            found = {}
            for name in sorted(os.listdir(folder)):
                path = os.path.join(folder, name)
                if name == ".name":
                    shared = os.path.join(self.place.shared_memory(self.role), open(path).read())
                    found["in /dev/shm"] = os.path.exists(shared)
                    if os.path.exists(shared):
                        os.remove(shared)
                elif name.startswith("temporary"):
                    found["temporary"] = "left"
                else:
                    found[name] = open(path).read()
            self.note("%s-%s" % (case.name, self.role), found)
        wanted = {"left-child": "1001.5", "left-child-in-a-session": "1002.5", "left-orphan": "1003.5"}
        for name, number in wanted.items():
            self.note("%s-%s" % (name, self.role), {"alive": any(number in command for command in self.left)})

    def looks(self):
        directory = os.path.join(self.folder, "work")
        os.makedirs(directory)
        with open(os.path.join(directory, "beside_manager.py"), "w") as file:
            file.write('WHERE = "beside the manager"\n')
        self.start("looks", 1, directory)
        with Client(address=self.place.address) as client:
            for case in registry.cases:
                if case.kind == "look":
                    self.note(case.name, self.result(client.submit(case.function), RESULT))
                elif case.kind == "talk":
                    try:
                        self.note(case.name, case.function(client))
                    except BaseException as error:
                        self.note(case.name, {"fails": type(error).__name__, "says": str(error)[:300]})
            self.leave(client)
        self.stop(signal.SIGTERM)
        self.look_at_leavings()

    def together(self, client, count, patience, function=None):
        """Have `count` tasks run at the same time, as far as there are workers. Returns what they return."""
        folder = tempfile.mkdtemp(dir=self.folder)

        def meet(number):
            import os
            import time

            open("%s/%d" % (folder, os.getpid()), "a").close()
            limit = min(os.stat(os.path.join(folder, name)).st_mtime for name in os.listdir(folder)) + patience
            while len(os.listdir(folder)) < count and time.time() < limit:
                time.sleep(0.02)
            time.sleep(0.1)
            return function() if function else len(os.listdir(folder))

        futures = [client.submit(meet, number) for number in range(count)]
        return [self.result(future, patience * count + RESULT) for future in futures]

    def ends(self):
        self.start("ends", WORKERS, os.path.join(self.folder, "ends"))
        with Client(address=self.place.address) as client:
            drawn = self.together(client, WORKERS, 60, draw)
            for name in drawn[0]:
                count = len({json.dumps(values[name]) for values in drawn})
                self.note(
                    "randomness-of-processors", {name: {1: "the same", WORKERS: "different"}.get(count, str(count))}
                )
            futures = [(case, client.submit(case.function)) for case in registry.of("end")]
            for case, future in futures:
                self.note(case.name, self.result(future, 60))
            self.note("workers-after-the-ends", {"at work": max(self.together(client, WORKERS, 20))})
            for case in registry.of("end", serial=True):
                self.end_serially(client, case)
            if self.manager.poll() is None:
                self.note("workers-after-their-parents-ends", {"at work": max(self.together(client, WORKERS, 4))})
        self.stop(signal.SIGINT)

    def end_serially(self, client, case):
        if self.manager.poll() is not None:
            self.note(case.name, {"the manager has ended": True})
            return
        if case.name == "end-cancelled":
            future = client.submit(case.function)
            time.sleep(0.5)
            begun = time.time()
            self.note(
                case.name,
                {"accepted": future.cancel(), "in time": time.time() - begun < 20, "cancelled": future.cancelled()},
            )
            return
        given = [os.path.join(self.folder, case.name)] if inspect.signature(case.function).parameters else []
        starts = os.path.join(self.folder, case.name + "-companion")

        def companion():
            import time

            with open(starts, "a") as file:
                file.write("started\n")
            time.sleep(3)

        # A task of another worker; it is to be none the worse.
        other = client.submit(companion)
        limit = time.time() + RESULT
        while not os.path.exists(starts) and time.time() < limit:
            time.sleep(0.02)
        self.note(case.name, self.result(client.submit(case.function, *given), 30))
        self.note(case.name, {"task of another worker": self.result(other, RESULT)})
        with open(starts) as file:
            self.note(case.name, {"its starts": len(file.readlines())})

    def interrupted(self):
        given = {"TZ": "Asia/Tokyo", "TMPDIR": os.path.join(self.folder, "given"), "PARITY": "given"}
        os.makedirs(given["TMPDIR"])
        self.start("interrupted", 1, os.path.join(self.folder, "interrupted-work"), given)
        with Client(address=self.place.address) as client:
            self.note("given-environment", self.result(client.submit(given_environment), RESULT))
            self.leave(client)
        self.stop(signal.SIGINT)
        self.look_at_leavings()

    def busy(self):
        directory, log = os.path.join(self.folder, "planted"), os.path.join(self.folder, "imported")
        os.makedirs(directory)
        planted.plant(directory, log)
        self.start("busy", 1, directory)
        folder = os.path.join(self.folder, "busy-leaves")
        os.makedirs(folder)
        with Client(address=self.place.address) as client:
            client.submit(work, folder)
            limit = time.time() + RESULT
            while not os.path.exists(folder + "/begun") and time.time() < limit:
                time.sleep(0.02)
            self.stop(signal.SIGTERM)
            self.note("task-at-work-when-the-manager-ends", {"files": sorted(os.listdir(folder))})
            self.note("imports-from-the-managers-folder", {"names": planted.imported(log)})
            client.clear()

    def outcomes(self):
        try:
            self.place.start_cluster(self.release)
            for scene in (self.looks, self.ends, self.interrupted, self.busy):
                begun = time.time()
                scene()
                sys.stderr.write("%s: %.1f s\n" % (scene.__name__, time.time() - begun))
        finally:
            self.keep_logs()
        return self.found

    def keep_logs(self):
        for role in ("looks", "ends", "interrupted", "busy", "scheduler"):
            if LOGS and os.path.exists(os.path.join(self.folder, role + ".log")):
                os.makedirs(LOGS, exist_ok=True)
                lines = [line for line in self.place.log(role).splitlines(True) if "FILLER" not in line]
                with open(os.path.join(LOGS, "%s-%s.log" % (self.place.mark, role)), "w") as file:
                    file.write("".join(lines))


def draw():
    import hashlib
    import multiprocessing
    import os
    import random
    import secrets
    import tempfile
    import uuid

    return {
        "random": random.random(),
        "random.Random()": random.Random().random(),
        "uuid1": uuid.uuid1().hex,
        "uuid4": uuid.uuid4().hex,
        "secrets": secrets.token_hex(),
        "temporary names": next(tempfile._get_candidate_names()),
        "hash of a string": hash("text"),
        "seed of hashes": os.environ.get("PYTHONHASHSEED"),
        "authkey": hashlib.sha1(bytes(multiprocessing.current_process().authkey)).hexdigest(),
        "pid": os.getpid(),
        "directory": os.getcwd(),
    }


def given_environment():
    import os
    import subprocess
    import tempfile
    import time

    return {
        "variables": {name: os.environ.get(name) for name in ("TZ", "TMPDIR", "PARITY")},
        "temporary folder": tempfile.gettempdir(),
        "temporary file": os.path.dirname(tempfile.mkstemp()[1]),
        "time zone": time.strftime("%T %Z", time.localtime(0)),
        "of a child": subprocess.run(["date", "-d", "@0", "+%T %Z"], stdout=subprocess.PIPE).stdout.decode(),
    }


def work(folder):
    import atexit
    import time

    atexit.register(lambda: open(folder + "/atexit", "w").close())
    try:
        open(folder + "/begun", "w").close()
        for _ in range(1000):
            time.sleep(0.1)
    except BaseException as error:
        open(folder + "/" + type(error).__name__, "w").close()
        raise
    finally:
        open(folder + "/finally", "w").close()


def main(release, program, mark):
    recording.record(lambda folder: Run(release, os.path.abspath(program), mark, folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
