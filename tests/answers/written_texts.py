"""What people read, taken from the code that writes it: the words of templates, of tables, of charts, of sentences."""

import ast
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

SOURCE = Path(__file__).resolve().parents[2] / "src" / "gaemi"
LEFT = ("script", "style", "code", "pre", "textarea")
SAID = ("aria-label", "alt", "title", "placeholder")
STANDS, PARTS = "7", "\x1e"
"""Stand for whatever a text fills in, and for where one branch of a template ends and another begins."""


class Reader(HTMLParser):
    """The texts of a page that people read: those that no ``translate="no"`` and no code takes out."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_left = bool(self.open and self.open[-1][1]) or ("translate", "no") in attrs
        if not is_left:
            self.texts += [value for name, value in attrs if name in SAID and value]
        if tag not in ("meta", "link", "input", "br", "hr", "img", "source", "wbr"):
            self.open.append((tag, is_left or tag in LEFT))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1][1]):
            self.texts.append(data)


def texts_of_page(html: str) -> list[str]:
    """Every text of a page that people read, its spaces as one."""
    reader = Reader()
    reader.feed(html)
    return [" ".join(part.split()) for text in reader.texts for part in text.split(PARTS) if part.strip()]


def templates() -> list[Path]:
    """The templates of the reports and of the site."""
    return sorted([*(SOURCE / "answers/report/templates").glob("*.html"), *(SOURCE / "web/templates").glob("*.html")])


def texts_of_template(file: Path) -> list[str]:
    """Every text of a template; what it fills in is a figure here, and each branch is taken."""
    parsed = Environment(trim_blocks=True, lstrip_blocks=True).parse(file.read_text(encoding="utf-8"))
    html = "".join(_written(parsed))
    said = [each.value for call in parsed.find_all(nodes.Call) for each in call.args if isinstance(each, nodes.Const)]
    of_macros = [text for text in said if isinstance(text, str) and (" " in text or text[:1].isupper())]
    return [*texts_of_page(html), *of_macros]


def _written(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Macro) and node.name == "looks_of":  # writes attributes
        return
    if isinstance(node, nodes.Output):
        for each in node.nodes:
            yield each.data if isinstance(each, nodes.TemplateData) else STANDS
        return
    branches = [node.body, *([each] for each in node.elif_), node.else_] if isinstance(node, nodes.If) else None
    for branch in branches or [list(node.iter_child_nodes())]:
        for child in branch:
            yield from _written(child)
        if branches and branch is not branches[-1]:
            yield PARTS


CAPTIONS = {"Picture": 1, "Sheet": 0, "sheet": 0, "_table": 1, "frame": 1, "_frame": 1, "_bands": 1, "_days": 0}
HEADS = {"text": 0, "number": 0, "amount": 0, "_amount": 0, "_spread": 0}
WRITES_WORDS = CAPTIONS | HEADS
"""Which argument of these calls is a caption or a head."""


TOLD_IN_ENGLISH = ("tables.py",)
"""What the terminal alone shows."""


def modules() -> list[Path]:
    """The code of tables, charts and pages."""
    answers = SOURCE / "answers"
    found = [*answers.glob("*.py"), *(answers / "plots").glob("*.py"), *(answers / "report").glob("*.py")]
    return sorted(file for file in found if file.name not in TOLD_IN_ENGLISH)


def texts_of_module(file: Path) -> Iterator[str]:
    """Captions, heads of tables and of charts, and names of sections, as they stand in the code."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for part in _words_of(node):
            text = _literal(part)
            if text is not None:
                yield text


def site() -> list[Path]:
    """The code of the local site."""
    return sorted((SOURCE / "web").glob("*.py"))


SITE = {"Fault": (0, 2, 3), "HTTPException": (1,), "Missing": (1,), "Shown": (2,)}
"""Which arguments of these calls visitors of the site read: where, what is allowed and what helps; titles of pages."""

TOLD_TO_PROGRAMS = (f"run {STANDS}", "gaemi serve --book SOURCE")
LISTS = ("ABOUT", "OURS", "PLACES", "FILTERS", "SORTS", "SAID")


def texts_of_site(file: Path) -> Iterator[str]:
    """What the code of the site says to visitors: titles, faults, filters, heads."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            places = SITE.get(getattr(node.func, "id", ""), ())
            parts = [node.args[place] for place in places if place < len(node.args)]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in LISTS:
            value = node.value
            said = value.values if isinstance(value, ast.Dict) else getattr(value, "elts", [value])
            parts = [each.elts[-1] if isinstance(each, ast.Tuple) else each for each in said]
        else:
            continue
        yield from (text for text in map(_literal, parts) if text and text not in TOLD_TO_PROGRAMS)


def labels() -> list[str]:
    """What a run says that it is at."""
    found = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "progress":
                found.add(_literal(node.args[0]))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "told" and len(node.args) > 2:
                found.add(_literal(node.args[1]))
    return sorted(text for text in found if text)


def _words_of(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "heading":
            return node.args[1:]
        return node.args[WRITES_WORDS[name] :][:1] if name in WRITES_WORDS else []
    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").endswith("SECTIONS"):
        return [each.elts[2] for each in getattr(node.value, "elts", []) if isinstance(each, ast.Tuple)]
    if isinstance(node, ast.Tuple) and len(node.elts) == 3 and _literal(node.elts[1]) in ("number", "text"):
        return node.elts[:1]
    return []


def _literal(node: ast.expr) -> str | None:
    """A literal text, ``STANDS`` where it fills something in; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(each.value if isinstance(each, ast.Constant) else STANDS for each in node.values)
    return None
