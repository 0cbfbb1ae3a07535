"""The times of registrations in a cluster, read from the scheduler's log as it grows."""

import time


class Journal:
    def __init__(self, path):
        self._path = path
        self._offset = 0
        self._partial = b""
        self.workers = []  # times of their registrations
        self.managers = []

    def _read(self):
        with open(self._path, "rb") as log:
            log.seek(self._offset)
            text = log.read()
        now = time.time()
        self._offset += len(text)
        *lines, self._partial = (self._partial + text).split(b"\n")
        for line in lines:
            if not line.endswith(b" connected"):
                continue
            if b"WorkerID(" in line:
                self.workers.append(now)
            elif b"WorkerManager b" in line:
                self.managers.append(now)

    def _await(self, what, times, count, limit):
        over = time.time() + limit
        while len(times) < count:
            if time.time() > over:
                raise TimeoutError("only %d of %d %s registered within %d s" % (len(times), count, what, limit))
            time.sleep(0.005)
            self._read()
        return times[:count]

    def await_workers(self, count, limit=240):
        """The times of the first `count` registrations."""
        return self._await("workers", self.workers, count, limit)

    def await_managers(self, count, limit=240):
        return self._await("managers", self.managers, count, limit)
