"""SciPy: its own OpenBLAS, sparse matrices, optimization, and a Fourier transform in two threads."""


def finds_eigenvalues():
    import numpy as np
    from scipy import linalg

    a = np.random.default_rng(1).standard_normal((500, 500))
    return round(float(linalg.eigh(a + a.T, eigvals_only=True)[-3:].sum()), 6)


def solves_sparse():
    import numpy as np
    from scipy import sparse
    from scipy.sparse import linalg

    a = sparse.diags_array([-1.0, 2.5, -1.0], offsets=[-1, 0, 1], shape=(20_000, 20_000), format="csc")
    return round(float(linalg.spsolve(a, np.ones(20_000)).sum()), 5)


def minimizes():
    from scipy import optimize

    found = optimize.minimize(optimize.rosen, [1.3, 0.7, 0.8, 1.9, 1.2], method="BFGS")
    return [round(float(x), 3) for x in found.x]


def transforms_in_threads():
    import numpy as np
    from scipy import fft

    a = np.random.default_rng(2).standard_normal((256, 4096))
    return round(float(np.abs(fft.fft(a, workers=2)).sum()), 2)
