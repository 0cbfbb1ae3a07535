"""Scripts in which something ends: a processor, the worker, the scheduler."""

import asyncio
import os
import signal
import time

import tasks
import wire
import words
from script import idle, script, suspend


@script()
async def death_of_an_idle_one(c):
    await idle(c)
    c.step("killed")
    dead = c.pid("P1")
    os.kill(dead, signal.SIGKILL)
    await c.until(lambda: c.beat.processors and dead not in c.beat.processors, "other processor")
    await c.state("idle")
    c.step("next")
    await c.echo("A")


@script()
async def death_with_a_task(c):
    await idle(c)
    c.step("killed")
    await c.begin("A")
    await c.state("running")
    c.submit("B")
    os.kill(c.pid("P1"), signal.SIGKILL)
    await c.result("A")
    c.step("next")
    await c.finish("B")
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
    await c.finish("B")
    await c.state("idle")


@script()
async def death_above_a_suspended_one(c):
    await idle(c)
    c.step("suspend")
    await suspend(c)
    c.step("killed")
    os.kill(c.pid("P2"), signal.SIGKILL)
    await c.result("B")
    await c.state("running")
    c.step("next")
    await c.finish("A")
    await c.state("idle")
    c.note("A began %d times" % c.begun("A"))


def parent(pid):
    """The worker's process: Scaler's agent, or the parent that the processor has here."""
    with open("/proc/%d/stat" % pid) as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[1])


async def end_worker(c, number):
    await idle(c)
    c.step("work")
    await c.begin("A")
    c.step("signal")
    os.kill(parent(c.pid("P1")), number)
    await c.worker_ended()


@script()
async def worker_terminated(c):
    await end_worker(c, signal.SIGTERM)


@script()
async def worker_killed(c):
    await end_worker(c, signal.SIGKILL)


@script()
async def client_shutdown(c):
    await idle(c)
    c.step("no shutdown")
    c.send(words.client_disconnect("disconnect"))
    await c.begin("A")
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
    await c.begin("A")
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


async def leave_and_return(c):
    await idle(c)
    c.step("leaves")
    await c.begin("A")
    c.wire.close()
    before = c.worker
    await asyncio.sleep(0.3)
    c.step("returns")
    c.beat = None
    await c.bind()
    await c.until(lambda: c.beat or c.manager.poll() is not None, "heartbeat or end")
    c.note("the worker is %s" % ("gone" if c.beat is None else "the same" if c.worker == before else "another"))
    return c.beat and c.worker == before


@script()
async def scheduler_returns(c):
    if await leave_and_return(c):
        await c.finish("A")
        await c.state("idle")


@script()
async def another_scheduler(c):
    """YMQ tells one scheduler from another, which knows nothing of the tasks."""
    await c.until(lambda: c.beat, "heartbeat")
    c.wire.identity = "another"
    if await leave_and_return(c):
        if wire.YMQ:
            await c.until(lambda: c.beat.processors and c.pid("P1") not in c.beat.processors, "other processor")
            await c.state("idle")
        else:
            await c.state("running")
