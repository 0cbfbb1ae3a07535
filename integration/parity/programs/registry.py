"""The cases, in the order in which they are run, and what they are given."""

import collections

Case = collections.namedtuple("Case", "name function kind serial releases")

# look: a harmless task, whose result is compared
# talk: a function that runs in the client, with the client as its argument
# end:  a task that ends its processor, whose end at the client is compared
# leave: a task that leaves something; `after` is called in the client when the manager has ended
cases = []
after = {}


def _add(kind, serial=False):
    def register(function):
        cases.append(Case(function.__name__.replace("_", "-"), function, kind, serial, None))
        return function

    return register


look = _add("look")
talk = _add("talk")
end = _add("end")
# An end that costs a worker, too, or disturbs other tasks: nothing else is under way.
costly = _add("end", serial=True)
leave = _add("leave")


def of(kind, serial=False):
    return [case for case in cases if case.kind == kind and case.serial == serial]
