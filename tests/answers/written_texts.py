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
