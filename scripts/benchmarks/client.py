"""A client that stays connected, so that its own start is not measured."""

import json
import pathlib
import select
import subprocess

PROGRAM = pathlib.Path(__file__).with_name("client_program.py")


class Client:
    def __init__(self, cluster):
        self._log = open(cluster.logs / "client.log", "w+")  # noqa: SIM115 - __exit__ closes it
        command = [str(cluster.programs / "python"), str(PROGRAM), cluster.address]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, cwd=cluster.logs, text=True
        )

    def __enter__(self):
        try:
            self._answer("connect", 60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # It would wait for its tasks, which may be long.
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def ask(self, command, *arguments, limit=240):
        """Call the function of that name in client_program. Returns its result."""
        self._process.stdin.write(" ".join([command, *map(str, arguments)]) + "\n")
        self._process.stdin.flush()
        return self._answer(command, limit)

    def _answer(self, command, limit):
        if not select.select([self._process.stdout], [], [], limit)[0]:
            raise TimeoutError("the client has no answer to %r after %d s" % (command, limit))
        while True:
            line = self._process.stdout.readline()
            if not line:
                self._log.seek(0)
                raise RuntimeError("the client ended: " + (self._log.read().strip().rsplit("\n", 1)[-1] or command))
            try:
                return json.loads(line)
            except ValueError:
                continue  # a line of Scaler's log
