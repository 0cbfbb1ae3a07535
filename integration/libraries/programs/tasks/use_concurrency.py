"""The standard library: coroutines, threads, programs, C functions, SQLite."""


def gathers_coroutines():
    import asyncio

    async def double(n):
        await asyncio.sleep(0.01)
        return n * 2

    async def everything():
        process = await asyncio.create_subprocess_exec("echo", "5", stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        return sum(await asyncio.gather(*map(double, range(50)))) + int(output) + await asyncio.to_thread(int, "7")

    return asyncio.run(everything())


def joins_threads():
    import queue
    import threading

    numbers = queue.Queue()
    threads = [threading.Thread(target=numbers.put, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(numbers.get() for _ in range(50))


def runs_programs():
    import subprocess
    import sys

    told = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True, check=True)
    piped = subprocess.run("seq 100 | sort -n | tail -1", shell=True, capture_output=True, text=True, check=True)
    return [told.stdout.strip(), piped.stdout.strip()]


def calls_c():
    import ctypes
    import ctypes.util

    mathematics = ctypes.CDLL(ctypes.util.find_library("m"))
    mathematics.cbrt.restype, mathematics.cbrt.argtypes = ctypes.c_double, [ctypes.c_double]
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    numbers = (ctypes.c_int * 5)(5, 1, 4, 2, 3)
    libc = ctypes.CDLL(None)
    libc.qsort(numbers, 5, ctypes.sizeof(ctypes.c_int), compare(lambda a, b: a[0] - b[0]))
    return [mathematics.cbrt(27.0), list(numbers)]


def asks_sqlite():
    import sqlite3

    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table t (a integer)")
        connection.executemany("insert into t values (?)", ((n,) for n in range(10_000)))
        return connection.execute("select sum(a) from t").fetchone()[0]
