"""pandas: groups, joins, CSV, time zones."""


def groups_and_joins():
    import numpy as np
    import pandas as pd

    numbers = np.random.default_rng(1)
    left = pd.DataFrame({"key": numbers.integers(0, 1000, 300_000), "value": numbers.standard_normal(300_000)})
    right = pd.DataFrame({"key": range(1000), "weight": np.arange(1000) / 7})
    joined = left.merge(right, on="key").groupby("key").agg({"value": ["mean", "std"], "weight": "sum"})
    return round(float(joined.to_numpy().sum()), 4)


def reads_its_own_csv():
    import io

    import pandas as pd

    frame = pd.DataFrame({"number": range(20_000), "text": ["row %d" % n for n in range(20_000)]})
    back = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    return [int(back["number"].sum()), str(back["text"].iloc[-1]), bool(back.equals(frame))]


def converts_time_zones():
    import pandas as pd

    times = pd.date_range("2026-03-28", periods=96, freq="h", tz="UTC").tz_convert("Europe/Berlin")
    return [str(times[40]), str(pd.Series(1, index=times).resample("D").sum().to_list())]
