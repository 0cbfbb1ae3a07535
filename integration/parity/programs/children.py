"""What a task can do with children: processes of every kind, pools, and what they share."""

from registry import look


@look
def fork():
    import os

    pid = os.fork()
    if not pid:
        os._exit(3)
    return {"status": os.waitpid(pid, 0)[1] >> 8}


@look
def fork_that_is_killed():
    import os
    import signal
    import time

    pid = os.fork()
    if not pid:
        while True:
            time.sleep(60)
    os.kill(pid, signal.SIGKILL)
    return {"signal": os.waitpid(pid, 0)[1]}


@look
def fork_with_exec():
    import os

    pid = os.fork()
    if not pid:
        os.execvp("sh", ["sh", "-c", "exit 4"])
    return {"status": os.waitpid(pid, 0)[1] >> 8}


@look
def subprocess_output():
    import subprocess

    done = subprocess.run(["sh", "-c", "cat; echo error >&2; exit 5"], input=b"given", capture_output=True)
    return {"output": done.stdout.decode(), "error": done.stderr.decode(), "status": done.returncode}


@look
def subprocess_signals():
    import re
    import subprocess

    # SIGPIPE is to be as the shell expects it; what the interpreter ignores is restored by subprocess.
    status = subprocess.run(["cat", "/proc/self/status"], capture_output=True).stdout.decode()
    return {name: re.search(name + r":\s*(\w+)", status).group(1) for name in ("SigBlk", "SigIgn", "SigCgt")}


@look
def subprocess_descriptors():
    import subprocess

    def count(**options):
        return len(subprocess.run(["ls", "/proc/self/fd"], stdout=subprocess.PIPE, **options).stdout.split())

    return {"closed": count(), "inheritable": count(close_fds=False)}


@look
def subprocess_limits():
    import subprocess

    return {
        "limits": subprocess.run(
            ["sh", "-c", "ulimit -Sn; ulimit -Hn; ulimit -s; ulimit -c"], capture_output=True
        ).stdout.decode()
    }


@look
def subprocess_parent_death():
    import subprocess
    import sys

    code = "import ctypes; n = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(n)); print(n.value)"
    return {"signal": subprocess.run([sys.executable, "-c", code], capture_output=True).stdout.decode().strip()}


@look
def subprocess_interpreter():
    import subprocess
    import sys

    code = "import sys; print(sys.path[1:], sys.flags.isolated)"
    return {"path": subprocess.run([sys.executable, "-c", code], capture_output=True).stdout.decode().strip()}


def children_of(method):
    import multiprocessing
    import os
    import tempfile

    context = multiprocessing.get_context(method)
    code = (
        "import json, multiprocessing, os, signal, sys\n"
        "p, q = multiprocessing.current_process(), multiprocessing.parent_process()\n"
        "main = sys.modules['__main__']\n"
        "json.dump({'name': p.name, 'daemon': p.daemon, 'parents name': q.name,"
        " 'parent': q.pid == os.getppid() or method == 'forkserver',"
        " 'told': q.pid == made_by, 'alive': q.is_alive(), 'main': getattr(main, '__file__', None),"
        " 'mp main': '__mp_main__' in sys.modules,"
        " 'argv': len(sys.argv), 'path': sys.path, 'directory': os.getcwd(), 'authkey': p.authkey == authkey,"
        " 'term': str(signal.getsignal(signal.SIGTERM)).split(' at ')[0].split(' of ')[0],"
        " 'int': str(signal.getsignal(signal.SIGINT)).split(' at ')[0]}, open(file, 'w'))\n"
        "sys.exit(7)\n"
    )
    import json

    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "seen")
        given = {
            "file": file,
            "made_by": os.getpid(),
            "method": method,
            "authkey": bytes(multiprocessing.current_process().authkey),
        }
        process = context.Process(target=exec, args=(code, given), name="child", daemon=True)
        process.start()
        process.join(30)
        seen = json.load(open(file)) if os.path.exists(file) else None
        return {"exit code": process.exitcode, "seen": seen, "active": len(multiprocessing.active_children())}


@look
def process_by_fork():
    return children_of("fork")


@look
def process_by_spawn():
    return children_of("spawn")


@look
def process_by_forkserver():
    return children_of("forkserver")


def pool_of(method):
    import math
    import multiprocessing
    import signal

    # A forked child inherits the processor's handler of SIGTERM, which does not end it: then it is up to chance whether
    # the pool can end (1.26.6, 1.27.2).
    with multiprocessing.get_context(method).Pool(2, signal.signal, (signal.SIGTERM, signal.SIG_DFL)) as pool:
        return {
            "roots": pool.map(math.sqrt, [1, 4, 9]),
            "names": pool.apply(eval, ("__import__('multiprocessing').current_process().daemon",)),
        }


@look
def pool_by_fork():
    return pool_of("fork")


@look
def pool_by_spawn():
    return pool_of("spawn")


@look
def pool_by_forkserver():
    return pool_of("forkserver")


@look
def pool_by_default():
    return pool_of(None)


@look
def executor_of_processes():
    import concurrent.futures
    import math

    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return {"roots": list(pool.map(math.sqrt, [1, 4, 9]))}


@look
def executor_with_a_dying_child():
    import concurrent.futures
    import os

    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        try:
            return {"result": pool.submit(os._exit, 1).result(30)}
        except Exception as error:
            return {"error": type(error).__name__}


@look
def executor_of_threads():
    import concurrent.futures
    import math

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return {"roots": list(pool.map(math.sqrt, [1, 4, 9]))}


@look
def function_of_the_task_in_a_spawned_child():
    import multiprocessing

    def inner():
        pass

    try:
        multiprocessing.get_context("spawn").Process(target=inner).start()
        return {"started": True}
    except Exception as error:
        return {"error": type(error).__name__}


@look
def multiprocessing_manager():
    import multiprocessing

    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        shared["b"] = 2
        return {"dict": dict(shared), "list": list(manager.list([1, 2]))}


@look
def shared_memory():
    from multiprocessing import shared_memory

    block = shared_memory.SharedMemory(create=True, size=100)
    block.buf[0] = 7
    again = shared_memory.SharedMemory(name=block.name)
    value = again.buf[0]
    again.close()
    block.close()
    block.unlink()
    return {"value": value}


@look
def synchronisation():
    import multiprocessing

    lock, event, value = multiprocessing.Lock(), multiprocessing.Event(), multiprocessing.Value("i", 5)
    queue, (one, other) = multiprocessing.Queue(), multiprocessing.Pipe()
    with lock:
        event.set()
        queue.put("through")
        one.send("along")
        return {"event": event.is_set(), "value": value.value, "queue": queue.get(timeout=10), "pipe": other.recv()}


@look
def semaphores_are_tracked():
    import multiprocessing
    import os

    before = len(os.listdir("/dev/shm"))
    lock = multiprocessing.Lock()
    del lock
    return {"left": len(os.listdir("/dev/shm")) > before + 50}


@look
def listener_and_client():
    import threading
    from multiprocessing.connection import Client, Listener

    with Listener() as listener:
        thread = threading.Thread(target=lambda: Client(listener.address).send("hello"))
        thread.start()
        with listener.accept() as connection:
            text = connection.recv()
        thread.join()
    return {"text": text}
