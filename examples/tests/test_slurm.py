"""The script for Slurm, with a srun that runs its command here. What Slurm does was tried by hand on a real one."""

import json
import os
import signal
import subprocess
import threading
import unittest
import uuid

import program

SCRIPT = program.EXAMPLES / "slurm.sh"

# Passes over the options of srun, and as srun does kills its step at SIGTERM: the script must not send it one.
SRUN = """#!/bin/bash
while [[ $1 == --* ]]; do echo "srun $1"; shift; done
trap 'echo "srun kills its step"; kill -KILL $!; exit 137' TERM
"$@" & wait $!
"""


class Slurm(program.ProgramTest):
    def start(self, *arguments, python, **variables):
        folder = self.folder()
        (folder / "srun").write_text(SRUN)
        (folder / "srun").chmod(0o700)
        self.job = uuid.uuid4().hex[:12]
        environment = dict(
            os.environ,
            PATH="%s:%s" % (folder, os.environ["PATH"]),
            SCALER_WORKER_MANAGER=str(program.MANAGER),
            SLURM_CPUS_PER_TASK="3",
            SLURM_JOB_ID=self.job,
            SCALER_PYTHON=str(python),
            **variables,
        )
        job = subprocess.Popen(
            ["bash", str(SCRIPT), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
            bufsize=1,
        )
        self.addCleanup(self.end, job)
        return job

    def end(self, job):
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
        job.wait()
        job.stdout.close()
        self.assertFalse(os.path.exists("/tmp/scaler-native-%s.sock" % self.job))

    def read_until(self, job, text):
        """The output up to a line that holds the text."""
        impatient = threading.Timer(program.PATIENCE, os.killpg, (job.pid, signal.SIGKILL))
        impatient.start()
        lines = []
        for line in job.stdout:
            lines.append(line)
            if text in line:
                impatient.cancel()
                return lines
        self.fail("no line with %r:\n%s" % (text, "".join(lines)))

    def test_is_sound(self):
        for checker in (["bash", "-n"], ["shellcheck"]):
            done = program.run([*checker, SCRIPT])
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_drains_when_the_time_is_nearly_over(self):
        python = program.ROOT / ".venvs" / program.newest_release() / "bin" / "python"
        job = self.start("tcp://127.0.0.1:9", "--log-format", "json", python=python)
        first = self.read_until(job, "tcp://127.0.0.1:9")
        self.assertIn("srun --cpus-per-task=3\n", first)
        os.kill(job.pid, signal.SIGTERM)
        rest, _ = job.communicate(timeout=program.PATIENCE)
        self.assertEqual(job.returncode, 0, rest)
        self.assertIn("drain", rest)
        self.assertNotIn("srun kills its step", rest)

    def test_tells_that_a_manager_failed(self):
        job = self.start("tcp://127.0.0.1:9", python="/nonexistent/python")
        output, _ = job.communicate(timeout=program.PATIENCE)
        self.assertEqual(job.returncode, 1, output)

    def test_workers_share_the_memory_of_the_job(self):
        for variables, limit in (
            ({}, 0),
            ({"SLURM_MEM_PER_NODE": "0"}, 0),  # all memory of the node
            ({"SLURM_MEM_PER_NODE": "6000"}, 1934),
            ({"SLURM_MEM_PER_CPU": "2000"}, 1934),
            ({"SLURM_MEM_PER_NODE": "100"}, 0),
        ):
            with self.subTest(variables):
                job = self.start("tcp://127.0.0.1:9", "--dry-run", python="/nonexistent/python", **variables)
                output, _ = job.communicate(timeout=program.PATIENCE)
                self.assertEqual(job.returncode, 0, output)
                settings = json.loads(output[output.index("{") :])
                self.assertEqual(settings["worker_memory_limit"], limit << 20)

    def test_needs_an_address(self):
        job = self.start(python="/nonexistent/python")
        output, _ = job.communicate(timeout=program.PATIENCE)
        self.assertEqual(job.returncode, 1, output)
        self.assertIn("the address of the scheduler", output)


if __name__ == "__main__":
    unittest.main()
