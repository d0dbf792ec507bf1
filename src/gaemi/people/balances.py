"""Published balances of loans and deposits by date, as the population is built to meet them."""

import csv
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from gaemi.errors import refuse
from gaemi.sources.balances import Balance, BalanceHistory

SOURCE = "Korea Financial Investment Association, daily series of credit and deposits"
Day = date
_FILE = Path(__file__).with_name("balances.csv")


@dataclass(frozen=True, slots=True)
class Balances:
    """Balances at the close of a date, in won. ``pledged_date`` says of which date the pledged balance is."""

    date: Day
    margin_kospi_won: int
    margin_kosdaq_won: int
    pledged_won: int
    unsettled_won: int
    deposits_won: int
    source: str = SOURCE
    pledged_date: Day | None = None

    def scaled(self, numerator: int, denominator: int) -> "Balances":
        """The same balances times a fraction, floored to the won."""
        names = ("margin_kospi_won", "margin_kosdaq_won", "pledged_won", "unsettled_won", "deposits_won")
        return replace(self, **{name: getattr(self, name) * numerator // denominator for name in names})


class ShippedBalances(tuple[Balances, ...]):
    """The published rows in order of date."""

    __slots__ = ()

    def on_or_before(self, on: Day) -> Balances:
        """The last balances published for a date up to ``on``. Raises Refused for a date before the first."""
        place = bisect_right(self, on, key=lambda row: row.date)
        if place == 0:
            shipped = f"balances are shipped from {self[0].date} on"
            raise refuse("balances", on.isoformat(), shipped, "give a later day, or --balances with that one")
        return self[place - 1]


@cache
def shipped_balances() -> ShippedBalances:
    """Balances by market that ship with gaemi: month-ends from 2015-01 to 2025-10 and the sessions of October 2025.

    Where the balance on pledged shares was not published for a date, the last one before stands, with its date. Up to
    2023 the unsettled balance is that of the day, from 2024-12 to 2025-09 the mean of the month.

    Source: Korea Financial Investment Association, FreeSIS, series of credit to investors and of deposits.
    """
    rows: list[Balances] = []
    pledged, pledged_date = 0, None
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["date"])
            if row["pledged_won"]:
                pledged, pledged_date = int(row["pledged_won"]), day
            amounts = (row[name] for name in ("margin_kospi_won", "margin_kosdaq_won"))
            margin_kospi, margin_kosdaq = (int(amount) for amount in amounts)
            rows.append(
                Balances(
                    day, margin_kospi, margin_kosdaq, pledged, int(row["unsettled_won"]), int(row["deposits_won"]),
                    SOURCE, pledged_date,
                )
            )  # fmt: skip
    return ShippedBalances(rows)


@cache
def shipped_history() -> BalanceHistory:
    """The balances of :func:`shipped_balances` as a history: month-ends, then the sessions of October 2025."""
    rows = [
        Balance(
            each.date,
            margin_kospi_won=each.margin_kospi_won,
            margin_kosdaq_won=each.margin_kosdaq_won,
            unsettled_won=each.unsettled_won,
            deposits_won=each.deposits_won,
            row=place,
        )
        for place, each in enumerate(shipped_balances(), 2)
    ]
    return BalanceHistory(tuple(rows), "shipped balances")
