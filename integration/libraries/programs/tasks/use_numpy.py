"""NumPy: OpenBLAS with threads, random numbers with a seed, files."""


def multiplies_matrices():
    import numpy as np

    a = np.random.default_rng(1).standard_normal((1200, 1200))
    return round(float(np.trace(a @ a.T)), 3)


def decomposes():
    import numpy as np

    a = np.random.default_rng(2).standard_normal((300, 300))
    singular = np.linalg.svd(a, compute_uv=False)
    solution = np.linalg.solve(a + 300 * np.eye(300), np.ones(300))
    return [round(float(singular.sum()), 5), round(float(solution.sum()), 8)]


def transforms_and_sorts():
    import numpy as np

    a = np.random.default_rng(3).standard_normal(1 << 18)
    return [round(float(np.abs(np.fft.rfft(a)).sum()), 2), float(np.sort(a)[1000])]


def multiplies_in_threads():
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    a = np.random.default_rng(4).standard_normal((400, 400))
    with ThreadPoolExecutor(4) as pool:
        return [round(float(value), 4) for value in pool.map(lambda n: (a * n @ a).sum(), range(8))]


def maps_a_file():
    import os
    import tempfile

    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "numbers.npy")
        np.save(path, np.arange(1 << 20))
        return int(np.load(path, mmap_mode="r")[::1000].sum())
