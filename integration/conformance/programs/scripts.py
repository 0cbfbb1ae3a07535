"""The scripts: what the scheduler says, and what it waits for. Each has a worker of its own.

A name of a step is a key of what is compared. Where a step waits for nothing, what was said in it counts to the next."""

import asyncio
import os
import signal
import time

import tasks
import words

scripts = {}


def script(*options, **settings):
    """Options of the manager, and settings of the conversation."""

    def register(function):
        scripts[function.__name__.replace("_", "-")] = function, options, settings
        return function

    return register


async def idle(c):
    await c.until(lambda: c.beat, "heartbeat")
    await c.state("idle")


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
    c.note("memory of the agent %s, of the processor %s" % (1 << 20 < b.agent[1] < 1 << 28, 1 << 20 < used[1] < 1 << 28))
    c.note("CPU of the agent %s, of the processor %s" % (0 <= b.agent[0] <= 1000, 0 <= used[0] <= 1000))


@script("storage")
async def start_configured(c):
    """The object storage is configured; the scheduler tells another address, where nothing listens."""
    c.told = "127.0.0.1", 1
    await idle(c)
    c.submit("A", tasks.echo, "value")
    await c.result("A")


@script()
async def task(c):
    await idle(c)
    c.step("success")
    c.submit("A", tasks.echo, "value")
    await c.result("A")
    c.step("failure")
    c.submit("B", tasks.fail, "reason")
    await c.result("B")
    c.step("logs")
    c.submit("C", tasks.talk, ["first", "second"], stream=True)
    await c.result("C")
    c.step("no logs")
    c.submit("D", tasks.talk, ["first", "second"])
    await c.result("D")
    c.step("three at once")
    c.send(*[c.task(name, tasks.echo, name) for name in "EFG"])
    for name in "EFG":
        await c.until(lambda: ("result", name) in c.said, "result of " + name)


@script()
async def profile(c):
    await idle(c)
    c.step("work")
    c.submit("A", tasks.use)
    await c.runs("A")
    await c.state("running")
    await c.result("A", ((2.5, 10), (60 << 20, 80 << 20), (0.38, 2)))


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
    c.submit("A")
    await c.runs("A")
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
    c.open("A")
    await c.result("A")
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
    c.open("B")
    await c.result("B")
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


async def suspend(c, first="A", second="B", priority=1):
    c.submit(first)
    await c.runs(first)
    await c.state("running")
    c.submit(second, priority=priority)
    await c.runs(second)
    await c.state("suspended running")


@script()
async def cancel_suspended(c):
    await idle(c)
    c.step("suspend")
    await suspend(c)
    c.step("without force")
    c.cancel("A")
    await c.confirmed("A")
    c.step("with force")
    c.cancel("A", force=True)
    await c.confirmed("A")
    await c.until(lambda: c.pid("P1") not in c.beat.processors, "heartbeat without the processor")
    c.note("state: " + c.beat.text(c.names, c.called))
    c.step("the other goes on")
    c.open("A", "B")
    await c.result("B")
    c.step("next")
    c.submit("C")
    c.open("C")
    await c.result("C")
    c.note("A began %d times" % c.begun("A"))


@script()
async def priorities(c):
    """Suspended and queued tasks of two priorities, as the comment in Scaler's task manager has them."""
    await idle(c)
    c.step("suspend twice")
    c.submit("T1")
    await c.runs("T1")
    c.submit("T2", priority=3)
    await c.runs("T2")
    since = time.monotonic()
    await c.state("suspended running")
    c.submit("T3", priority=3)
    c.submit("T4")
    c.submit("T5", priority=4)
    await c.runs("T5")
    await c.state("suspended suspended running, 2 queued")
    suspended = time.monotonic() - since
    c.step("order")
    c.open("T1", "T2", "T3", "T4")
    c.open("T5")
    for name in "T5", "T2", "T3", "T1", "T4":
        await c.until(lambda: ("result", name) in c.said, "result of " + name)
    c.note("T1 takes its suspension along: %s" % (c.results["T1"][2][0] >= suspended))
    await c.state("idle")


@script()
async def priority_burst(c):
    """Nothing is suspended for a task that finds a processor which is not there yet."""
    await idle(c)
    c.step("burst")
    c.submit("A")
    await c.runs("A")
    await c.state("running")
    c.send(c.task("B", priority=1), c.task("C", priority=2))
    await c.runs("C")
    await c.state("suspended running, 1 queued")
    c.step("order")
    c.open("A", "B", "C")
    for name in "CBA":
        await c.until(lambda: ("result", name) in c.said, "result of " + name)
    await c.state("idle")


@script()
async def suspend_again(c):
    await idle(c)
    c.step("first")
    await suspend(c)
    c.open("B")
    await c.result("B")
    await c.state("running")
    c.step("second")
    c.submit("C", priority=1)
    await c.runs("C")
    await c.state("suspended running")
    c.step("third")
    c.open("C")
    await c.result("C")
    await c.state("running")
    c.open("A")
    await c.result("A")
    c.note("A began %d times" % c.begun("A"))


@script("--hard-processor-suspend")
async def suspend_hard(c):
    await idle(c)
    c.step("suspend")
    await suspend(c)
    with open("/proc/%d/stat" % c.pid("P1")) as stat:
        c.note("the processor is in the kernel's state %s" % stat.read().rsplit(")", 1)[1].split()[0])
    c.step("go on")
    c.open("A", "B")
    await c.result("B")
    await c.result("A")
    await c.state("idle")
    c.step("cancel")
    await suspend(c, "C", "D")
    c.cancel("C", force=True)
    await c.confirmed("C")
    c.open("D")
    await c.result("D")


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
            c.submit("W")
            await c.runs("W")
        c.objects.put(value, shared)
        c.send(words.delete(c.objects.client, shared))
        if when == "busy":
            c.open("W")
            await c.result("W")
        c.step("after, " + when)
        c.submit(task + "2", tasks.echo, ids=[shared])
        await c.result(task + "2")


