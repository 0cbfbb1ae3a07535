"""XGBoost with two OpenMP threads."""


def trains():
    import numpy as np
    import xgboost

    numbers = np.random.default_rng(1)
    x = numbers.standard_normal((5000, 10))
    data = xgboost.DMatrix(x, x[:, 0] * 2 + x[:, 1])
    model = xgboost.train({"nthread": 2, "seed": 1, "verbosity": 0}, data, num_boost_round=20)
    return round(float(np.abs(model.predict(data)).sum()), 2)
