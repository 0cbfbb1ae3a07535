"""What a task finds around itself in the operating system."""

from registry import look


@look
def open_descriptors():
    # First of all: later cases import modules and start helpers that open more.
    import os
    import re

    kinds, inheritable = {}, {}
    for number in sorted(map(int, os.listdir("/proc/self/fd"))):
        try:
            target = re.sub(r":\[\d+\]$", "", os.readlink("/proc/self/fd/%d" % number))
            target = re.sub(r"-[0-9a-f-]{36}", "-<uuid>", target)
            target = re.sub(r"(memfd:scaler-stacks)-\d+-\d+-\d+", r"\1", target)
            if number > 2:
                kinds[target] = kinds.get(target, 0) + 1
                if os.get_inheritable(number):
                    inheritable[target] = inheritable.get(target, 0) + 1
        except OSError:  # the descriptor that listdir used
            pass
    return {"kinds": kinds, "inheritable": inheritable}


@look
def working_directory():
    import os

    return {"directory": os.getcwd(), "PWD": os.environ.get("PWD")}


@look
def umask():
    import os

    mask = os.umask(0o77)
    os.umask(mask)
    return {"umask": mask}


@look
def limits():
    import resource

    return {
        name: list(resource.getrlimit(getattr(resource, name))) for name in dir(resource) if name.startswith("RLIMIT_")
    }


@look
def priority():
    import os

    return {
        "niceness": os.nice(0),
        "policy": os.sched_getscheduler(0),
        "affinity": sorted(os.sched_getaffinity(0)),
        "oom_score_adj": open("/proc/self/oom_score_adj").read().strip(),
        "timer slack": open("/proc/self/timerslack_ns").read().strip(),
    }


@look
def session_and_terminal():
    import os

    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        terminal = True
    except OSError as error:
        terminal = error.errno
    return {
        "session leader": os.getsid(0) == os.getpid(),
        "session of the parent": os.getsid(0) == os.getsid(os.getppid()),
        "group leader": os.getpgrp() == os.getpid(),
        "group is the session": os.getpgrp() == os.getsid(0),
        "group of the parent": os.getpgrp() == os.getpgid(os.getppid()),
        "terminal": terminal,
    }


@look
def credentials():
    import os

    return {"uid": os.getresuid(), "gid": os.getresgid(), "groups": sorted(os.getgroups())}


@look
def kernel_flags():
    import ctypes

    libc = ctypes.CDLL(None)
    death, reaper = ctypes.c_int(-1), ctypes.c_int(-1)
    libc.prctl(2, ctypes.byref(death), 0, 0, 0)
    libc.prctl(37, ctypes.byref(reaper), 0, 0, 0)
    return {
        "signal at the parent's death": death.value,
        "subreaper": reaper.value,
        "dumpable": libc.prctl(3, 0, 0, 0, 0),
        "keep capabilities": libc.prctl(7, 0, 0, 0, 0),
        "no new privileges": libc.prctl(39, 0, 0, 0, 0),
        "no transparent huge pages": libc.prctl(42, 0, 0, 0, 0),
        "personality": libc.personality(0xFFFFFFFF),
    }


@look
def command_name():
    return {"comm": open("/proc/self/comm").read().strip()}


@look
def command_line():
    import psutil

    line = psutil.Process().cmdline()
    return {
        "arguments": len(line),
        "program": line[0] if line else None,
        "spawned": any("spawn_main" in word for word in line),
    }


@look
def executable():
    import os
    import sys

    return {"sys": sys.executable, "exe": os.readlink("/proc/self/exe"), "prefix": sys.prefix, "base": sys.base_prefix}


@look
def environment():
    import os

    # Who leads to a manager's own folder is normalised; what the test itself sets for each manager is left out.
    return {name: value for name, value in os.environ.items() if name != "SCALER_PYTHON"}


@look
def environment_of_a_child():
    import os
    import subprocess

    text = subprocess.run(["env", "-0"], stdout=subprocess.PIPE).stdout.decode()
    child = dict(entry.split("=", 1) for entry in text.split("\0") if entry)
    return {"differs": sorted(name for name in set(child) | set(os.environ) if child.get(name) != os.environ.get(name))}


@look
def locale_and_encodings():
    import locale
    import sys

    return {
        "locale": locale.setlocale(locale.LC_ALL),
        "preferred": locale.getpreferredencoding(False),
        "default": sys.getdefaultencoding(),
        "files": [sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()],
    }


@look
def time_zone():
    import time

    return {"names": time.tzname, "offset": time.timezone, "epoch": time.strftime("%F %T %Z", time.localtime(0))}


@look
def temporary_folder():
    import os
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        return {"folder": tempfile.gettempdir(), "TMPDIR": os.environ.get("TMPDIR"), "used": os.path.dirname(file.name)}


@look
def home_and_user():
    import getpass
    import os

    return {"home": os.path.expanduser("~"), "user": getpass.getuser()}


@look
def parents():
    import multiprocessing
    import os

    import psutil

    chain = psutil.Process().parents()
    kinds = [
        "python" if "python" in parent.name() else "manager" if "scaler_worker" in parent.name() else "other"
        for parent in chain
    ]
    told = multiprocessing.parent_process()
    return {
        "the parent's kind": kinds[0],
        "parent_process() is the parent": told is not None and told.pid == os.getppid(),
        "parent_process() is alive": told is not None and told.is_alive(),
        "group leads to": "parent"
        if os.getpgrp() == os.getppid()
        else "parent_process()"
        if told is not None and os.getpgrp() == told.pid
        else "another",
    }


@look
def the_parent_has_one_processor():
    import psutil

    # Siblings: those of a worker-like parent are the resource tracker, at most.
    siblings = [
        child for child in psutil.Process().parent().children() if "resource_tracker" not in " ".join(child.cmdline())
    ]
    return {"children of the parent": len(siblings)}


@look
def children():
    import multiprocessing
    import os

    import psutil

    try:
        waited = os.waitpid(-1, os.WNOHANG)[0]
    except ChildProcessError:
        waited = "no child"
    return {
        "children": len(psutil.Process().children(recursive=True)),
        "active": multiprocessing.active_children(),
        "waited for": waited,
    }


@look
def usage():
    import resource
    import time

    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "processor time below 20 s": 0 < time.process_time() < 20,
        "memory plausible": 10000 < own.ru_maxrss < 1000000,
        "of children below 1 s": others.ru_utime + others.ru_stime < 1,
    }


@look
def age():
    import time

    import psutil

    return {"created within 300 s": 0 <= time.time() - psutil.Process().create_time() < 300}


@look
def pending_and_ignored_signals():
    import re

    # Which signals the kernel knows as blocked, ignored and caught; the pending ones are none.
    status = open("/proc/self/status").read()
    found = {
        name: re.search(name + r":\s*(\w+)", status).group(1)
        for name in ("SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt")
    }
    stacks = 1 << 56 | 1 << 55  # the signals upon which a processor of ours tells its stacks
    caught = int(found["SigCgt"], 16)
    return dict(found, SigCgt="%016x" % (caught & ~stacks), stacks=bool(caught & stacks))
