"""What a page of the site may hold: no script and no style of its own, nothing from elsewhere, every name once."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "srcset", "cite")
SCRIPT = ("script", {"src": "/static/gaemi.js", "defer": None})


@dataclass
class Page(HTMLParser):
    """A page that was read: its elements in order, and its texts."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        """The attributes of every element of these names."""
        return [attrs for tag, attrs in self.elements if tag in tags]

    @property
    def addresses(self) -> list[str]:
        return [value or "" for _, attrs in self.elements for name, value in attrs.items() if name in ADDRESSES]

    @property
    def language(self) -> str | None:
        return self.all("html")[0].get("lang")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def value(self, name: str) -> str | None:
        """What a field of a form holds."""
        return next(each.get("value") for each in self.all("input", "select") if each.get("name") == name)


def read(html: str) -> Page:
    """The page of this text, which must be sound."""
    page = Page()
    page.feed(html)
    page.close()
    assert [SCRIPT[1]] == page.all("script"), "our script, and no other"
    assert {"html", "head", "body", "main", "title", "h1"} <= {tag for tag, _ in page.elements}
    for tag, attrs in page.elements:
        assert tag not in ("style", "iframe", "object", "embed", "base", "applet"), tag
        odd = [name for name in attrs if name.startswith("on") or name in ("style", "srcdoc", "formaction", "ping")]
        assert [] == odd, (tag, odd)
    for address in page.addresses:
        assert address.startswith(("/", "#")) and not address.startswith(("//", "/\\")), address
    ids = Counter(each["id"] for _, each in page.elements if "id" in each)
    assert [] == [name for name, count in ids.items() if count > 1]
    return page
