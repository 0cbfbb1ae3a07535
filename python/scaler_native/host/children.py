"""The worker processes that the host has started, until the manager has them reaped."""

import os
import signal
import time

# How long to wait for killed processes. They end at once unless they are blocked in the kernel (state D).
_END_SECONDS = 2.0


class Child:
    """A worker's process. `native` says whether its agent is in the manager; a spare worker has the number 0."""

    def __init__(self, pid, number, channel, native):
        self.pid = pid
        self.number = number
        self.channel = channel
        self.native = native
        self.sockets = []  # paths of its socket files
        self.ended = False

    def kill(self):
        """Kill the process group. Right after the fork the process may not lead one yet: then kill the process."""
        if not _send(os.killpg, self.pid):
            _send(os.kill, self.pid)

    def remove_sockets(self):
        """Remove the socket files that a killed worker has left."""
        for path in self.sockets:
            try:
                os.unlink(path)
            except OSError:
                pass


class Children:
    """The children by pid. One that has ended stays a zombie until the manager has it reaped."""

    def __init__(self):
        self._by_pid = {}

    def __iter__(self):
        return iter(self._by_pid.values())

    def add(self, child):
        self._by_pid[child.pid] = child

    def notice_ends(self):
        """The children that have ended since the last call, with their wait statuses."""
        noticed = []
        for child in self:
            if child.ended:
                continue
            result = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if result is not None:
                child.ended = True
                status = result.si_status << 8 if result.si_code == os.CLD_EXITED else result.si_status
                noticed.append((child, status))
        return noticed

    def reap(self, pid):
        """Reap a child and return it; None if there is none with that pid, or it is still running."""
        child = self._by_pid.get(pid)
        if child is None or not child.ended:
            return None
        os.waitpid(pid, 0)
        del self._by_pid[pid]
        child.remove_sockets()
        return child

    def kill_all(self):
        for child in self:
            child.kill()
        deadline = time.monotonic() + _END_SECONDS
        left = list(self)
        while left and time.monotonic() < deadline:
            left = [child for child in left if os.waitpid(child.pid, os.WNOHANG)[0] == 0]
            if left:
                time.sleep(0.001)
        for child in self:
            child.remove_sockets()


def _send(how, pid):
    try:
        how(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
