"""Scripts in which processors are suspended."""

import asyncio
import time

from script import idle, script, suspend


@script()
async def priorities(c):
    """Suspended and queued tasks of two priorities, as the comment in Scaler's task manager has them."""
    await idle(c)
    c.step("suspend twice")
    await c.begin("T1")
    await c.begin("T2", priority=3)
    since = time.monotonic()
    await c.state("suspended running")
    c.submit("T3", priority=3)
    c.submit("T4")
    await c.begin("T5", priority=4)
    await c.state("suspended suspended running, 2 queued")
    suspended = time.monotonic() - since
    c.step("order")
    c.open("T1", "T2", "T3", "T4")
    c.open("T5")
    await c.finished("T5", "T2", "T3", "T1", "T4")
    c.note("T1 takes its suspension along: %s" % (c.results["T1"][2][0] >= suspended))
    await c.state("idle")


@script()
async def priority_burst(c):
    """The second task mostly finds a processor that is not there yet, for which nothing has to be suspended."""
    await idle(c)
    c.step("burst")
    await c.begin("A")
    await c.state("running")
    c.send(c.task("B", priority=1), c.task("C", priority=2))
    await c.runs("C")
    c.step("order")
    c.open("A", "B", "C")
    await c.finished(*"CBA")
    await c.state("idle")


@script()
async def suspend_again(c):
    await idle(c)
    c.step("first")
    await suspend(c)
    await c.finish("B")
    await c.state("running")
    c.step("second")
    await c.begin("C", priority=1)
    await c.state("suspended running")
    c.step("third")
    await c.finish("C")
    await c.state("running")
    await c.finish("A")
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
    await c.finish("D")


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
    await c.finish("B")
    c.step("next")
    c.submit("C")
    c.open("A", "C")
    await c.result("C")
    c.note("A began %d times" % c.begun("A"))


@script()
async def cancel_deep(c):
    """The lower one of two suspended tasks, and then the one that suspended both."""
    await idle(c)
    c.step("suspend twice")
    await suspend(c)
    await c.begin("C", priority=2)
    await c.state("suspended suspended running")
    c.step("running")
    c.cancel("C", force=True)
    await c.confirmed("C")
    c.step("middle")
    await c.finish("B")
    await c.state("running")
    await c.finish("A")
    await c.state("idle")


@script()
async def suspended_at_the_end(c):
    """A processor is suspended while its task ends, again and again: whichever comes first, there is one result."""
    await idle(c)
    c.step("rounds")
    for turn in range(8):
        low, high = "L%d" % turn, "H%d" % turn
        await c.begin(low)
        c.open(low, high)
        await asyncio.sleep(0.002 * turn)
        c.submit(high, priority=1)
        await c.until(lambda: ("result", low) in c.said and ("result", high) in c.said, "results of round %d" % turn)
    counts = sorted(c.said.count(("result", "%s%d" % (kind, turn))) for kind in "LH" for turn in range(8))
    del c.lines[:]
    c.note("results of each task: %s" % counts)
    await asyncio.sleep(0.5)
