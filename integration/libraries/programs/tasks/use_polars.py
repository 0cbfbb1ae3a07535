"""polars: its pool of threads (rayon)."""


def _frame(rows=1_000_000):
    import polars as pl

    return pl.DataFrame({"key": range(rows)}).with_columns(
        (pl.col("key") % 97).alias("group"), (pl.col("key") * 7 % 1009).alias("value")
    )


def groups():
    import polars as pl

    found = _frame().group_by("group").agg(pl.col("value").sum(), pl.col("value").n_unique().alias("n")).sort("group")
    return [int(found["value"][13]), int(found["n"].sum())]


def joins_lazily():
    import polars as pl

    frame = _frame(300_000).lazy()
    other = pl.LazyFrame({"group": range(97), "name": ["g%d" % n for n in range(97)]})
    found = frame.join(other, on="group").filter(pl.col("value") > 500).group_by("name").len().sort("name").collect()
    return [found.height, int(found["len"].sum())]


def scans_parquet():
    import os
    import tempfile

    import polars as pl

    with tempfile.TemporaryDirectory() as folder:
        for part in range(3):
            _frame(100_000).write_parquet(os.path.join(folder, "%d.parquet" % part))
        return int(pl.scan_parquet(folder + "/*.parquet").select(pl.col("value").sum()).collect().item())
