// Polls the manager each second while the page is visible, and shows its state.
import { count, duration, element, setText } from "./format.js";
import { Events } from "./events.js";
import { Past } from "./past.js";
import { Table } from "./table.js";
import { Tiles } from "./tiles.js";

const interval = 1000;
const timeout = 4000;
const recently = 60; // seconds for which failures are shown at the top

const at = (id) => document.getElementById(id);
const past = new Past();
const tiles = new Tiles(at("tiles"));
const table = new Table(at("workers"));
const events = new Events(at("events"));
let started; // identifies the manager: after a restart, the history is another one
let answered = Date.now();
let timer;
let asking = false;

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(timeout) });
  if (answer.status === 401) throw new Error("token required: open /?token=TOKEN once");
  if (!answer.ok) throw new Error((await answer.text()).slice(0, 200) || `status ${answer.status}`);
  return answer;
}

async function look() {
  if (asking) return;
  asking = true;
  try {
    const status = await (await ask("/status")).json();
    if (status.started !== started) {
      started = status.started;
      events.reset();
      past.begin(await (await ask("/history")).json());
    }
    events.take(await (await ask(`/events?after=${events.last}`)).text());
    answered = Date.now();
    show(status);
  } catch (error) {
    showError(error);
  }
  asking = false;
}

async function turn() {
  clearTimeout(timer);
  if (document.hidden) return;
  const begun = Date.now();
  await look();
  clearTimeout(timer);
  timer = setTimeout(turn, Math.max(100, interval - (Date.now() - begun)));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  started = undefined; // load the manager's history, for the time in which the page was hidden
  turn();
});

let before; // time and CPU of the manager process at the last poll

function show(status) {
  const now = Date.parse(status.now);
  past.add(status);
  if (before && now > before.now) {
    past.own = (100000 * (status.cpu_seconds - before.cpu)) / (now - before.now); // percent of one CPU
  }
  if (!before || now > before.now) before = { now, cpu: status.cpu_seconds };
  const members = status.members ?? [];
  const problems = problemsOf(status, now);
  const mood = problems.length ? "bad" : status.phase === "serving" ? "good" : "wait";
  at("top").dataset.mood = mood;
  setText(at("phase"), problems.length && status.phase === "serving" ? "serving, with problems" : status.phase);
  setText(at("summary"), summary(status));
  tell(at("problems"), problems);
  facts(status, now);
  tiles.show(status, past);
  table.show(members, now);
  setText(at("count"), count(members.length, "worker"));
  const python = `Python ${status.python || "?"} at ${status.interpreter}`;
  setText(at("foot"), `scaler-native ${status.program}, pid ${status.pid}, ${python}`);
  const workers = `${status.workers.registered}/${status.workers.desired}`;
  document.title = `${mood === "good" ? "" : "! "}${workers} ${status.phase} – ${status.id}`;
}

function summary(status) {
  const { workers, tasks } = status;
  switch (status.phase) {
    case "starting":
      return "The worker host is importing Scaler.";
    case "waiting":
      return "Not connected to a scheduler yet.";
    case "draining":
      return `Accepts no tasks: ${tasks.running} still running, ${count(workers.actual, "worker")} left.`;
    case "drained":
      return "All workers have ended; waiting for a resume.";
    case "stopping":
      return `${count(workers.stopping + workers.draining, "worker")} left.`;
  }
  if (workers.desired === 0 && workers.registered === 0) return "The scheduler requests no workers now.";
  return `${workers.registered} of ${count(workers.desired, "worker")} registered, ${workers.busy} busy.`;
}

function problemsOf(status, now) {
  const found = [];
  const { workers, scheduler } = status;
  if (status.phase === "serving" && !scheduler.connected && status.mode === "dynamic") {
    found.push("The connection to the scheduler is lost.");
  }
  const failures = events.recent(now, recently);
  if (failures) found.push(`${count(failures, "failure")} in the last minute: see Events.`);
  if (status.phase === "serving" && lacking.since(workers.registered < workers.desired, now) > 10) {
    found.push(`${count(workers.desired - workers.registered, "worker")} missing for ${duration(lacking.since(true, now))}.`);
  }
  return found;
}

// Workers take a moment to start, so that missing ones are a problem only after some seconds.
const lacking = {
  from: undefined,
  since(is, now) {
    if (!is) this.from = undefined;
    else this.from ??= now;
    return this.from === undefined ? 0 : (now - this.from) / 1000;
  },
};

function tell(list, lines) {
  if ([...list.children].map((item) => item.textContent).join("\n") === lines.join("\n")) return;
  list.replaceChildren(...lines.map((line) => element("li", line)));
}

function facts(status, now) {
  const { scheduler } = status;
  const latency = scheduler.latency ? `, ${(1000 * scheduler.latency).toFixed(1)} ms` : "";
  const rows = {
    manager: status.id,
    scheduler: `${scheduler.address}${scheduler.protocol ? ` (${scheduler.protocol}${latency})` : ""}`,
    Scaler: `${status.scaler || "?"}, ${status.mode} mode, ${status.agent || "?"} agents`,
    "up for": duration((now - Date.parse(status.started)) / 1000),
  };
  if (status.why_agent) rows["not native"] = status.why_agent;
  if (scheduler.reconnects) rows.reconnects = String(scheduler.reconnects);
  if (status.workers.host_restarts) rows["host restarts"] = String(status.workers.host_restarts);
  const lines = Object.entries(rows);
  const list = at("facts");
  while (list.children.length > 2 * lines.length) list.lastChild.remove();
  while (list.children.length < 2 * lines.length) list.append(element("dt"), element("dd"));
  lines.forEach(([name, text], i) => {
    setText(list.children[2 * i], name);
    setText(list.children[2 * i + 1], text);
  });
}

function showError(error) {
  at("top").dataset.mood = "bad";
  setText(at("phase"), "no answer");
  const silence = duration((Date.now() - answered) / 1000);
  setText(at("summary"), `The manager has not answered for ${silence}. The numbers below are old.`);
  tell(at("problems"), [error.message]);
  document.title = "! no answer – scaler-native";
}

turn();
