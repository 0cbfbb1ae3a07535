"""Heartbeats."""


class Beat:
    """What a heartbeat says of the agent's state."""

    def __init__(self, message):
        self.queue_size, self.queued = message.queueSize, message.queuedTasks
        self.capabilities = ["%s=%d" % (c.name, c.value) for c in message.capabilities]
        self.manager = bytes(message.workerManagerID).decode()
        self.free, self.agent = message.rssFree, (message.agent.cpu, message.agent.rss)
        self.latency = (
            getattr(message, "latencyUS", None) if hasattr(message, "latencyUS") else message.latencyMicroseconds
        )
        self.limit = getattr(message, "memLimit", None)
        self.host = getattr(message, "hostname", None)
        self.processors = {}
        for p in message.processors:
            self.processors[p.pid] = {
                "initialized": p.initialized,
                "task": p.hasTask,
                "suspended": p.suspended,
                "id": bytes(p.currentTaskId).decode() if hasattr(p, "currentTaskId") else None,
                "age": getattr(p, "taskAgeSeconds", None),
                "used": (p.resource.cpu, p.resource.rss),
            }

    def words(self, pid):
        p = self.processors[pid]
        return "suspended" if p["suspended"] else "running" if p["task"] else "idle" if p["initialized"] else "starting"

    def order(self, names):
        known = list(names.get("P", {}))
        return sorted(self.processors, key=lambda pid: known.index(pid) if pid in known else len(known))

    def summary(self, names):
        queued = ", %d queued" % self.queued if self.queued else ""
        return (" ".join(self.words(pid) for pid in self.order(names)) or "none") + queued

    def text(self, names, called):
        shown = []
        for pid in self.order(names):
            p = self.processors[pid]
            task = " %s" % p["id"] if p["id"] else ""
            odd = "" if p["initialized"] else " and not initialized"
            shown.append("%s %s%s%s" % (called("P", pid), self.words(pid), task, odd))
        return "%s; %d queued" % (", ".join(shown) or "no processor", self.queued)
