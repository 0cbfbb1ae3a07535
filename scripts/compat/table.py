"""docs/compatibility.md, from what the trials found."""

from agent_releases import number

HEAD = """# Compatibility

Every published release of Scaler from 1.26 on, on each Python of one machine that has it. `make compat` asks the
registry which releases there are, runs each, and writes this page. Per release and Python, in fixed and in dynamic
mode: 100 tasks, one that raises, one that waits for a task of its own, one that is cancelled while it runs, twenty on
two workers, workers that go when there is no more work, SIGTERM; then no process is left.

- *native*: the agents are in the manager.
- *Scaler's*: workers have Scaler's own Python agents, and the notes say why.
- *fails*: the notes say what, and what Scaler's own manager does with the same tasks.
  A scheduler of 2.3 may stand still when a worker ends ([faults.md](faults.md)), with either manager: once in four
  trials of 2.3.5.
- `-`: the release does not install with that Python.
"""
SYMBOLS = {"native": "native", "scaler": "Scaler's"}


def render(results):
    """`results`: by release, by version of Python, what compat.trial.run found, or {"missing": reason}."""
    releases = sorted(results, key=number, reverse=True)
    pythons = sorted({python for row in results.values() for python in row}, key=number)
    lines = [HEAD, "| Scaler | %s |" % " | ".join(pythons), "| --- |" + " --- |" * len(pythons)]
    notes = []
    for release in releases:
        cells = [cell(results[release].get(python), notes, "%s, Python %s" % (release, python)) for python in pythons]
        lines.append("| %s | %s |" % (release, " | ".join(cells)))
    return "\n".join(lines + [""] + notes).rstrip("\n") + "\n"


def cell(found, notes, name):
    if found is None:
        return "not tried"
    if "missing" in found:
        return "-"
    if found.get("undeclared"):
        notes.append("- %s: it imports %s without declaring it." % (name, ", ".join(found["undeclared"])))
    if found["failed"]:
        notes.append("- %s fails: %s. %s" % (name, "; ".join(found["failed"]), beside(found.get("own"))))
        return "fails"
    if found["why"]:
        notes.append("- %s: %s." % (name, found["why"].rstrip(".")))
    return SYMBOLS[found["agent"]]


def beside(own):
    if own is None:
        return "Scaler's own manager was not tried."
    return "Scaler's own manager fails: %s." % "; ".join(own) if own else "Scaler's own manager passes."


def failed(results):
    return [
        "Scaler %s, Python %s: %s" % (release, python, "; ".join(found["failed"]))
        for release, row in sorted(results.items(), key=lambda item: number(item[0]))
        for python, found in sorted(row.items(), key=lambda item: number(item[0]))
        if found.get("failed")
    ]
