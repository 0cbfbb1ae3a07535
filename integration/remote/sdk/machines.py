"""The line to the test that stands in for the cloud: one JSON object each way, over the socket of SCALER_TEST_CLOUD."""

import json
import os
import socket


def ask(what, **more):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ["SCALER_TEST_CLOUD"])
        connection.sendall(json.dumps({"do": what, **more}).encode() + b"\n")
        return json.loads(connection.makefile().readline())


def container(environment):
    """Starts a container whose entry point runs COMMAND, and returns the machine's name."""
    return ask("container", environment=environment)["name"]


def instance(script):
    """Starts a virtual machine that runs a script when it boots, and returns the machine's name."""
    return ask("instance", script=script)["name"]


def stop(name):
    ask("stop", name=name)


def state(name):
    """running or ended."""
    return ask("state", name=name)["state"]
