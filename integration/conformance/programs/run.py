"""Has one worker manager's agents act every script: run.py RELEASE PROGRAM MARK [OPTION ...]

The options are the manager's. It prints one JSON object: what the agent said, by script and step. When its standard input
ends, it kills what it started. SCRIPTS picks some; with LOGS, a folder, the managers' logs are kept there.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "parity", "programs"))

import cloudpickle  # noqa: E402
import objects  # noqa: E402
import places  # noqa: E402
import script  # noqa: E402
import tasks  # noqa: E402
from conversation import Conversation, Stuck  # noqa: E402

LOGS = os.environ.get("LOGS")
PICKED = os.environ.get("SCRIPTS", "").split()
TOGETHER = 3  # scripts that run at the same time: they mostly wait
LIMIT = 60  # seconds for a script
TRIES = 3  # of a script that Scaler's agent did not come to act

cloudpickle.register_pickle_by_value(tasks)  # processors must not need the modules of this folder


class Run:
    def __init__(self, release, program, mark, options, folder):
        self.program, self.mark, self.options, self.folder = program, mark, options, folder
        # Without symbolic links, as the first line of an installed program has it.
        self.programs = os.path.realpath(os.path.dirname(sys.executable))
        self.ours = os.path.realpath(os.path.dirname(program)) != self.programs
        self.place = places.Place(mark, folder, self.programs)  # of all
        self.scripts = script.load()

    def start_storage(self):
        self.storage_port = self.place.port + 1
        address = "tcp://127.0.0.1:%d" % self.storage_port
        command = [self.programs + "/scaler_object_storage_server", address]
        places._await(self.storage_port, self.place.start("storage", command, self.folder))
        self.connector, self.backend = objects.connect(self.storage_port)

    def command(self, name, place, options):
        command = [self.program, "baremetal_native", place.address, "--mode", "fixed", "--max-task-concurrency", "1"]
        command += ["--worker-manager-id", "Conformance", "--heartbeat-interval-seconds", "1", *self.options]
        for option in options:
            storage = ["--object-storage-address", "tcp://127.0.0.1:%d" % self.storage_port]
            command += storage if option == "storage" else [option]
        return command

    async def act(self, name, turn):
        async with turn:
            for again in range(TRIES):
                c = await self.once(name, "%s-%d" % (name, again) if again else name)
                # An agent of Scaler 2.3 now and then never gets to its object storage, and so never has a processor.
                if self.ours or c.processors or not c.stuck:
                    break
            return c.steps

    async def once(self, name, role):
        function, options = self.scripts[name]
        begun = time.time()
        folder = os.path.join(self.folder, role)
        os.mkdir(folder)
        place = places.Place(self.mark, folder, self.programs)
        c = Conversation(role, place, self.storage_port, self.connector)
        try:
            await c.bind()
            c.manager = place.start(role, self.command(name, place, options), folder, SCALER_PYTHON=self.programs + "/python")
            try:
                await asyncio.wait_for(function(c), LIMIT)
            except Stuck:
                c.stuck = True
            except (asyncio.TimeoutError, ProcessLookupError) as error:
                c.note("the script ends with %s" % type(error).__name__)
            try:
                await c.stop()
            except Stuck:
                pass
        finally:
            c.flush()
            place.kill(role)
            c.close()
        sys.stderr.write("%s: %.1f s\n" % (role, time.time() - begun))
        if LOGS:
            shutil.copy(os.path.join(folder, role + ".log"), os.path.join(LOGS, "%s-%s.log" % (self.mark, role)))
        return c

    async def all(self):
        self.start_storage()
        turn = asyncio.Semaphore(TOGETHER)
        names = PICKED or list(self.scripts)
        return dict(zip(names, await asyncio.gather(*[self.act(name, turn) for name in names])))


def main(release, program, mark, *options):
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # a shell's background jobs ignore some, and all children would
    answer = os.dup(1)
    os.dup2(2, 1)  # what Scaler prints is not the answer
    with tempfile.TemporaryDirectory(prefix="sn") as folder:
        run = Run(release, os.path.abspath(program), mark, options, folder)

        def guard():
            sys.stdin.read()
            run.place.kill()
            shutil.rmtree(folder, ignore_errors=True)
            os._exit(3)

        threading.Thread(target=guard, daemon=True).start()
        try:
            outcomes = asyncio.run(run.all())
        finally:
            run.place.kill()
    with os.fdopen(answer, "w") as stream:
        json.dump(outcomes, stream, indent=1)
    os._exit(0)  # the release's sockets take their time to end


if __name__ == "__main__":
    main(*sys.argv[1:])
