"""joblib: each of its backends with two jobs."""

from . import with_processes


def _square(number):
    return number * number


def _sum(backend):
    from joblib import Parallel, delayed

    with with_processes():
        return sum(Parallel(n_jobs=2, backend=backend)(delayed(_square)(n) for n in range(100)))


def runs_in_threads():
    return _sum("threading")


def runs_with_loky():
    return _sum("loky")


def runs_with_loky_on_arrays():
    import numpy as np
    from joblib import Parallel, delayed

    big = np.ones((1000, 1000))  # above max_nbytes: joblib gives it to its processes as a file in memory
    with with_processes():
        return [float(s) for s in Parallel(n_jobs=2, backend="loky")(delayed(np.sum)(big * n) for n in range(4))]


def runs_with_multiprocessing():
    return _sum("multiprocessing")
