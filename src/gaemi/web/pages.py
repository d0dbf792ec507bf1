"""The pages of the site: a question as a form, and its answer as the same report that ``--out`` writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from gaemi.answers.language import LANGUAGES, WORDS
from gaemi.answers.report.pages import page_of
from gaemi.answers.report.render import Look, dressed, rendered
from gaemi.errors import Fault
from gaemi.web.asks import EPISODE_NAMES
from gaemi.web.runs import Run, State

TEMPLATES = Path(__file__).with_name("templates")
PLACES = (("country", "/country", "Country"), ("account", "/account", "My account"), ("book", "/book", "Book"))


@dataclass(frozen=True, slots=True)
class Shown:
    """What one page shows: its place, its address, the form with its values, and the run that answers it, if any."""

    place: str
    address: str
    title: str
    code: str
    template: str = "empty.html"
    asked: Mapping[str, Any] = field(default_factory=dict)
    run: Run | None = None
    faults: tuple[Fault, ...] = ()
    progress: tuple[str, int, int] = ("", 0, 0)
    ahead: int = 0
    start: Mapping[str, Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_form(self) -> bool:
        """Whether a question may be asked on it."""
        return self.template == "empty.html" and self.place in (name for name, _, _ in PLACES)


def page(shown: Shown) -> str:
    """The page as HTML: the report of its run where that is done, else what there is to say."""
    run = shown.run
    site = _site(shown)

    def address(name: str) -> str:
        assert run is not None
        return f"/runs/{run.id}/charts/{name}.svg?lang={shown.code}"

    with dressed(Look("site.html", (TEMPLATES,), site, address), shown.code):
        if run is not None and run.state is State.DONE and shown.template == "empty.html":
            return page_of(run.answer())
        return rendered(shown.template, {}, {"title": shown.title, "drawn": {}} | dict(shown.more))


def fragment(run: Run, template: str, code: str, more: Mapping[str, Any]) -> str:
    """A part of a page, in a language."""
    with dressed(Look("site.html", (TEMPLATES,)), code):
        return rendered(template, run.answer(), more)


def _site(shown: Shown) -> dict[str, Any]:
    run = shown.run
    is_done = run is not None and run.state is State.DONE
    others = [(code, name, _with(shown.address, lang=code)) for code, name in LANGUAGES.items() if code != shown.code]
    return {
        "code": shown.code,
        "languages": others,
        "places": [(name == shown.place, href, words) for name, href, words in PLACES],
        "place": shown.place,
        "address": shown.address,
        "form": f"form_{shown.place}.html" if shown.has_form else "",
        "asked": shown.asked,
        "run": run,
        "state": str(run.state) if run is not None else "",
        "is_open": run is not None and run.state.is_open,
        "is_done": is_done,
        "progress": shown.progress,
        "ahead": shown.ahead,
        "faults": shown.faults or (run.made.faults if run is not None else ()),
        "start": shown.start,
        "tables": sorted(run.made.tables or {}) if run is not None and is_done else [],
        "about": shown.more.get("about", ""),
        "more": shown.more,
    }


def _with(address: str, **more: str) -> str:
    """An address with more behind its question mark."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(more)}"


def link(path: str, values: Mapping[str, Any]) -> str:
    """A permanent link: a path and every value that says something."""
    told = {name: _text(value) for name, value in values.items() if value not in (None, "", [])}
    return f"{path}?{urlencode(told)}" if told else path


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


@cache
def choices() -> dict[str, Any]:
    """What forms offer: episodes, shipped reforms, classes of firms, samples."""
    from gaemi.law.lawbook import load

    return {
        "episodes": EPISODE_NAMES,
        "firms": load().parameter("margin.clock").keys,
        "scales": ((1000, "1/1000"), (100, "1/100"), (10, "1/10"), (1, "1/1")),
    }


def lines(text: str) -> list[str]:
    """The lines of a text field that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@cache
def presets() -> list[tuple[str, str]]:
    """Reforms that a form offers: the name of each and its text, shipped ones by their name alone."""
    import yaml

    from gaemi.law.reform import shipped_reforms

    told = yaml.safe_load((Path(__file__).with_name("reforms.yaml")).read_text(encoding="utf-8"))
    return [*((name, str(text)) for name, text in told.items()), *((name, name) for name in shipped_reforms())]


@cache
def glossary() -> list[tuple[str, str, str, str]]:
    """The words of the field: English, Korean, and what each means in both."""
    import yaml

    told = yaml.safe_load((WORDS / "glossary.yaml").read_text(encoding="utf-8"))
    return [(term, each["ko"], each["means"], each["뜻"]) for term, each in told.items()]
