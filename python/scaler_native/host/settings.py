"""The settings of the processes of a worker: CPUs, niceness, OOM score, environment."""

import os
import tempfile
import time

# Keys of the settings that the manager sends with `start`. Each is optional.
CPUS = "cpus"  # list of CPU numbers
NICE = "nice"  # added to the host's own niceness
OOM_SCORE_ADJ = "oom_score_adj"  # -1000 to 1000
ENVIRONMENT = "environment"  # set on top of the host's own
PROCESSOR_NICE = "processor_nice"  # of processors, added to the niceness of their worker
CGROUP = "cgroup"  # folder of the worker's cgroup (v2)

# The value of PROCESSOR_NICE, for processors forked by this process.
_processor_nice = 0


def apply(settings):
    """Apply settings to this process. OSError if the kernel refuses one."""
    global _processor_nice
    if settings.get(CGROUP):
        _enter(settings[CGROUP])
    if settings.get(PROCESSOR_NICE):
        _processor_nice = settings[PROCESSOR_NICE]
    _set_environment(settings.get(ENVIRONMENT) or {})
    if settings.get(CPUS):
        os.sched_setaffinity(0, settings[CPUS])
    if settings.get(NICE):
        os.nice(settings[NICE])
    if settings.get(OOM_SCORE_ADJ) is not None:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(settings[OOM_SCORE_ADJ]))


def apply_to_processor():
    """In a processor: apply what its worker's settings have for processors."""
    if _processor_nice:
        os.nice(_processor_nice)


def _enter(cgroup):
    """Move this process into a cgroup, before it has children: they start there, and their memory is charged to it."""
    descriptor = os.open(cgroup + "/cgroup.procs", os.O_WRONLY)
    try:
        os.write(descriptor, b"0")
    finally:
        os.close(descriptor)


def _set_environment(variables):
    """Set variables as if the process had been started with them, as far as that is possible now.

    It is too late for variables that Python or C read at their start (PYTHON..., LD_..., MALLOC_..., the encodings of
    LANG and LC_...), and for those that a module has read at its import (OMP_NUM_THREADS if --warm-imports has numpy).
    """
    changed = {name for name, value in variables.items() if os.environ.get(name) != value}
    os.environ.update(variables)
    if changed.intersection(("TMPDIR", "TEMP", "TMP")):
        tempfile.tempdir = None  # drop what interpreter.settle has found in the host
    if "TZ" in changed:
        time.tzset()
