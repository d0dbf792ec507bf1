"""Published facts about shareholders at year-ends."""

import csv
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from gaemi.errors import refuse

_FILE = Path(__file__).with_name("investors.csv")


@dataclass(frozen=True, slots=True)
class InvestorYear:
    """Shareholders at a year-end; a figure that was not published is None.

    ``figures`` maps each published figure to (value, source, confidence). ``shrunk_from`` is the published number of
    persons where the facts were scaled down for a test or a sample, else equal to ``persons``.
    """

    year: int
    persons: int
    mean_names_times_100: int
    kospi_holders: int | None
    kosdaq_holders: int | None
    leader_holders: int
    figures: dict[str, tuple[int, str, str]]
    shrunk_from: int

    @property
    def year_end(self) -> date:
        return date(self.year, 12, 31)

    @property
    def holdings(self) -> int:
        """Domestic holdings of all persons: the mean number of names times persons, to the nearest whole one."""
        return (self.persons * self.mean_names_times_100 + 50) // 100

    def source(self, figure: str) -> str:
        """Who published the figure, or that it is an assumption."""
        return self.figures[figure][1] if figure in self.figures else "assumption"

    def scaled(self, persons: int) -> "InvestorYear":
        """The same country with this many persons: counts in proportion, shares and means unchanged."""

        def part(count: int | None) -> int | None:
            return None if count is None else (count * persons + self.persons // 2) // self.persons

        leader_holders = part(self.leader_holders)
        assert leader_holders is not None
        return replace(
            self, persons=persons, kospi_holders=part(self.kospi_holders), kosdaq_holders=part(self.kosdaq_holders),
            leader_holders=leader_holders,
        )  # fmt: skip


@cache
def investor_years() -> tuple[InvestorYear, ...]:
    """All year-ends with a published number of shareholders. A mean number of names not published is the last one's.

    Source: Korea Securities Depository, year-end releases on shareholders of listed firms with December year-ends.
    """
    years: dict[int, dict[str, tuple[int, str, str]]] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            facts = years.setdefault(int(row["year"]), {})
            facts[row["figure"]] = (int(row["value"]), row["source"], row["confidence"])
    found: list[InvestorYear] = []
    mean_names = 0
    for year, figures in sorted(years.items()):
        values = {name: value for name, (value, _, _) in figures.items()}
        mean_names = values.get("mean_names_times_100", mean_names)
        found.append(
            InvestorYear(
                year, values["persons"], mean_names, values.get("kospi_holders"), values.get("kosdaq_holders"),
                values["leader_holders"], figures, values["persons"],
            )
        )  # fmt: skip
    return tuple(found)


def investors_at(on: date) -> InvestorYear:
    """Facts of the last year-end before the date. Raises Refused for a date with none.

    >>> investors_at(date(2025, 10, 31)).persons
    14100000
    """
    past = [facts for facts in investor_years() if facts.year_end < on]
    if not past:
        known = f"a country is built of shareholders, whose number is known from {investor_years()[0].year_end} on"
        raise refuse("--on", on.isoformat(), known, "give a day after it")
    return past[-1]
