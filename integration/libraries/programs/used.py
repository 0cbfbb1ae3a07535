"""A module for --warm-imports that uses a library on import: its thread pools have run when the host forks.

LIBRARY names the library.
"""

import os

import client

for task in client.tasks_of(os.environ["LIBRARY"]):
    task()
