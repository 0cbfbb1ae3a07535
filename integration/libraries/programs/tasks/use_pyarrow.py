"""Arrow: compute functions, CSV and Parquet with its pool of threads."""


def _table(rows=1_000_000):
    import numpy as np
    import pyarrow as pa

    numbers = np.random.default_rng(1)
    return pa.table({"key": numbers.integers(0, 100, rows), "value": numbers.standard_normal(rows)})


def groups():
    table = _table().group_by("key", use_threads=True).aggregate([("value", "sum"), ("value", "count")])
    ordered = table.sort_by("key")
    return [round(ordered["value_sum"][7].as_py(), 6), ordered["value_count"][7].as_py()]


def writes_and_reads_parquet():
    import os
    import tempfile

    import pyarrow.compute as pc
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        for part in range(4):
            pq.write_table(_table(100_000), os.path.join(folder, "%d.parquet" % part), row_group_size=10_000)
        whole = pq.read_table(folder, use_threads=True)
        some = ds.dataset(folder).to_table(filter=ds.field("key") < 10, use_threads=True)
        return [whole.num_rows, some.num_rows, round(pc.sum(some["value"]).as_py(), 6)]


def reads_csv():
    import io

    from pyarrow import csv

    text = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(200_000))
    options = csv.ReadOptions(use_threads=True, block_size=1 << 16)
    return sum(csv.read_csv(io.BytesIO(text), read_options=options)["b"].to_pylist()[::1000])
