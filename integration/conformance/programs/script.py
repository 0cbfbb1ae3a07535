"""The list of scripts: what the scheduler says, and what it waits for. Each has a worker of its own.

The name of a step is a key of what is compared. What is said after a step has ended counts to the next one.
"""

import importlib

scripts = {}


def script(*options):
    """Options of the manager; "storage" stands for the address of the object storage."""

    def register(function):
        scripts[function.__name__.replace("_", "-")] = function, options
        return function

    return register


def load():
    for name in ("simple", "suspension", "ends"):
        importlib.import_module("scripts_" + name)
    return scripts


async def idle(c):
    """The first step of most scripts."""
    await c.until(lambda: c.beat, "heartbeat")
    await c.state("idle")


async def suspend(c, first="A", second="B", priority=1):
    await c.begin(first)
    await c.state("running")
    await c.begin(second, priority=priority)
    await c.state("suspended running")
