"""Breaks of the published series of unsettled purchases, by name: what a figure of these days says, and does not.

Nothing is dropped for a break. Scores of forced sales stand over everything and once more outside the breaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

FORCED_SALES_BEGIN = date(2006, 4, 14)
"""Forced sales of unsettled purchases were not published before; files write 0 for these days.

Source: Korea Financial Investment Association (KOFIA), FreeSIS, table "증시자금추이": the first figure that is not 0.
"""


@dataclass(frozen=True, slots=True)
class Break:
    """Days from ``first`` to ``last`` (open where None) on which a series does not mean what it meant before."""

    name: str
    first: date
    last: date | None
    what: str
    source: str

    def told(self) -> dict[str, str | None]:
        """The break as documents have it."""
        last = None if self.last is None else str(self.last)
        return {"name": self.name, "first": str(self.first), "last": last, "what": self.what, "source": self.source}


BREAKS = (
    Break(
        "contracts for difference re-counted",
        date(2023, 5, 1),
        date(2023, 10, 17),
        "About 50 bn won of forced sales on every day are mostly debts of the contracts for difference of April 2023, "
        "which cannot be collected and are counted again daily.",
        "KOFIA, FreeSIS, daily series; what stands behind it is inferred from the series (confidence M)",
    ),
    Break(
        "Youngpoong re-counted",
        date(2023, 10, 18),
        date(2023, 11, 6),
        "Up to 550 bn won of forced sales a day are the sales of one halted name, which found no buyer and were "
        "counted again daily.",
        "newsis, 25 October 2023; hankyung 2023102392595; KOFIA, FreeSIS, daily series (confidence H)",
    ),
    Break(
        "stock of unsettled purchases of about 1 tn",
        date(2023, 11, 7),
        None,
        "Unsettled purchases stay at 0.9 to 1.0 tn won, where they were 0.2 tn before, and forced sales fall from 6 to "
        "7 % of them to about 0.75 %: most of the stock is old debt.",
        "KOFIA, FreeSIS, daily series; inferred from the series (confidence M)",
    ),
)
"""Every named break, by date; they do not overlap."""


def breaks_on(days: Sequence[date], breaks: Sequence[Break] = BREAKS) -> list[str]:
    """The name of the break that each day lies in, or an empty string.

    >>> breaks_on([date(2023, 4, 28), date(2023, 10, 19)])
    ['', 'Youngpoong re-counted']
    """
    return [
        next((one.name for one in breaks if one.first <= day and (one.last is None or day <= one.last)), "")
        for day in days
    ]
