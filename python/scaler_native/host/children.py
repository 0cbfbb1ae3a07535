"""The processes that the host made, until whoever asked for them lets go of them."""

import os
import signal


class Child:
    """A process that the host made. `owner` is the channel on which its end is told; None when nobody asks any more."""

    def __init__(self, pid, owner):
        self.pid = pid
        self.owner = owner
        self.ended = False

    def kill(self):
        _send(os.kill, self.pid)

    def forget(self):
        """It has been reaped."""


class Worker(Child):
    """A worker, with the channel on which it asks for processors, and what they are given of the machine."""

    def __init__(self, pid, owner, number, channel, given):
        super().__init__(pid, owner)
        self.number = number
        self.channel = channel
        self.settings = given
        self.sockets = []

    def kill(self):
        """It leads its process group; in the moment after the fork it may not do so yet."""
        if not _send(os.killpg, self.pid):
            super().kill()

    def forget(self):
        """A worker that was killed leaves its sockets behind."""
        for path in self.sockets:
            try:
                os.unlink(path)
            except OSError:
                pass


class Children:
    """All of them by pid. A child that has ended stays a zombie until its owner has it reaped."""

    def __init__(self):
        self._by_pid = {}

    def add(self, child):
        self._by_pid[child.pid] = child

    def workers(self):
        return [child for child in self._by_pid.values() if isinstance(child, Worker)]

    def notice_ends(self):
        """Find those that have ended since the last time. Returns them, but for those that nobody asks for."""
        noticed = []
        for child in list(self._by_pid.values()):
            if child.ended:
                continue
            result = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if result is None:
                continue
            child.ended = True
            if child.owner is None:
                self._reap(child)
            else:
                status = result.si_status << 8 if result.si_code == os.CLD_EXITED else result.si_status
                noticed.append((child, status))
        return noticed

    def reap(self, pid, owner):
        """Let go of a child for its owner. Returns it; None when it is not that owner's, or has not ended."""
        child = self._by_pid.get(pid)
        if child is None or child.owner is not owner or not child.ended:
            return None
        self._reap(child)
        return child

    def disown(self, owner):
        """Kill the children of an owner that is gone, and reap them when they have ended."""
        for child in [child for child in self._by_pid.values() if child.owner is owner]:
            child.kill()
            child.owner = None
            if child.ended:
                self._reap(child)

    def kill_all(self):
        for child in self._by_pid.values():
            child.kill()
        for child in list(self._by_pid.values()):
            self._reap(child)

    def _reap(self, child):
        os.waitpid(child.pid, 0)
        del self._by_pid[child.pid]
        child.forget()


def _send(how, pid):
    try:
        how(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
