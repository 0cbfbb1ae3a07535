"""Reads examples/Containerfile."""

import program

PATH = program.EXAMPLES / "Containerfile"


class Stage:
    """The instructions from one FROM to the next, each a word and its text."""

    def __init__(self):
        self.instructions = []

    def all(self, word):
        return [text for found, text in self.instructions if found == word]

    def last(self, word):
        return self.all(word)[-1]


def stages():
    lines = [line for line in PATH.read_text().splitlines() if not line.startswith("#")]
    found = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, text = line.strip().partition(" ")
        if word == "FROM":
            found.append(Stage())
        if word:
            found[-1].instructions.append((word, text.strip()))
    return found
