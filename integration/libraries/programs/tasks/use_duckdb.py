"""DuckDB with two threads."""


def _connection():
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads = 2")
    return connection


def aggregates():
    with _connection() as connection:
        query = "select range % 100 as k, sum(range * 3 % 1001)::bigint from range(2000000) group by k order by k"
        return [list(row) for row in connection.execute(query).fetchall()[:3]]


def keeps_a_file():
    import os
    import tempfile

    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.duckdb")
        with duckdb.connect(path) as connection:
            connection.execute("create table t as select range as a, range::varchar as b from range(200000)")
        with duckdb.connect(path) as connection:
            return list(connection.execute("select sum(a)::bigint, max(b) from t").fetchone())


def copies_parquet():
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder, _connection() as connection:
        path = os.path.join(folder, "file.parquet")
        connection.execute("copy (select range as a from range(500000)) to '%s' (format parquet)" % path)
        return connection.execute("select sum(a)::bigint from '%s'" % path).fetchone()[0]


def uses_the_module_connection():
    import duckdb

    return duckdb.sql("select sum(range)::bigint from range(1000000)").fetchall()[0][0]
