"""What documents say that can be compared with the rest of the repository: links, drawings, log lines."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SKIPPED = {".git", ".venvs", "bin", "build", "dist", "node_modules"}
INTERNAL = ROOT / "go" / "internal"
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def documents():
    return [
        path
        for path in sorted(ROOT.rglob("*.md"))
        if not SKIPPED.intersection(path.relative_to(ROOT).parts) and "site-packages" not in path.parts
    ]


def prose(path):
    return CODE_BLOCK.sub("", path.read_text())


def anchors(path):
    """The names by which the usual forges link to headings."""
    names = set()
    for heading in re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        names.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return names


class LinksTest(unittest.TestCase):
    def test_relative_links_lead_to_what_is_there(self):
        found = documents()
        self.assertIn(ROOT / "README.md", found)
        for path in found:
            for link in LINK.findall(prose(path)):
                if re.match(r"[a-z]+:", link):
                    continue
                name, _, anchor = link.partition("#")
                target = (path.parent / name).resolve() if name else path
                with self.subTest(document=str(path.relative_to(ROOT)), link=link):
                    self.assertTrue(target.exists(), "there is no such file")
                    if anchor:
                        self.assertIn(anchor, anchors(target), "there is no such heading")


def code():
    """The text of all sources, tests and the Makefile."""
    found = [ROOT / "Makefile"]
    for folder in ("go", "integration", "python", "scripts", "examples"):
        found += [path for path in (ROOT / folder).rglob("*") if path.suffix in (".go", ".py", ".tmpl", ".sh")]
    return "\n".join(path.read_text() for path in found)


class NamesTest(unittest.TestCase):
    def test_what_documents_name_is_there(self):
        sources = code()
        for path in documents():
            text = path.read_text()
            shown = str(path.relative_to(ROOT))
            # From a folder of this repository, or from go/internal.
            for name in re.findall(
                r"`((?:go|python|integration|scripts|schema|examples|docs|\w+(?=/\w+\.go`))/[\w./-]+)`", text
            ):
                with self.subTest(document=shown, path=name):
                    self.assertTrue((ROOT / name).exists() or (INTERNAL / name).exists(), "there is no such path")
            for name in re.findall(r"\bTest[A-Z]\w+", text):
                with self.subTest(document=shown, test=name):
                    self.assertTrue("func %s(" % name in sources, "there is no such test")
            for name in re.findall(r"\bSCALER_[A-Z_]+\b", text):
                with self.subTest(document=shown, variable=name):
                    self.assertIn(name, sources)
            for name in re.findall(r"(?m)(?:^ *|`)make ([a-z-]+)", text):
                with self.subTest(document=shown, target=name):
                    self.assertRegex(sources, r"(?m)^%s:" % name)


def imports():
    """For each package below go/internal, sub-packages counted as their parent, the packages that it imports."""
    found = {}
    for path in INTERNAL.rglob("*.go"):
        package = path.relative_to(INTERNAL).parts[0]
        if path.name.endswith("_test.go"):
            continue
        used = re.findall(r'"github\.com/scaler-native/scaler-native/go/internal/(\w+)', path.read_text())
        found.setdefault(package, set()).update(name for name in used if name != package)
    return found


class ArchitectureTest(unittest.TestCase):
    TEXT = (ROOT / "docs" / "architecture.md").read_text()

    def test_packages_are_drawn_as_they_are(self):
        drawing = re.search(r"<!-- packages:.*?```mermaid\n(.*?)```", self.TEXT, re.DOTALL)[1]
        found = imports()
        arrows = re.findall(r"^\s+(\w+) --> (\w+)$", drawing, re.MULTILINE)
        alone = re.findall(r"^\s+(\w+)$", drawing.partition("subgraph")[2], re.MULTILINE)
        drawn = {name for arrow in arrows for name in arrow} | (set(alone) - {"end"})
        self.assertEqual(sorted(found), sorted(drawn), "the packages of go/internal, and those drawn")
        for start, end in arrows:
            self.assertIn(end, found[start], "%s --> %s is drawn, and %s does not import it" % (start, end, start))
        for name in set(alone) - {"end"}:
            self.assertEqual(set(), found[name], "%s is drawn as a leaf" % name)

    def test_arrows_lead_downwards(self):
        """Go keeps packages from importing each other in a circle, but not folders with their sub-packages."""
        left = imports()
        while left:
            lowest = {name for name, used in left.items() if not used.intersection(left)}
            self.assertTrue(lowest, "they import each other: %s" % sorted(left))
            left = {name: used for name, used in left.items() if name not in lowest}

    def test_states_of_a_worker_are_drawn(self):
        names = re.search(
            r"names := \[states\]string\{(.*?)\}", (INTERNAL / "worker" / "state.go").read_text(), re.DOTALL
        )
        states = re.findall(r'"([^"]+)"', names[1])
        self.assertGreater(len(states), 5)
        self.assertEqual(states, re.findall(r'^\s+state "([^"]+)" as', self.TEXT, re.MULTILINE))

    def test_titles_of_processes_are_listed(self):
        source = (ROOT / "python" / "scaler_native" / "host" / "title.py").read_text()
        found = re.findall(r'"(scaler: [^"%]+)', source) + re.findall(r'b"(scaler-\w+)"', source)
        self.assertGreater(len(found), 10)
        for title in found:
            with self.subTest(title=title):
                self.assertIn("`" + title, self.TEXT)


class TroubleshootingTest(unittest.TestCase):
    def test_quoted_lines_are_those_of_the_program(self):
        """In a heading, code is what the program says, with ... for what varies."""
        code = [path for folder in ("go", "python") for path in (ROOT / folder).rglob("*.*")]
        texts = [path.read_text() for path in code if path.suffix in (".go", ".py") and "_test" not in path.name]
        # A text may be cut by the end of a line: "one " +\n "two".
        sources = re.sub(r'"\s*\+?\s*\n\s*"', "", "\n".join(texts))
        said = re.findall(r"^#+ `([^`]+)`", (ROOT / "docs" / "troubleshooting.md").read_text(), re.MULTILINE)
        self.assertGreater(len(said), 10)
        for line in said:
            for part in re.split(r"\s*\.\.\.\s*", line):
                with self.subTest(line=line):
                    self.assertTrue(part in sources, "nothing says %r" % part)


if __name__ == "__main__":
    unittest.main()
