"""What the client sees: results, exceptions, and odd ways of asking."""

import threading

from registry import look, talk


@look
def exception_plain():
    raise ValueError("wrong", 5)


@look
def exception_of_the_client():
    class Own(Exception):
        def __init__(self, code):
            super().__init__("code %d" % code)
            self.code = code

    raise Own(4)


@look
def exception_that_does_not_pickle():
    error = ValueError("holds a lock")
    error.lock = threading.Lock()
    raise error


@look
def exception_that_does_not_unpickle():
    class Picky(Exception):
        def __init__(self, one, two):
            super().__init__("picky")

    raise Picky(1, 2)


@look
def exception_with_a_cause():
    try:
        {}["absent"]
    except KeyError as error:
        raise RuntimeError("because") from error


@look
def exception_group():
    raise ExceptionGroup("several", [ValueError("one"), TypeError("two")])  # noqa: F821


@look
def exception_of_the_system():
    open("/nonexistent/file")


@look
def exception_stop_iteration():
    raise StopIteration(5)


@look
def exception_assertion():
    assert 1 == 2, "not so"


@look
def exception_recursion():
    def deeper():
        return deeper()

    deeper()


@look
def exception_memory():
    raise MemoryError("none left")


@look
def exception_of_a_subprocess():
    import subprocess

    subprocess.run(["false"], check=True)


@look
def exception_timeout():
    raise TimeoutError("too late")


@look
def exception_by_a_signal_handler():
    import signal
    import time

    def handler(*_):
        raise OSError("from the handler")

    former = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(5)
    finally:
        signal.signal(signal.SIGALRM, former)


@look
def result_none():
    return None


@look
def result_that_does_not_pickle():
    return threading.Lock()


@look
def result_generator():
    return (number for number in range(3))


@look
def result_function():
    return {"called": (lambda: 5)()}


@look
def result_exception():
    return ValueError("as a result")


@look
def result_class():
    class Result:
        pass

    return Result


@look
def task_that_is_asynchronous():
    async def coroutine():
        return 1

    waiting = coroutine()
    try:
        return waiting
    finally:
        waiting.close()


@talk
def traceback_at_the_client(client):
    import traceback

    def outer():
        return 1 / 0

    try:
        client.submit(outer).result(60)
    except ZeroDivisionError as error:
        names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        return {"innermost": names[-1], "processor": [name for name in names if "process_task" in name]}


@talk
def huge_result(client):
    result = client.submit(lambda: bytes(64 << 20)).result(60)
    return {"size": len(result)}


@talk
def huge_argument(client):
    return {"size": client.submit(len, bytes(32 << 20)).result(60)}


@talk
def many_small(client):
    futures = [client.submit(lambda n: n * n, number) for number in range(200)]
    return {"sum": sum(future.result(60) for future in futures)}


@talk
def many_by_map(client):
    return {"sum": sum(client.map(lambda n: n * n, list(range(100))))}


@talk
def keyword_arguments(client):
    return {"result": client.submit(lambda a, b=2, c=0: [a, b, c], 1, c=3).result(60)}


@talk
def generator_argument(client):
    try:
        return {"sum": client.submit(sum, (number for number in range(5))).result(60)}
    except Exception as error:
        return {"error": type(error).__name__}


@talk
def iterator_argument(client):
    return {"sum": client.submit(sum, iter([1, 2, 3])).result(60)}


@talk
def object_reference(client):
    reference = client.send_object([1, 2, 3], name="list")
    return {"sum": client.submit(sum, reference).result(60)}


@talk
def graph(client):
    graph = {"a": 2, "b": (lambda a: a + 1, "a"), "c": (lambda a, b: a * b, "a", "b")}
    return {"answer": client.get(graph, keys=["c"])}


@talk
def nested_client(client):
    def outer(inner):
        return inner.submit(pow, 2, 5).result(60)

    return {"answer": client.submit(outer, client).result(60)}


@talk
def nested_client_suspends(client):
    # The outer task's processor is suspended while another of the same worker executes the inner one.
    def outer(inner):
        import os
        import time

        began = os.getpid()
        inside = inner.submit(os.getpid).result(60)
        time.sleep(0.05)
        return [inside != began, os.getpid() == began]

    return {"answer": client.submit(outer, client).result(60)}


@talk
def profile_of_a_task(client):
    def work():
        import time

        time.sleep(0.1)
        return bytes(1000)

    future = client.submit_verbose(work, (), {})
    future.result(60)
    info = future.profiling_info()
    return {
        "duration": 0.05 < info.duration_s < 5,
        "names": sorted(name for name in dir(info) if not name.startswith("_")),
    }


@talk
def function_of_the_installed_library(client):
    import colorsys

    return {"colour": client.submit(colorsys.rgb_to_hsv, 1, 0, 0).result(60)}


@talk
def types_defined_by_the_client(client):
    import dataclasses
    import enum

    class Colour(enum.Enum):
        RED = 1

    @dataclasses.dataclass
    class Point:
        x: int

    point, colour = client.submit(lambda p: (p, Colour.RED), Point(3)).result(60)
    return {"point": type(point) is Point, "colour": colour is Colour.RED, "x": point.x}


@talk
def cancelled_while_it_waits(client):
    import time

    first = client.submit(lambda: time.sleep(0.5))
    second = client.submit(lambda: time.sleep(30))
    second.cancel()
    first.result(60)
    return {"cancelled": second.cancelled(), "goes on": client.submit(int, "3").result(60)}
