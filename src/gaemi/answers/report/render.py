"""One HTML file a result: no network, no script, charts as SVG, light and dark, phone and print.

The templates hold no figure: every number on a page comes from the result.
"""

import base64
import hashlib
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gaemi.answers import charts, coin_book_charts, coin_charts, coin_sheets, comparison, sheets, venue_charts, wording
from gaemi.answers.language import language, speaking, spoken
from gaemi.answers.palette import DARK, LIGHT, ROLES, css_variables
from gaemi.answers.pictures import Picture
from gaemi.answers.sheets import Sheet
from gaemi.answers.translated import page_in

HERE = Path(__file__).parent
GROUND = {
    "light": "--ground:#ffffff;--panel:#f3f5f7;--link:#0b4f8a;",
    "dark": "--ground:#14181d;--panel:#1e242b;--link:#7db8ee;",
}
KINDS = {"curve": "fragility curve", "shock": "one shock", "replay": "replay of recorded prices"}
COUNTRY_SECTIONS = (
    ("call_map", "call-map", "Call map"),
    ("curve", "curve", "Fragility curve"),
    ("tipping", "tipping", "Tipping point"),
    ("days", "days", "The days"),
    ("record", "record", "Published record"),
    ("who", "who", "Who is hit"),
    ("contracts", "contracts", "Contracts for difference"),
    ("coins", "coins", "Coins"),
    ("ratios", "ratios", "Ratios"),
    ("targets", "targets", "Targets"),
    ("cover", "cover", "Covered and not covered"),
    ("assumptions", "assumptions", "Assumptions"),
    ("computed", "computed", "How computed"),
)
CHARTS = (
    *("call-map", "curve", "days", "who", "ratios", "record", "helped-hurt"),
    *("distances", "outcomes", "thousand", "fan", "leverage", "what-if", "account-replay"),
    *("bands", "morning", "risk"),
    *("state-ratios", "state-ages", "state-distances", "state-call-map", "state-curve", "state-days"),
    *("hindcast-balance", "hindcast-forced", "hindcast-margin-sold"),
    *("score-errors", "score-coverage", "score-crps"),
    *coin_charts.NAMES,
    *venue_charts.NAMES,
    *coin_book_charts.NAMES,
)
"""Every chart that a template may ask for; one that a result does not have is not drawn."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart in a page: as inline SVG, once for a wide column and once for a phone, or by its ``address``."""

    name: str
    title: str
    description: str
    wide: str = ""
    narrow: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is dressed: a file of its own, or a page of the local site with a base of its own.

    ``folders`` hold the site's templates, ``site`` what they show, and ``address`` gives the address of a chart by its
    name, which is then fetched and not drawn.
    """

    base: str = "base.html"
    folders: tuple[Path, ...] = ()
    site: Mapping[str, Any] = field(default_factory=dict)
    address: Callable[[str], str] | None = None


_FILE = Look()
_LOOK: ContextVar[Look] = ContextVar("look", default=_FILE)


@contextmanager
def dressed(look: Look, code: str) -> Iterator[None]:
    """Pages that are rendered inside have this look and are in this language."""
    before = _LOOK.set(look)
    try:
        with speaking(code):
            yield
    finally:
        _LOOK.reset(before)


def render_country(result: Mapping[str, Any]) -> str:
    """The page of a result of ``gaemi country`` (schema ``gaemi.country/1``) as one HTML document."""
    page = frame(result, str(result.get("title") or "Country")) | _country_page(result)
    page["sections"] = [(anchor, name) for key, anchor, name in COUNTRY_SECTIONS if page.get(key)]
    if not page["drawn"]["curve"]:
        page["sections"] = [(anchor, "The shock" if anchor == "curve" else name) for anchor, name in page["sections"]]
    return rendered("country.html", result, page)


def render_compare(result: Mapping[str, Any]) -> str:
    """The page of a result of ``gaemi compare country`` (schema ``gaemi.compare/1``) as one HTML document."""
    page = frame(result, f"Reform: {result['reform']['name']}")
    page |= {
        "shock": result.get("shock") or f"KOSPI {wording.shock(result.get('shock_pct'))}",
        "sentences": comparison.sentences(result),
        "changes": comparison.changes(result),
        "laws": comparison.laws(result),
        "groups": comparison.groups(result),
        "curve": present(comparison.curve(result)),
        "stocks": not comparison.of_coins_alone(result),
        "coins": coin_sheets.sheets_of(result),
    }
    names = [("the-reform", "The reform")]
    names += [("laws", "Two laws"), ("groups", "Helped and hurt")] if page["stocks"] else []
    names += [("curve", "By shock")] if page["curve"] else []
    names += [("coins", "Coins")] if page["coins"] else []
    page["sections"] = [*names, ("assumptions", "Assumptions"), ("computed", "How computed")]
    return rendered("compare.html", result, page)


def rendered(template: str, result: Mapping[str, Any], page: Mapping[str, Any]) -> str:
    """The page of a template, in the language that is spoken.

    A word of the template that neither the result nor the page holds is an error.
    """
    look = _LOOK.get()
    found = _templates(look.folders).get_template(template)
    written = found.render(result=result, page=page, base=look.base, site=look.site)
    return page_in(language(spoken()), written)


@cache
def _templates(folders: tuple[Path, ...]) -> Any:
    """The templates of these folders and of the reports, each compiled once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader([*folders, HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def frame(result: Mapping[str, Any], title: str, command: str = "") -> dict[str, Any]:
    """What every page has: title, style with its hash, charts, assumptions, and how it was computed."""
    style = style_sheet()
    drawn = {shown.name: _drawn(shown) for shown in charts.pictures(result)}
    return {
        "title": title,
        "style": style,
        "style_hash": hash_of(style),
        "drawn": {name: drawn.get(name) for name in CHARTS},
        "state": wording.state_line(result),
        "assumptions": sheets.assumptions(result),
        "computed": computed(result, command),
    }


def _drawn(shown: Picture) -> Drawn:
    address = _LOOK.get().address
    if address is not None:
        return Drawn(shown.name, shown.title, shown.description, address=address(shown.name))
    wide, narrow = charts.page_svg(shown), charts.page_svg(shown, narrow=True)
    return Drawn(shown.name, shown.title, shown.description, wide, narrow)


def hash_of(text: str) -> str:
    """The hash by which a policy names an inline style or script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def style_sheet() -> str:
    """The whole style of a page: the palette as variables for light, dark and print, then the rules."""
    light, dark = css_variables(LIGHT) + GROUND["light"], css_variables(DARK) + GROUND["dark"]
    own = {
        shade: "".join(f":lang({code}){{{css_variables(roles[shade])}}}" for code, roles in ROLES.items())
        for shade in ("light", "dark")
    }
    variables = (
        f":root{{color-scheme:light dark;{light}}}{own['light']}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}{own['dark']}}}\n"
    )
    return variables + (HERE / "style.css").read_text(encoding="utf-8")


def computed(result: Mapping[str, Any], command: str = "") -> dict[str, Any]:
    """How a result was computed: the command that asks for it again, and names and values of its run."""
    run = dict(result.get("run") or {})
    command = run.pop("command", None) or command or _command(result, run)
    names = (
        "schema",
        "results_version",
        "on",
        "kind",
        "model",
        "paths",
        "state",
        "law_version",
        "reformed_law_version",
        "seed",
        "scale",
        "layers",
    )
    told = {name: result[name] for name in names if name in result}
    pairs = [*wording.flat(told), *wording.flat(run), *wording.flat(result.get("timing") or {}, "timing · ")]
    facts = [
        ("Law", result.get("law_version")),
        ("Law with the reform", result.get("reformed_law_version")),
        ("Seed of all luck", result.get("seed")),
        ("Results version", result.get("results_version")),
        ("Software", ", ".join(f"{name} {version}" for name, version in (run.get("versions") or {}).items())),
    ]
    return {
        "command": " ".join(command) if isinstance(command, list) else command,
        "facts": [(name, str(value)) for name, value in facts if value not in (None, "")],
        "pairs": pairs,
    }


def _command(result: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """The command line that asks for this result again, from the request that the run recorded."""
    asked = run.get("request")
    if not isinstance(asked, Mapping):
        return ""
    words = ["gaemi compare country" if result.get("displacements") else "gaemi country"]
    given = {"on": result.get("on"), **{name: value for name, value in asked.items() if name != "on"}}
    given["reform"] = run.get("reform")
    given["scale"] = f"1/{asked['scale']}" if asked.get("scale") not in (None, 1) else None
    words += ["--no-feedback"] if given.pop("feedback", None) is False else []
    if given.get("replay"):
        given["on"] = None  # an episode brings its own date
    words += [f"--{name}" for name, value in given.items() if value is True]
    told = {name: value for name, value in given.items() if value is not None and not isinstance(value, bool)}
    words += [f"--{name} {shlex.quote(str(value))}" for name, value in told.items()]
    return " ".join(words)


def present(*found: Sheet | None) -> list[Sheet]:
    return [shown for shown in found if shown is not None]


def _country_page(result: Mapping[str, Any]) -> dict[str, Any]:
    key, day_rows = charts.reference_days(result)
    tipping = result.get("tipping_point") or {}
    cover = sheets.cover(result)
    covered, missing = sheets.cover_words(result)
    scenario = "the replay" if result.get("kind") == "replay" else f"a shock of {wording.shock(_number(key))}"
    return {
        "on": wording.day_name(result.get("on")),
        "kind": KINDS.get(str(result.get("kind")), str(result.get("kind"))),
        "mechanical": list(result.get("layers") or []) == ["mechanical"],
        "figures": _figures(result),
        "reference": wording.shock(result.get("reference_shock_pct")),
        "cover": {"covered": covered, "missing": missing, "table": cover} if cover else None,
        "call_map": present(sheets.call_map(result)),
        "curve": present(sheets.curve_falls(result), sheets.curve_won(result), sheets.curve_people(result)),
        "tipping": {"words": tipping["words"], "tables": present(sheets.tipping_settings(result))} if tipping else None,
        "days": present(sheets.days(day_rows), sheets.day_kinds(day_rows)),
        "days_words": f"Each session of {scenario}, at the close.",
        "record": present(sheets.record(result)),
        "who": present(sheets.who(result)),
        "contracts": coin_sheets.sheets_of({"cfd": result.get("cfd")}),
        "coins": coin_sheets.sheets_of({"coins": result.get("coins")}),
        "who_words": f"Won sold by force in {scenario}, and its share of the group's loans.",
        "outcomes": present(sheets.outcomes(result)),
        "ratios": present(sheets.ratios(result)),
        "targets": present(sheets.targets(result)),
    }


def _number(key: str) -> float | None:
    try:
        return float(key)
    except ValueError:
        return None


def _figures(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The few figures under the answer: those of the reference shock."""
    rows = result.get("curve") or []
    row = next((row for row in rows if row["shock_pct"] == result.get("reference_shock_pct")), None)
    if row is None:
        return []
    turnover = f"{wording.percent(row['sold_share_of_turnover_pct'], 2)} of turnover"
    extra = f"{wording.decimal(row['fall_points'])} instead of {wording.decimal(row['fall_no_feedback_points'])}"
    return [
        ("Sold by force", wording.won(row["sold_won"]), turnover),
        ("Extra fall", f"{wording.decimal(row['extra_fall_points'])} points", extra),
        ("Borrowers with forced sales", *_split(wording.heads(row["sold_borrowers"]))),
        ("Residual debt", wording.won(row["residual_won"]), f"{wording.heads(row['residual_borrowers'])} borrowers"),
    ]


def _split(count: str) -> tuple[str, str]:
    central, _, rest = count.partition(" (")
    return central, rest.rstrip(")")
