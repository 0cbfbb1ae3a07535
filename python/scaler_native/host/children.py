"""The workers that the host made, until the manager lets go of them."""

import os
import signal
import time

# How long a killed process may take to end: it does so at once, unless the kernel waits for a device in its name.
_END_SECONDS = 2.0


class Child:
    """A worker's process, with the channel on which it reports."""

    def __init__(self, pid, number, channel):
        self.pid = pid
        self.number = number
        self.channel = channel
        self.sockets = []
        self.native = False  # whether its agent is in the manager
        self.ended = False

    def kill(self):
        """It leads its process group; in the moment after the fork it may not do so yet."""
        if not _send(os.killpg, self.pid):
            _send(os.kill, self.pid)

    def remove_sockets(self):
        """A worker that was killed leaves its sockets behind."""
        for path in self.sockets:
            try:
                os.unlink(path)
            except OSError:
                pass


class Children:
    """All of them by pid. A worker that has ended stays a zombie until the manager has it reaped."""

    def __init__(self):
        self._by_pid = {}

    def __iter__(self):
        return iter(self._by_pid.values())

    def add(self, child):
        self._by_pid[child.pid] = child

    def notice_ends(self):
        """Find those that have ended since the last time. Returns them with their wait statuses."""
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
        """Let go of a child. Returns it; None when there is none of that pid, or it has not ended."""
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
