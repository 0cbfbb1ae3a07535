"""Scripts of a worker with one processor at a time."""

import os

import tasks
import words
from script import idle, script, suspend


@script("--per-worker-capabilities", "linux,gpu=2", "--per-worker-task-queue-size", "7")
async def start(c):
    await c.until(lambda: c.beat, "heartbeat")
    c.note("first heartbeat: " + c.beat.text(c.names, c.called))
    await c.state("idle")
    b = c.beat
    c.note("queue of %d, capabilities %s, of manager %s" % (b.queue_size, b.capabilities, b.manager))
    await c.until(lambda: c.beats >= 4, "fourth heartbeat")
    b = c.beat
    used = b.processors[c.pid("P1")]["used"]
    c.note("memory: free %s, limit %s" % (1 << 28 < b.free < 1 << 42, b.limit is None or b.free <= b.limit < 1 << 42))
    c.note("latency %s, hostname %s" % (0 < b.latency < 500000, b.host in (None, os.uname().nodename)))
    c.note(
        "memory of the agent %s, of the processor %s" % (1 << 20 < b.agent[1] < 1 << 28, 1 << 20 < used[1] < 1 << 28)
    )
    c.note("CPU of the agent %s, of the processor %s" % (0 <= b.agent[0] <= 1000, 0 <= used[0] <= 1000))


@script("storage")
async def start_configured(c):
    """The object storage is configured; the scheduler tells another address, where nothing listens."""
    c.told = "127.0.0.1", 1
    await idle(c)
    await c.echo("A")


@script()
async def task(c):
    await idle(c)
    c.step("success")
    await c.echo("A")
    c.step("failure")
    c.submit("B", tasks.fail, "reason")
    await c.result("B")
    c.step("logs")
    c.submit("C", tasks.talk, ["first", "second"], stream=True)
    await c.result("C")
    c.step("no logs")
    c.submit("D", tasks.talk, ["first", "second"])
    await c.result("D")
    c.step("no flags")
    c.submit("I", tasks.echo, "value", flags=False)
    await c.result("I")
    c.step("three at once")
    c.send(*[c.task(name, tasks.echo, name) for name in "EFG"])
    await c.finished(*"EFG")


@script()
async def profile(c):
    await idle(c)
    c.step("work")
    c.submit("A", tasks.use)
    await c.runs("A")
    await c.state("running")
    ages = lambda: [p["age"] for p in c.beat.processors.values()]  # noqa: E731
    await c.until(lambda: ages()[0] in (None, 1, 2), "age of the task")
    await c.result("A", ((2.5, 10), (60 << 20, 80 << 20), (0.38, 2)))


@script()
async def early(c):
    """Tasks, a cancel and an instruction come before there is a processor."""
    await c.until(lambda: c.beat, "heartbeat")
    c.send(c.task("A"), c.task("B"), c.task("C", priority=2), words.delete(c.objects.client, c.objects.put("none")))
    c.cancel("B")
    await c.confirmed("B")
    c.step("order")
    c.open("A", "B", "C")
    await c.finished(*"CA")
    c.note("B began %d times" % c.begun("B"))
    await c.state("idle")


@script()
async def echoes(c):
    """Echoes that answer no heartbeat, and tell another object storage."""
    await idle(c)
    c.step("echoes")
    c.send(words.echo("127.0.0.1", 1), words.echo("127.0.0.1", 1))
    c.told = "127.0.0.1", 1
    seen = c.beats
    await c.until(lambda: c.beats >= seen + 2, "heartbeat")
    await c.echo("A")
    c.step("suspended by one of another storage")
    await suspend(c, "B", "C")
    c.open("B", "C")
    await c.result("C")
    await c.result("B")


@script()
async def delete(c):
    """An instruction to delete an object reaches processors, so that they ask the object storage for it again."""
    await idle(c)
    shared = c.objects.put("one")
    for task, value, when in ("A", "two", "idle"), ("C", "three", "busy"):
        c.step("before, " + when)
        c.submit(task, tasks.echo, ids=[shared])
        await c.result(task)
        if when == "busy":
            await c.begin("W")
        c.objects.put(value, shared)
        c.send(words.delete(c.objects.client, shared))
        if when == "busy":
            await c.finish("W")
        c.step("after, " + when)
        c.submit(task + "2", tasks.echo, ids=[shared])
        await c.result(task + "2")


@script()
async def cancel(c):
    await idle(c)
    c.step("unknown")
    c.cancel("U")
    await c.confirmed("U")
    c.step("unknown with force")
    c.cancel("V", force=True)
    await c.confirmed("V")
    c.step("queued")
    await c.begin("A")
    c.submit("B")
    c.submit("C")
    await c.state("running, 2 queued")
    c.cancel("B")
    await c.confirmed("B")
    c.step("queued with force")
    c.cancel("C", force=True)
    await c.confirmed("C")
    await c.state("running")
    c.step("running")
    c.cancel("A")
    await c.confirmed("A")
    await c.state("running")
    c.step("running goes on")
    await c.finish("A")
    c.step("finished")
    c.cancel("A", force=True)
    await c.confirmed("A")
    await c.state("idle")


@script()
async def cancel_with_force(c):
    await idle(c)
    c.step("running")
    c.submit("A")
    c.submit("B")
    await c.runs("A")
    await c.state("running, 1 queued")
    c.cancel("A", force=True)
    await c.confirmed("A")
    c.step("next")
    await c.runs("B")
    await c.state("running")
    await c.finish("B")
    await c.state("idle")
    c.step("the same again")
    c.open("A")
    c.submit("A")
    await c.result("A")


@script()
async def cancel_twice(c):
    """The processor takes its time to end; what comes meanwhile must have its answer too."""
    await idle(c)
    c.step("both")
    c.submit("A", tasks.insist)
    await c.runs("A")
    c.cancel("A", force=True)
    c.cancel("A", force=True)
    c.cancel("A")
    c.submit("B")
    c.open("B")
    await c.confirmed("A", 3)
    await c.result("B")
    await c.state("idle")
