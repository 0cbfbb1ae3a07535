"""Prints the tasks that a scheduler has asked a worker to give back: balance.py MONITOR_ADDRESS

{"task": TASK, "from": WORKER}     asked: to move the task to another worker, or because its client cancels it
{"task": TASK, "from": null}       the task has come to a worker again, or to its end
{"gone": WORKER}                   a worker has disconnected
"""

import json
import sys

import monitor

ASKED = {"balancecanceling", "canceling"}
ENDS = {"success", "failed", "failedworkerdied", "canceled", "cancelednotfound"}
workers = {}  # that have tasks
asked = set()


def tell(**what):
    print(json.dumps(what), flush=True)


def follow(message):
    kind = type(message).__name__
    if kind == "StateWorker":
        change = monitor.worker_changed(message)
        if not change["connected"]:
            tell(gone=change["worker"])
    elif kind == "StateTask":
        task, worker = bytes(monitor.field(message, "task_id", "taskId")).hex(), bytes(message.worker).decode()
        state = message.state.name.lower()
        if state in ASKED:
            # The scheduler has struck it off its worker's list by now, so that this message names none.
            if task not in asked and task in workers:
                asked.add(task)
                tell(**{"task": task, "from": workers[task]})
            return
        if task in asked:
            asked.remove(task)
            tell(**{"task": task, "from": None})
        if state in ENDS:
            workers.pop(task, None)
        elif worker:
            workers[task] = worker


if __name__ == "__main__":
    monitor.subscribe(sys.argv[1], follow).run()
