"""Parts that every document carries: what is covered, what is assumed, and what reproduces it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from gaemi.law.lawbook import LawBook, describe
from gaemi.means import Means
from gaemi.people.balances import Balances

ASSUMED = ("assumption", "L")
"""Confidences that every report lists: figures nobody publishes, and figures from one indirect source."""

REACTIONS = ("behaviour", "state")
"""Topics of the law that only states and hindcasts read."""

COIN_TOPICS = ("coins", "coin_loan", "perpetual", "stablecoin")
OWN_TOPICS = (*COIN_TOPICS, "cfd")
"""Topics of the law that only answers with such holdings read."""

CREDIT_BALANCES = {
    "margin_kospi": "margin_kospi_won",
    "margin_kosdaq": "margin_kosdaq_won",
    "pledged": "pledged_won",
    "unsettled": "unsettled_won",
}


@dataclass(slots=True)
class Answer:
    """Result of a view: ``document`` is JSON-ready, ``summary`` its first sentences."""

    document: dict[str, Any]

    @property
    def summary(self) -> list[str]:
        return self.document["sentences"]

    def save(self, folder: str | Path) -> Path:
        """Write the run folder: document, tables as Parquet, one HTML page; complete or absent. Raises Refused."""
        from gaemi.answers.folder import save

        return save(self.document, Path(folder), getattr(self, "tables", None))

    def chart(self) -> str:
        """The leading chart as an SVG text."""
        from gaemi.answers import charts

        return charts.lead(self.document)


def cover(book: LawBook, on: date, balances: Balances) -> list[dict[str, Any]]:
    """Won covered and not covered, by kind of credit; null where nobody publishes a balance."""
    outstanding, covered = book.entry("credit.outstanding", on), book.entry("credit.covered", on)
    rows = []
    for kind in book.parameter("credit.outstanding").keys:
        from_state = CREDIT_BALANCES.get(kind)
        won = getattr(balances, from_state) if from_state else outstanding.value[kind]
        rows.append(
            {
                "kind": book.meaning("credit_kind", kind) or kind,
                "won": won,
                "covered": bool(covered.value[kind]),
                "note": "" if won is not None else "no balance is published",
                "source": balances.source if from_state else outstanding.source,
            }
        )
    return rows


def assumptions(book: LawBook, on: date, reacts: bool = False, topics: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Every parameter in force that rests on an assumption or on one indirect source, with its range.

    Those of how people react and of a rebuilt state stand only in answers that use them, and so do those of coins and
    of contracts for difference: an answer names the ``topics`` of them that it read.
    """
    silent = {*(() if reacts else REACTIONS), *(topic for topic in OWN_TOPICS if topic not in topics)}
    rows = []
    for path in book.paths():
        if path.partition(".")[0] in silent:
            continue
        if book.parameter(path).entries[0].since > on:
            continue
        said = describe(book, path, on)
        if said["confidence"] in ASSUMED:
            low, high = _ends(said["range"])
            keep = ("path", "label", "value", "unit", "source", "confidence", "note")
            rows.append({name: said[name] for name in keep} | {"low": low, "high": high})
    return rows


def _ends(said: Any) -> tuple[Any, Any]:
    if isinstance(said, Mapping):
        return {key: ends[0] for key, ends in said.items()}, {key: ends[1] for key, ends in said.items()}
    if isinstance(said, list) and len(said) == 2:
        return said[0], said[1]
    return said, said


def _written(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {name: _written(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value) if isinstance(value, date | PurePath) else f"a {type(value).__name__}"


def run_record(request: Any) -> dict[str, Any]:
    """Versions and the request itself; with the law's version and the seed they reproduce the run."""
    import platform
    from importlib.metadata import version

    asked = asdict(request)
    means = {each.name: asked.pop(each.name) for each in fields(Means) if each.name in asked}
    return {
        "request": {name: _written(value) for name, value in asked.items()},
        "means": {name: _written(value) for name, value in means.items()},
        "versions": {name: version(name) for name in ("gaemi", "numpy", "numba", "polars", "pyarrow")},
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
