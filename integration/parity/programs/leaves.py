"""What a task leaves behind it: files that are written, and processes that are there, when the manager has ended.

Each gets a folder of its own, in which the test looks afterwards.
"""

from registry import leave


@leave
def left_atexit(folder):
    import atexit

    def write(name):
        with open(folder + "/order", "a") as file:
            file.write(name + " ")

    atexit.register(write, "first")
    atexit.register(write, "second")


@leave
def left_buffered_file(folder):
    import builtins

    builtins.left_buffered = open(folder + "/text", "w")
    builtins.left_buffered.write("x" * 20)


@leave
def left_buffered_bytes(folder):
    import json

    json.left_buffered = open(folder + "/bytes", "wb")
    json.left_buffered.write(b"y" * 6)


@leave
def left_temporary_directory(folder):
    import json
    import tempfile

    json.left_directory = tempfile.TemporaryDirectory(dir=folder, prefix="temporary")


@leave
def left_temporary_file(folder):
    import json
    import tempfile

    json.left_file = tempfile.NamedTemporaryFile(dir=folder, prefix="temporary")


@leave
def left_finalizer(folder):
    import json
    import weakref

    class Thing:
        pass

    json.left_thing = Thing()
    weakref.finalize(json.left_thing, lambda: open(folder + "/finalized", "w").close())


@leave
def left_multiprocessing_finalizer(folder):
    import multiprocessing.util

    multiprocessing.util.Finalize(None, lambda: open(folder + "/finalized", "w").close(), exitpriority=5)


@leave
def left_object_with_del(folder):
    import json
    import os

    class Thing:
        def __init__(self):
            self.open = os.open

        def __del__(self):
            self.open(folder + "/deleted", 0o101)

    json.left_deleted = Thing()


@leave
def left_log_in_memory(folder):
    import logging
    import logging.handlers

    target = logging.FileHandler(folder + "/log")
    handler = logging.handlers.MemoryHandler(1000, target=target)
    logger = logging.getLogger("left")
    logger.addHandler(handler)
    logger.warning("remembered")


@leave
def left_thread(folder):
    import threading
    import time

    def run():
        while threading.main_thread().is_alive():
            time.sleep(0.02)
        open(folder + "/outlived", "w").close()

    threading.Thread(target=run).start()


@leave
def left_daemon_thread(folder):
    import threading
    import time

    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()


@leave
def left_pool_of_threads(folder):
    import concurrent.futures
    import json

    json.left_pool = concurrent.futures.ThreadPoolExecutor(1)
    json.left_pool.submit(open, folder + "/submitted", "w").result(10)


@leave
def left_output(folder):
    import sys

    sys.stdout.write("PARITY left-output without a newline")


@leave
def left_shared_memory(folder):
    from multiprocessing import shared_memory

    block = shared_memory.SharedMemory(create=True, size=100)
    with open(folder + "/.name", "w") as file:
        file.write(block.name)


@leave
def left_semaphore(folder):
    import json
    import multiprocessing

    json.left_lock = multiprocessing.get_context("spawn").Lock()
    with open(folder + "/.name", "w") as file:
        file.write("sem." + json.left_lock._semlock.name.lstrip("/"))


@leave
def left_child(folder):
    import json
    import subprocess

    json.left_child = subprocess.Popen(["sleep", "1001.5"])


@leave
def left_child_in_a_session(folder):
    import json
    import subprocess

    json.left_child_in_a_session = subprocess.Popen(["sleep", "1002.5"], start_new_session=True)


@leave
def left_orphan(folder):
    import os
    import time

    pid = os.fork()
    if not pid:
        if os.fork():
            os._exit(0)
        os.closerange(3, 1000)  # the resource tracker ends when nobody holds its pipe any more
        os.execvp("sleep", ["sleep", "1003.5"])
    os.waitpid(pid, 0)
    time.sleep(0.05)


@leave
def left_daemon_process(folder):
    import json
    import multiprocessing
    import time

    json.left_process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(1004.5,), daemon=True)
    json.left_process.start()


@leave
def left_pool(folder):
    import json
    import math
    import multiprocessing

    json.left_processes = multiprocessing.get_context("fork").Pool(1)
    json.left_processes.apply(math.sqrt, (4,))
