// Tiles: a number and its plot each.
import { bytes, count, element, number, setText } from "./format.js";
import { Plot } from "./plot.js";

const same = (value) => value.toLocaleString("en");

const tiles = [
  {
    title: "Workers registered",
    value: (s) => [same(s.workers.registered), `of ${same(s.workers.desired)}`],
    more: (s) => `${s.workers.started} started${leaving(s.workers)}`,
    points: (past) => past.series("registered", "desired"),
    show: same,
  },
  {
    title: "Workers busy",
    value: (s) => [same(s.workers.busy), `of ${same(s.workers.registered)}`],
    more: (s) => (s.workers.failed ? `${count(s.workers.failed, "worker")} failed` : "none failed"),
    points: (past) => past.series("busy", "registered"),
    show: same,
  },
  {
    title: "Tasks finished",
    value: (s, past) => [number(past.rates().at(-1)?.[1] ?? 0), "per second"],
    more: (s) => outcomes(s.tasks),
    points: (past) => past.rates(),
    show: number,
    native: true,
  },
  {
    title: "Tasks waiting",
    value: (s) => [same(s.tasks.queued), `${same(s.tasks.running)} running`],
    more: (s) => waits(s.task_waits),
    points: (past) => past.series("queued"),
    show: same,
    native: true,
  },
  {
    title: "CPUs of tasks",
    value: (s, past) => [number(past.points.at(-1)?.cpu ?? 0), "CPUs"],
    more: (s, past) => (past.own === undefined ? "" : `manager ${number(past.own)} % of one`),
    points: (past) => past.series("cpu"),
    show: number,
    native: true,
  },
  {
    title: "Memory of workers",
    value: (s, past) => bytes(past.points.at(-1)?.memory ?? 0).split(" "),
    more: (s) => `${(s.memory_kind || "rss").toUpperCase()}, manager ${bytes(s.rss)}`,
    points: (past) => past.series("memory"),
    show: bytes,
    native: true,
  },
];

function leaving(workers) {
  const parts = [];
  if (workers.draining) parts.push(`${workers.draining} draining`);
  if (workers.stopping) parts.push(`${workers.stopping} stopping`);
  return parts.length ? ", " + parts.join(", ") : "";
}

function outcomes(tasks) {
  const parts = [`${same(tasks.succeeded)} done`];
  for (const kind of ["failed", "cancelled", "died"]) {
    if (tasks[kind]) parts.push(`${same(tasks[kind])} ${kind}`);
  }
  return parts.join(", ");
}

function waits(histogram) {
  const all = (histogram?.counts ?? []).reduce((sum, n) => sum + n, 0);
  return all ? `waited ${number(histogram.sum / all)} s on average` : "";
}

export class Tiles {
  constructor(root) {
    this.tiles = tiles.map((tile) => {
      const box = element("article", undefined, { class: "tile" });
      const value = element("div", undefined, { class: "value" });
      const main = element("span");
      const unit = element("small");
      value.append(main, " ", unit);
      const more = element("div", undefined, { class: "more" });
      const plot = new Plot(tile.title);
      box.append(element("h2", tile.title), value, more, plot.root, plot.scale);
      root.append(box);
      return { ...tile, box, main, unit, moreBox: more, plot };
    });
  }

  show(status, past) {
    const [from, to] = past.window();
    for (const tile of this.tiles) {
      tile.box.hidden = Boolean(tile.native) && status.agent === "scaler";
      if (tile.box.hidden) continue;
      const [main, unit] = tile.value(status, past);
      setText(tile.main, main);
      setText(tile.unit, unit);
      const more = tile.more(status, past);
      setText(tile.moreBox, more);
      tile.moreBox.title = more;
      tile.plot.draw(tile.points(past), from, to, tile.show);
    }
  }
}
