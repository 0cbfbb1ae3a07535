"""LightGBM with two OpenMP threads."""


def trains():
    import lightgbm
    import numpy as np

    numbers = np.random.default_rng(1)
    x = numbers.standard_normal((5000, 10))
    options = {"num_threads": 2, "verbose": -1, "deterministic": True, "force_row_wise": True, "seed": 1}
    model = lightgbm.train(options, lightgbm.Dataset(x, x[:, 0] * 2 + x[:, 1]), num_boost_round=20)
    return round(float(np.abs(model.predict(x)).sum()), 3)