@script()
async def death_of_an_idle_one(c):
    await idle(c)
    c.step("killed")
    dead = c.pid("P1")
    os.kill(dead, signal.SIGKILL)
    await c.until(lambda: c.beat.processors and dead not in c.beat.processors, "other processor")
    await c.state("idle")
    c.step("next")
    c.submit("A", tasks.echo, "value")
    await c.result("A")


@script()
async def death_with_a_task(c):
    await idle(c)
    c.step("killed")
    c.submit("A")
    await c.runs("A")
    await c.state("running")
    c.submit("B")
    os.kill(c.pid("P1"), signal.SIGKILL)
    await c.result("A")
    c.step("next")
    c.open("B")
    await c.result("B")
    c.step("exit")
    c.submit("C", tasks.leave, 7)
    await c.result("C")
    await c.state("idle")


@script()
async def death_of_a_suspended_one(c):
    await idle(c)
    c.step("suspend")
    await suspend(c)
    c.step("killed")
    os.kill(c.pid("P1"), signal.SIGKILL)
    await c.result("A")
    await c.state("running")
    c.step("next")
    c.open("B")
    await c.result("B")
    await c.state("idle")


@script()
async def client_shutdown(c):
    await idle(c)
    c.step("no shutdown")
    c.send(words.client_disconnect("disconnect"))
    c.submit("A")
    await c.runs("A")
    await c.state("running")
    c.step("shutdown")
    c.send(words.client_disconnect("shutdown"))
    await c.worker_ended()


@script("--death-timeout-seconds", "3")
async def silence(c):
    c.echoing = False
    begun = time.monotonic()
    await c.until(lambda: c.beat, "heartbeat")
    c.note("first heartbeat: " + c.beat.text(c.names, c.called))
    await c.worker_ended()
    c.note("%d heartbeats, in time: %s" % (c.beats, time.monotonic() - begun < 12))


@script("--death-timeout-seconds", "3")
async def silence_later(c):
    await idle(c)
    c.step("silence")
    c.submit("A")
    await c.runs("A")
    c.echoing = False
    last = time.monotonic()
    await c.worker_ended()
    c.note("in time: %s" % (2 < time.monotonic() - last < 8))


@script()
async def disconnect_response(c):
    await idle(c)
    if words.has("DisconnectResponse"):
        c.step("response")
        c.send(words.disconnect_response(c.worker))
        await c.worker_ended()


@script()
async def terminated(c):
    """The manager gets SIGTERM while tasks run, are suspended and wait."""
    await idle(c)
    c.step("work")
    await suspend(c)
    c.submit("C")
    await c.state("suspended running, 1 queued")


@script()
async def negative_priority(c):
    await idle(c)
    c.step("task")
    c.submit("A", priority=-1)
    await c.worker_ended()


@script()
async def scheduler_returns(c):
    await idle(c)
    c.step("leaves")
    c.submit("A")
    await c.runs("A")
    c.wire.close()
    before = c.worker
    await asyncio.sleep(0.3)
    c.step("returns")
    c.beat = None
    await c.bind()
    c.open("A")
    await c.until(lambda: c.beat or c.manager.poll() is not None, "heartbeat or end")
    c.later.append("the worker is %s" % ("gone" if c.beat is None else "the same" if c.worker == before else "another"))
    if c.beat and c.worker == before:
        await c.result("A")
        await c.state("idle")


@script()
async def early(c):
    """Tasks, a cancel and an instruction come before there is a processor."""
    await c.until(lambda: c.beat, "heartbeat")
    c.send(c.task("A"), c.task("B"), c.task("C", priority=2), words.delete(c.objects.client, c.objects.put("none")))
    c.cancel("B")
    await c.confirmed("B")
    c.step("order")
    c.open("A", "B", "C")
    for name in "CA":
        await c.until(lambda: ("result", name) in c.said, "result of " + name)
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
    c.submit("A", tasks.echo, "value")
    await c.result("A")
    c.step("suspended by one of another storage")
    await suspend(c, "B", "C")
    c.open("B", "C")
    await c.result("C")
    await c.result("B")


@script()
async def cancel_deep(c):
    """The lower one of two suspended tasks, and then the one that suspended both."""
    await idle(c)
    c.step("suspend twice")
    await suspend(c)
    c.submit("C", priority=2)
    await c.runs("C")
    await c.state("suspended suspended running")
    c.step("running")
    c.cancel("C", force=True)
    await c.confirmed("C")
    c.step("middle")
    c.open("B")
    await c.result("B")
    await c.state("running")
    c.open("A")
    await c.result("A")
    await c.state("idle")


@script()
async def suspended_at_the_end(c):
    """A processor is suspended while its task ends, again and again: whichever comes first, there is one result."""
    await idle(c)
    c.step("rounds")
    for turn in range(8):
        low, high = "L%d" % turn, "H%d" % turn
        c.submit(low)
        await c.runs(low)
        c.open(low, high)
        await asyncio.sleep(0.002 * turn)
        c.submit(high, priority=1)
        await c.until(lambda: ("result", low) in c.said and ("result", high) in c.said, "results of round %d" % turn)
    counts = sorted(c.said.count(("result", "%s%d" % (kind, turn))) for kind in "LH" for turn in range(8))
    del c.lines[:]
    c.note("results of each task: %s" % counts)
    await asyncio.sleep(0.5)
