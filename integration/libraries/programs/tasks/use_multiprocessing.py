"""Processes that a task starts: pools of each kind, a manager, shared memory."""

from . import with_processes


def _square(number):
    return number * number


def _pool(method):
    import multiprocessing
    import signal

    # A fork has the processor's handler of SIGTERM, which does not end the process that Pool terminates.
    default = signal.signal, (signal.SIGTERM, signal.SIG_DFL)
    with with_processes(), multiprocessing.get_context(method).Pool(2, *default) as pool:
        return sum(pool.map(_square, range(100)))


def _executor(method):
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with with_processes(), ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        return sum(pool.map(_square, range(100), chunksize=10))


def pool_that_forks():
    return _pool("fork")


def pool_that_spawns():
    return _pool("spawn")


def pool_with_a_fork_server():
    return _pool("forkserver")


def executor_that_forks():
    return _executor("fork")


def executor_that_spawns():
    return _executor("spawn")


def executor_with_a_fork_server():
    return _executor("forkserver")


def shares_memory():
    import multiprocessing
    from multiprocessing import shared_memory

    def fill(name):
        other = shared_memory.SharedMemory(name)
        other.buf[:1000] = bytes(range(250)) * 4
        other.close()

    block = shared_memory.SharedMemory(create=True, size=1000)
    with with_processes():
        child = multiprocessing.get_context("fork").Process(target=fill, args=(block.name,))
        child.start()
        child.join()
    total = sum(block.buf[:1000])
    block.close()
    block.unlink()
    return [total, child.exitcode]


def keeps_a_dict_in_a_manager():
    import multiprocessing

    with with_processes(), multiprocessing.get_context("fork").Manager() as manager:
        shared = manager.dict(a=1)
        shared["b"] = 2
        return sum(shared.values())


def pool_of_a_task_that_knows_nothing_of_this():
    import multiprocessing

    try:
        with multiprocessing.Pool(2) as pool:
            return sum(pool.map(_square, range(100)))
    except TypeError as error:
        return str(error)
