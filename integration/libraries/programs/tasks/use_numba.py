"""numba: compiled code, also in its pool of threads, whose layer is workqueue or OpenMP."""


def _compiled(parallel):
    import numba

    def total(n):
        found = 0.0
        for i in numba.prange(n):
            found += i % 7
        return found

    return numba.njit(total, parallel=parallel)


def compiles():
    return _compiled(False)(1_000_000)


def loops_in_parallel():
    import numba

    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    return _compiled(True)(1_000_000)
