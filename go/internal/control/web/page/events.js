// The list of events, newest first.
import { element, shortID } from "./format.js";

const shown = 200;

const bad = new Set(["scheduler lost", "host lost", "worker died", "worker refused", "processor died"]);
const wait = new Set(["manager draining", "manager stopping", "worker draining"]);
const good = new Set(["scheduler found", "manager started", "manager resumed"]);

function mood(kind) {
  return bad.has(kind) ? "bad" : wait.has(kind) ? "wait" : good.has(kind) ? "good" : "";
}

export class Events {
  constructor(root) {
    this.list = root.querySelector("ol");
    this.reset();
  }

  reset() {
    this.last = 0;
    this.failures = []; // times in ms
    this.list.replaceChildren();
  }

  // take adds the response of /events: one JSON object per line.
  take(text) {
    const found = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    if (found.length === 0) return;
    this.last = found[found.length - 1].id;
    for (const event of found) {
      if (bad.has(event.kind)) this.failures.push(Date.parse(event.time));
    }
    const items = found.slice(-shown).reverse().map((event) => this.item(event));
    this.list.prepend(...items);
    while (this.list.children.length > shown) this.list.lastChild.remove();
  }

  item(event) {
    const at = new Date(event.time);
    const item = element("li", undefined, { "data-mood": mood(event.kind) });
    const clock = at.toLocaleTimeString(undefined, { hour12: false });
    item.append(element("time", clock, { datetime: event.time, title: at.toString() }));
    item.append(element("b", event.kind));
    const about = event.worker ? ` ${shortID(event.worker)}` : "";
    item.append(`${about}${event.pid ? ` (pid ${event.pid})` : ""}${event.text ? ": " + event.text : ""}`);
    if (event.worker) item.title = event.worker;
    return item;
  }

  // recent counts the failures in the last seconds before now (ms).
  recent(now, seconds) {
    this.failures = this.failures.filter((time) => time > now - 600000);
    return this.failures.filter((time) => time > now - seconds * 1000).length;
  }
}
