// The last ten minutes: the manager's history, and what the page has polled since.

const kept = 600; // seconds
const minWindow = 60; // seconds that a plot shows at least
const rateWindow = 4.5; // seconds over which rates are averaged: the step of the manager's history

export class Past {
  constructor() {
    this.points = [];
  }

  begin(points) {
    this.points = points;
  }

  add(status) {
    const time = Date.parse(status.now) / 1000;
    const { succeeded, failed, cancelled, died } = status.tasks;
    const members = status.members ?? [];
    const last = this.points[this.points.length - 1];
    if (last && time <= last.time) return;
    this.points.push({
      time,
      desired: status.workers.desired,
      registered: status.workers.registered,
      busy: status.workers.busy,
      queued: status.tasks.queued,
      finished: succeeded + failed + cancelled + died,
      memory: members.reduce((sum, worker) => sum + worker.memory, 0),
      cpu: members.reduce((sum, worker) => sum + worker.cpu, 0),
    });
    const first = this.points.findIndex((point) => point.time >= time - kept);
    if (first > 0) this.points.splice(0, first);
  }

  window() {
    const to = this.points[this.points.length - 1]?.time ?? 0;
    const from = Math.min(this.points[0]?.time ?? to, to - minWindow);
    return [from, to];
  }

  series(value, compared) {
    return this.points.map((point) => [point.time, point[value], compared && point[compared]]);
  }

  rates() {
    const found = [];
    let from = 0;
    for (const point of this.points) {
      while (from + 1 < this.points.length && this.points[from + 1].time <= point.time - rateWindow) from++;
      const before = this.points[from];
      const elapsed = point.time - before.time;
      if (elapsed > 0.5) found.push([point.time, Math.max(0, point.finished - before.finished) / elapsed]);
    }
    return found;
  }
}
