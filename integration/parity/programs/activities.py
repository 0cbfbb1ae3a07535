"""What a task can do without harm: signals, threads, files, memory."""

from registry import look


@look
def signal_alarm():
    import signal
    import time

    came = []
    former = signal.signal(signal.SIGALRM, lambda *_: came.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    time.sleep(0.3)
    signal.signal(signal.SIGALRM, former)
    return {"came": came}


@look
def signal_to_itself():
    import os
    import signal

    came = []
    former = signal.signal(signal.SIGUSR2, lambda *_: came.append(1))
    os.kill(os.getpid(), signal.SIGUSR2)
    signal.signal(signal.SIGUSR2, former)
    return {"came": came}


@look
def interrupt_that_is_caught():
    import os
    import signal
    import time

    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
    except KeyboardInterrupt:
        return {"caught": True}
    return {"caught": False}


@look
def interrupt_by_the_threading_module():
    import _thread
    import time

    try:
        _thread.interrupt_main()
        time.sleep(5)
    except KeyboardInterrupt:
        return {"caught": True}
    return {"caught": False}


@look
def broken_pipe():
    import os

    read, write = os.pipe()
    os.close(read)
    try:
        os.write(write, b"x")
    except BrokenPipeError as error:
        return {"error": type(error).__name__}
    finally:
        os.close(write)


@look
def signal_of_a_child():
    import os
    import signal
    import time

    came = []
    former = signal.signal(signal.SIGCHLD, lambda *_: came.append(1))
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    time.sleep(0.05)
    signal.signal(signal.SIGCHLD, former)
    return {"came": came}


@look
def signal_mask():
    import signal
    import threading

    # To this thread: those of Scaler's library do not block it.
    former = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)
    got = signal.sigwait([signal.SIGUSR2])
    signal.pthread_sigmask(signal.SIG_SETMASK, former)
    return {"got": int(got)}


@look
def stop_and_continue():
    import os
    import signal
    import subprocess

    helper = subprocess.Popen(["sh", "-c", "sleep 0.3; kill -CONT %d" % os.getpid()])
    os.kill(os.getpid(), signal.SIGSTOP)
    return {"helper": helper.wait(10)}


@look
def threads_of_a_task():
    import threading
    import time

    failures = []
    former, threading.excepthook = threading.excepthook, lambda arguments: failures.append(arguments.exc_type.__name__)
    bad = threading.Thread(target=lambda: 1 / 0)
    bad.start()
    bad.join()
    threading.excepthook = former
    timer = threading.Timer(0.01, failures.append, ["timer"])
    timer.start()
    timer.join()
    threading.Thread(target=time.sleep, args=(0.01,)).start()
    return {"seen": failures}


@look
def exit_in_a_thread():
    import sys
    import threading

    thread = threading.Thread(target=sys.exit, args=(3,))
    thread.start()
    thread.join()
    return {"alive": True}


@look
def stack_of_a_thread():
    import threading

    threading.stack_size(256 * 1024)
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    threading.stack_size(0)
    return {"done": True}


@look
def new_session():
    import os

    pid = os.fork()
    if not pid:
        try:
            os.setsid()
            os._exit(0)
        except OSError:
            os._exit(1)
    return {"in a child": os.waitpid(pid, 0)[1] >> 8}


@look
def recursion():
    def deeper(n):
        return deeper(n + 1)

    try:
        deeper(0)
    except RecursionError as error:
        return {"says": str(error)}


@look
def recursion_beyond_the_default():
    import sys

    def deeper(n):
        return n and deeper(n - 1)

    former = sys.getrecursionlimit()
    sys.setrecursionlimit(20000)
    try:
        return {"depth": deeper(15000) == 0}
    finally:
        sys.setrecursionlimit(former)


@look
def memory_limit():
    import resource

    former = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, former[1]))
    try:
        bytearray(4 << 30)
    except MemoryError:
        return {"error": "MemoryError"}
    finally:
        resource.setrlimit(resource.RLIMIT_AS, former)


@look
def file_size_limit():
    import resource
    import tempfile

    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, former[1]))
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(bytes(1000))
            file.write(bytes(1000))
    except OSError as error:
        return {"error": error.errno}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


@look
def memory_functions():
    import ctypes

    return {
        "malloc_trim": ctypes.CDLL(None).malloc_trim(0) in (0, 1),
        "getpid": ctypes.CDLL(None).getpid() == __import__("os").getpid(),
    }


@look
def memory_growth():
    import psutil

    before = psutil.Process().memory_info().rss
    block = bytearray(b"x") * (64 << 20)
    grown = psutil.Process().memory_info().rss - before
    del block
    return {
        "grown by 64 MB": 60 << 20 < grown < 70 << 20,
        "given back": psutil.Process().memory_info().rss < before + (8 << 20),
    }


@look
def garbage_collection():
    import gc
    import weakref

    class Node:
        pass

    node = Node()
    node.itself = node
    reference = weakref.ref(node)
    del node
    gc.collect()
    return {"collected": reference() is None}


@look
def asyncio_subprocess():
    import asyncio

    async def ask():
        process = await asyncio.create_subprocess_exec("echo", "hello", stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        return output.decode().strip(), process.returncode, await asyncio.to_thread(int, "5")

    return {"answer": asyncio.run(ask())}


@look
def asyncio_signals():
    import asyncio
    import os
    import signal

    async def wait():
        loop, came = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR2, came.set)
        os.kill(os.getpid(), signal.SIGUSR2)
        await asyncio.wait_for(came.wait(), 5)
        return loop.remove_signal_handler(signal.SIGUSR2)

    return {"came": asyncio.run(wait())}


@look
def tracing():
    import sys

    seen = []

    def traced():
        return 1

    sys.settrace(lambda frame, event, _: seen.append(event))
    traced()
    sys.settrace(None)
    sys.setprofile(lambda frame, event, _: seen.append("profile " + event))
    traced()
    sys.setprofile(None)
    return {"seen": seen[:3]}


@look
def faulthandler_dump():
    import faulthandler
    import tempfile

    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        lines = [line for line in file.read().decode().splitlines() if "File" in line]
    # The outermost frames are those of whatever started the processor.
    return {
        "innermost": lines[0].split(" in ")[-1],
        "through": [
            name for name in ("_bootstrap", "spawn_main") if any(line.endswith("in " + name) for line in lines)
        ],
    }


@look
def outermost_frames():
    import traceback

    return {"frames": [frame.name for frame in traceback.extract_stack()][:3]}


@look
def network():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            client.sendall(b"hello")
            return {"received": accepted.recv(10).decode(), "inheritable": client.get_inheritable()}


@look
def certificates():
    import ssl

    return {"context": ssl.create_default_context().verify_mode.name, "random": len(ssl.RAND_bytes(8))}


@look
def locks_of_files():
    import fcntl
    import tempfile

    with tempfile.TemporaryFile() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return {"locked": True}


@look
def state_left_for_the_next():
    import json
    import os

    json.left_by_a_task = "here"
    os.environ["LEFT_BY_A_TASK"] = "here"
    globals()["left_by_a_task"] = "here"
    return {}


@look
def state_left_by_the_last():
    import json
    import os

    return {
        "attribute": json.__dict__.pop("left_by_a_task", None),
        "variable": os.environ.pop("LEFT_BY_A_TASK", None),
        "global": globals().get("left_by_a_task"),
    }
