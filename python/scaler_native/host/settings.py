"""What a worker and its processors are given of the machine: CPUs, priority, environment."""

import os

# As the manager sends them with `start`; each may be left out.
CPUS = "cpus"  # list of CPU numbers
NICE = "nice"  # added to the host's own niceness
OOM_SCORE_ADJ = "oom_score_adj"  # -1000 to 1000
ENVIRONMENT = "environment"  # set on top of the host's own


def apply(settings):
    """Apply them to this process. OSError says what the kernel refuses."""
    os.environ.update(settings.get(ENVIRONMENT) or {})
    if settings.get(CPUS):
        os.sched_setaffinity(0, settings[CPUS])
    if settings.get(NICE):
        os.nice(settings[NICE])
    if settings.get(OOM_SCORE_ADJ) is not None:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(settings[OOM_SCORE_ADJ]))
