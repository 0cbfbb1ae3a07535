"""Runs every script with the agents of one worker manager: run.py RELEASE PROGRAM MARK [OPTION ...]

The options are the manager's. It prints one JSON object with what the agent sent, by script and step. When its standard
input ends, it kills what it started. SCRIPTS selects scripts; LOGS names a folder for the managers' logs.
"""

import asyncio
import os
import shutil
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "compared", "programs"))

import cloudpickle
import objects
import places
import recording
import script
import tasks
from conversation import Conversation, Stuck

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
        places.await_port(self.storage_port, self.place.start("storage", command, self.folder))
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
            c.manager = place.start_manager(
                role, self.command(name, place, options), folder, SCALER_PYTHON=self.programs + "/python"
            )
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
        # Scaler's own worker leaves its semaphores when it is killed. Ours must not.
        left = place.semaphores(role)
        if self.ours and left:
            c.note("left in /dev/shm: %d" % len(left))
        sys.stderr.write("%s: %.1f s\n" % (role, time.time() - begun))
        if LOGS:
            shutil.copy(os.path.join(folder, role + ".log"), os.path.join(LOGS, "%s-%s.log" % (self.mark, role)))
        return c

    def outcomes(self):
        return asyncio.run(self.all())

    async def all(self):
        self.start_storage()
        turn = asyncio.Semaphore(TOGETHER)
        names = PICKED or list(self.scripts)
        return dict(zip(names, await asyncio.gather(*[self.act(name, turn) for name in names])))


def main(release, program, mark, *options):
    recording.record(lambda folder: Run(release, os.path.abspath(program), mark, options, folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
