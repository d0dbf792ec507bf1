"""Named stretches of market history, shipped as small tables of published daily figures.

Each table holds the closes and capitalisations of the two indices, the official won per dollar and the published
balances of its days and of the session before, from which a replay starts. Finer replays take histories of single
names with ``--prices``.
"""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gaemi.errors import closest, refuse
from gaemi.market.coin_episodes import COIN_EPISODES
from gaemi.sources.balances import BalanceHistory, read_balances
from gaemi.sources.prices import PriceHistory, read_prices

FOLDER = Path(__file__).with_name("episodes")


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of sessions from ``first`` to ``end``, replayed from the close of ``start``, the session before.

    ``tickers`` are single names at the heart of it, whose prices ship where ``names_file`` is there and else come from
    the user's own files; ``absent`` are others of which the project knows no history. ``trace`` are days
    between which published unsettled purchases rose with what the names left unpaid.
    """

    name: str
    start: date
    first: date
    end: date
    note: str
    tickers: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    trace: tuple[date, date] | None = None

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.csv"

    @property
    def names_file(self) -> Path:
        """Opening prices, closes and volumes of ``tickers``, where the project ships them."""
        return FOLDER / f"{self.name}-names.csv"

    @property
    def published_file(self) -> Path:
        """What else was published about the episode: won by what they are."""
        return FOLDER / f"{self.name}-published.csv"


EPISODES = (
    Episode(
        "covid-2020",
        start=date(2020, 1, 31),
        first=date(2020, 2, 3),
        end=date(2020, 4, 29),
        note="The fall of February and March 2020: KOSPI closed at 1457.64 on 19 March, 8.39 % down on the day; "
        "margin loans fell from 10.5 to 6.4 tn won by 25 March.",
    ),
    Episode(
        "june-2022",
        start=date(2022, 5, 31),
        first=date(2022, 6, 2),
        end=date(2022, 6, 30),
        note="The slide of June 2022: KOSPI fell 3.52 % and KOSDAQ 4.72 % on 13 June; margin loans fell from 21.6 to "
        "17.7 tn won by the 28th.",
    ),
    Episode(
        "cfd-2023",
        start=date(2023, 3, 31),
        first=date(2023, 4, 3),
        end=date(2023, 5, 31),
        note="Eight names held through contracts for difference closed at the lower limit from 24 April 2023, three "
        "of them four sessions in a row, while the indices hardly moved. What these contracts left unpaid is "
        "thought to stand in the published unsettled purchases from May on.",
        tickers=("004690", "016710", "017390", "030210", "004360"),
        absent=("003100", "003380", "032190"),
        trace=(date(2023, 4, 24), date(2023, 5, 8)),
    ),
)
"""Every named episode, by date."""


def episode(name: str) -> Episode:
    """The episode called ``name``.

    Raises :class:`gaemi.errors.Refused`, naming the closest, where there is none.

    >>> episode("june-2022").start
    datetime.date(2022, 5, 31)
    """
    known = {one.name: one for one in EPISODES}
    found = known.get(name.strip().lower())
    if found is None:
        named = (*known, *(one.name for one in COIN_EPISODES))
        allowed = f"must be one of {', '.join(named)}, or a file or folder of prices"
        raise refuse("--replay", f"'{name}'", allowed, closest(name.strip().lower(), named))
    return found


def episode_prices(name: str) -> PriceHistory:
    """KOSPI and KOSDAQ (closes, capitalisations) and USDKRW from the session before the episode to its end."""
    return read_prices(episode(name).file)


def episode_balances(name: str) -> BalanceHistory:
    """Published balances from the session before the episode to its end."""
    return read_balances(episode(name).file)


def episode_names(name: str) -> PriceHistory | None:
    """Opening prices, closes and volumes of the names at the heart of an episode; None where none ship."""
    file = episode(name).names_file
    return read_prices(file) if file.exists() else None


def episode_published(name: str) -> dict[tuple[str, str], int]:
    """Published won by (what, ticker), the ticker empty for what is of all names; empty where an episode has none."""
    file = episode(name).published_file
    if not file.exists():
        return {}
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {(row["what"], row["ticker"]): int(row["won"]) for row in csv.DictReader(lines)}


def source_of(source: object) -> object:
    """What a source of prices or balances means: the table of a named episode, else the source itself.

    >>> source_of("june-2022") == episode("june-2022").file
    True
    """
    if isinstance(source, str) and not Path(source).exists():
        found = next((one for one in EPISODES if one.name == source.strip().lower()), None)
        return source if found is None else found.file
    return source
