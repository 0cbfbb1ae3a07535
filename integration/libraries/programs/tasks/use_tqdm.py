"""tqdm: its bar has a monitor thread and a lock between processes."""

from . import with_processes


def shows_a_bar():
    import io

    from tqdm import tqdm

    file = io.StringIO()
    total = sum(n for n in tqdm(range(1000), file=file, mininterval=0))
    return [total, "1000/1000" in file.getvalue()]


def maps_in_processes():
    import io

    from tqdm.contrib.concurrent import process_map, thread_map

    file = io.StringIO()
    with with_processes():
        found = process_map(abs, range(-10, 10), max_workers=2, chunksize=5, file=file)
    return sum(found) + sum(thread_map(abs, range(-10, 10), max_workers=2, file=file))
