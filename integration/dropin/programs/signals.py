"""How a parent sees the manager's process under each way to start it: signals.py METHOD PORT"""

import glob
import json
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time


def make_manager(address):
    from scaler.config.section.native_worker_manager import NativeWorkerManagerConfig

    try:
        from scaler.worker_manager.native.worker_manager import NativeWorkerManager
    except ImportError:
        from scaler.worker_manager_adapter.baremetal.native import NativeWorkerManager
    section = {"scheduler_address": address, "worker_manager_id": "x", "mode": "fixed", "max_task_concurrency": 2}
    section["heartbeat_interval_seconds"] = 0.5
    return NativeWorkerManager(NativeWorkerManagerConfig.parse_with_section("x", section, argv=[]))


def field(pid, name):
    with open("/proc/%d/status" % pid) as status:
        return next(line.split()[1] for line in status if line.startswith(name + ":"))


def has_child(pid):
    for path in glob.glob("/proc/[0-9]*"):
        try:
            if field(int(path[6:]), "PPid") == str(pid):
                return True
        except (FileNotFoundError, ProcessLookupError):
            pass
    return False


if __name__ == "__main__":
    method, address = sys.argv[1], "tcp://127.0.0.1:" + sys.argv[2]
    # What a program does to itself must not stay with the manager, which could not be told to end, nor see the end
    # of a worker. (The server of "forkserver" inherits it too, and would not see the end of the manager.)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM] + [signal.SIGCHLD] * (method != "forkserver"))
    process = multiprocessing.get_context(method).Process(target=make_manager(address).run)
    process.start()
    link = "/proc/%d/exe" % process.pid
    while os.path.basename(os.readlink(link)) != "scaler_worker_manager" and process.is_alive():
        time.sleep(0.02)
    # Until it can be told to end: it starts the worker host afterwards. What Go's runtime catches until then has the
    # default effect.
    while not has_child(process.pid) and process.is_alive():
        time.sleep(0.02)
    early = multiprocessing.connection.wait([process.sentinel], 0)
    answer = {
        "alive": process.is_alive(),
        "early": bool(early),
        # Without 32 and 33, which are glibc's own: its posix_spawn, by which make starts a test, leaves them ignored.
        "ignored": int(field(process.pid, "SigIgn"), 16) & ~(3 << 31),
        "program": os.path.basename(os.readlink(link)),
    }
    process.terminate()
    answer["sentinel"] = bool(multiprocessing.connection.wait([process.sentinel], 30))
    process.join()
    answer["exitcode"] = process.exitcode
    sys.stdout.write("ANSWER " + json.dumps(answer, sort_keys=True) + "\n")  # In one write: others write to this pipe.
