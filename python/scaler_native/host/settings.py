"""What a worker and its processors are given of the machine: CPUs, priority, environment."""

import os
import tempfile
import time

# As the manager sends them with `start`; each may be left out.
CPUS = "cpus"  # list of CPU numbers
NICE = "nice"  # added to the host's own niceness
OOM_SCORE_ADJ = "oom_score_adj"  # -1000 to 1000
ENVIRONMENT = "environment"  # set on top of the host's own
PROCESSOR_NICE = "processor_nice"  # of processors, added to the niceness of their worker
CGROUP = "cgroup"  # folder of the worker's cgroup (v2)

# The last one, for the processors of this process.
_processor_nice = 0


def apply(settings):
    """Apply them to this process. OSError says what the kernel refuses."""
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
    """In a processor that was forked by a process that they were applied to, or by a child of that."""
    if _processor_nice:
        os.nice(_processor_nice)


def _enter(cgroup):
    """Move this process, which has no children yet: those that it will have begin there, and what they allocate counts for it."""
    descriptor = os.open(cgroup + "/cgroup.procs", os.O_WRONLY)
    try:
        os.write(descriptor, b"0")
    finally:
        os.close(descriptor)


def _set_environment(variables):
    """Set variables as if the process had been started with them, where that can still be done.

    It cannot for what Python or C read when they start (PYTHON..., LD_..., MALLOC_..., the encodings by LANG and LC_...),
    nor for what a module read that is imported already (OMP_NUM_THREADS and the like, if --warm-imports has numpy).
    """
    changed = {name for name, value in variables.items() if os.environ.get(name) != value}
    os.environ.update(variables)
    if changed.intersection(("TMPDIR", "TEMP", "TMP")):
        tempfile.tempdir = None  # found again when somebody asks; interpreter.settle has asked in the host
    if "TZ" in changed:
        time.tzset()
