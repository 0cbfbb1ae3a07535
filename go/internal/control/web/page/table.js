// The table of workers. Only visible rows are in the document, so that a thousand workers cost no more than twenty.
import { bytes, duration, element, number, setText, shortID } from "./format.js";

const rowHeight = 27; // as in style.css: 26 and the border
const spare = 8; // rows above and below the visible ones

const moods = { registered: "good", starting: "wait", running: "wait", draining: "wait", stopping: "wait", killed: "bad" };

function task(worker) {
  return (worker.processors ?? []).map((processor) => processor.task).find(Boolean);
}

function since(worker, now) {
  const found = task(worker);
  return found ? (now - Date.parse(found.began)) / 1000 : -1;
}

function age(worker, now) {
  return (now - Date.parse(worker.started)) / 1000;
}

function named(task) {
  return task ? task.function || task.id.slice(0, 8) : "";
}

function shownState(worker) {
  if (worker.state !== "registered") return worker.state;
  return worker.busy ? "busy" : "idle";
}

function failed(worker) {
  return worker.tasks.failed + worker.tasks.died;
}

// key is what a column sorts by, text what it shows.
const columns = [
  { title: "#", kind: "small", key: (w) => w.number, text: (w) => String(w.number) },
  { title: "worker", kind: "large minor", key: (w) => w.id, text: (w) => shortID(w.id), hint: (w) => w.id },
  { title: "pid", kind: "minor", key: (w) => w.pid ?? 0, text: (w) => (w.pid ? String(w.pid) : "") },
  { title: "state", kind: "large", key: shownState, mood: (w) => (shownState(w) === "idle" ? "dim" : moods[w.state]) },
  { title: "task", kind: "rest", key: (w) => named(task(w)), hint: (w) => task(w)?.id ?? "" },
  { title: "for", kind: "right", key: since, text: (w, now) => (task(w) ? duration(since(w, now)) : "") },
  { title: "queue", kind: "right minor", key: (w) => w.tasks.queued, text: (w) => String(w.tasks.queued) },
  { title: "CPU", kind: "right", key: (w) => w.cpu, text: (w) => number(w.cpu) },
  { title: "memory", kind: "large right minor", key: (w) => w.memory, text: (w) => (w.memory ? bytes(w.memory) : "–") },
  { title: "done", kind: "right minor", key: (w) => w.tasks.succeeded, text: (w) => w.tasks.succeeded.toLocaleString("en") },
  { title: "failed", kind: "right", key: failed, text: (w) => String(failed(w)), mood: (w) => (failed(w) ? "bad" : "dim") },
  { title: "age", kind: "right minor", key: age, text: (w, now) => duration(age(w, now)) },
];

export class Table {
  constructor(root) {
    this.box = root.querySelector(".scroll");
    this.body = root.querySelector("tbody");
    this.workers = [];
    this.now = 0;
    this.by = 0;
    this.down = false;
    this.headers = columns.map((column, i) => {
      const button = element("button", column.title, { type: "button" });
      button.addEventListener("click", () => this.sort(i));
      const header = element("th", undefined, { class: column.kind ?? "", scope: "col" });
      header.append(button);
      return header;
    });
    root.querySelector("thead tr").append(...this.headers);
    this.above = this.spacer();
    this.below = this.spacer();
    this.body.append(this.above, this.below);
    this.rows = [];
    this.box.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.mark();
  }

  spacer() {
    const row = element("tr", undefined, { class: "space", "aria-hidden": "true" });
    row.append(element("td"));
    return row;
  }

  sort(i) {
    this.down = this.by === i ? !this.down : columns[i].kind?.includes("right") ?? false; // numbers descending
    this.by = i;
    this.mark();
    this.show(this.workers, this.now);
  }

  mark() {
    this.headers.forEach((header, i) => {
      header.setAttribute("aria-sort", i !== this.by ? "none" : this.down ? "descending" : "ascending");
    });
  }

  show(workers, now) {
    const { key } = columns[this.by];
    const keyed = workers.map((worker) => [key(worker, now), worker]);
    const sign = this.down ? -1 : 1;
    keyed.sort(([a, x], [b, y]) => (a < b ? -sign : a > b ? sign : x.number - y.number));
    this.workers = keyed.map(([, worker]) => worker);
    this.now = now;
    this.draw();
  }

  draw() {
    const total = this.workers.length;
    const seen = Math.ceil((this.box.clientHeight || 600) / rowHeight);
    const first = Math.max(0, Math.min(Math.floor(this.box.scrollTop / rowHeight) - spare, total - seen - 2 * spare));
    const last = Math.min(total, first + seen + 2 * spare);
    while (this.rows.length < last - first) {
      const row = element("tr");
      for (const column of columns) row.append(element("td", undefined, { class: column.kind ?? "" }));
      this.rows.push(row);
      this.below.before(row);
    }
    while (this.rows.length > last - first) this.rows.pop().remove();
    this.above.firstChild.style.height = first * rowHeight + "px";
    this.below.firstChild.style.height = (total - last) * rowHeight + "px";
    this.rows.forEach((row, i) => this.fill(row, this.workers[first + i]));
  }

  fill(row, worker) {
    columns.forEach((column, i) => {
      const cell = row.children[i];
      setText(cell, String((column.text ?? column.key)(worker, this.now)));
      if (column.mood) cell.dataset.mood = column.mood(worker) ?? "";
      if (column.hint) cell.title = column.hint(worker);
    });
  }
}
