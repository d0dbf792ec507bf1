"""The world of one scenario: everything a day reads and writes, and the record it leaves."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from gaemi.kernels._compile import compiled
from gaemi.kernels.call import WHO_MEASURES, WHO_ROWS, CallTally
from gaemi.kernels.price import Exchange, press, trade
from gaemi.kernels.sell import TILLS
from gaemi.kernels.tables import LawTable, Quotes, law_table
from gaemi.kernels.tally import SUMS
from gaemi.law.lawbook import LawBook
from gaemi.market.funds import Funds, FundTerms, terms
from gaemi.market.impact import FlowState, ImpactLaw
from gaemi.market.paths import Path
from gaemi.records.columns import AGE_BANDS, Board, Instruments, Kind, Population
from gaemi.records.ledger import Difference, Ledger
from gaemi.units import BPS, unit_value
from gaemi.workers import Workers

if TYPE_CHECKING:
    from gaemi.coin_day import CoinWorld

TAX_CLASSES = ("KOSPI", "KOSDAQ", "US")
FUND_CLASS = "ETF"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scenario is run: with price feedback, with accounts valued (plain ones too), and the seed of all luck.

    Calls and sales need no values: a run of which only prices and sales are asked leaves ``marks`` out.
    ``unsettled_won`` is what purchases of every session leave unpaid; only a replay has them. ``gap``: how far the
    highest and the lowest clearing prices part is looked at.
    """

    feedback: bool = True
    plain: bool = True
    seed: int = 0
    unsettled_won: int = 0
    marks: bool = True
    gap: bool = True


@dataclass(slots=True)
class DayRecord:
    """What one session left behind; won and counts are of the rows, before weights."""

    day: int
    date: date
    index: dict[Board, float]
    under_won: int = 0
    shortfall_won: int = 0
    called_won: int = 0
    called: int = 0
    flows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    sums: np.ndarray = field(default_factory=lambda: np.zeros(SUMS, np.int64))
    net_worth_won: int = 0
    wiped_plain: int = 0
    locked_down: int = 0
    clearing_gap: float = 0.0
    index_open: dict[Board, float] = field(default_factory=dict)
    names: dict[str, np.ndarray] = field(default_factory=dict)

    def by_name(self, measure: str, values: np.ndarray) -> None:
        """Add ``values`` (int64[instrument]) to a measure of names: called, sold, unpaid and so on."""
        self.names[measure] = self.names[measure] + values if measure in self.names else values.copy()


@dataclass(frozen=True, slots=True)
class DayLaw:
    """The law of one date, as the steps of a day use it."""

    table: LawTable
    impact: ImpactLaw
    limit_bps: np.ndarray
    tick_below: np.ndarray
    tick_size: np.ndarray
    tax_bps: np.ndarray
    substitute_bps: np.ndarray
    locked_fill_bps: int
    breaker_bps: int
    funds: list[FundTerms]


@dataclass(slots=True)
class World:
    """State of a running scenario. Prices are scaled integers of the instruments table.

    Plain accounts: ``held_plain`` (int64[n]), ``cash_plain_won`` and ``tails_plain`` (kernels.tally.sum_plain) are
    their sums, which no step changes. ``plain_is_sure`` says that at the state's close no peak stood above what its
    account was worth (kernels.mark.count_unsure), ``plain_marked`` that marks wrote their columns. ``highest_unit``
    (int64[n]) is the most that a unit of each name was worth at any close since; ``put_off`` (int64[closes, n]) holds
    the units of closes to which peaks are still to be raised: see kernels.mark.keeps_a_tenth.
    """

    book: LawBook
    path: Path
    instruments: Instruments
    population: Population
    workers: Workers
    settings: Settings
    flow: FlowState
    funds: Funds
    ledger: Ledger
    rest: np.ndarray
    held_plain: np.ndarray
    cash_plain_won: int
    price: np.ndarray
    weights: dict[Board, np.ndarray]
    laws: list[DayLaw]
    tails_plain: np.ndarray
    plain_is_sure: bool = False
    plain_marked: bool = False
    contracts: bool = False
    coins: "CoinWorld | None" = None
    day: int = 0
    market_cash_won: int = 0
    tills: np.ndarray = field(default_factory=lambda: np.zeros(TILLS, np.int64))
    law: DayLaw = None  # type: ignore[assignment]
    before: Quotes = None  # type: ignore[assignment]
    auction: Quotes = None  # type: ignore[assignment]
    now: Quotes = None  # type: ignore[assignment]
    tested: CallTally = None  # type: ignore[assignment]
    ordered: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    closed_early: set[Board] = field(default_factory=set)
    who: np.ndarray = field(default_factory=lambda: np.zeros((WHO_ROWS, WHO_MEASURES), np.int64))
    wiped_by_age: np.ndarray = field(default_factory=lambda: np.zeros(len(AGE_BANDS), np.int64))
    highest_unit: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    put_off: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    records: list[DayRecord] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.path.dates[self.day]

    @property
    def record(self) -> DayRecord:
        return self.records[-1]

    def enter(self, day: int) -> None:
        """Turn the page to session ``day``: its law, and yesterday's close as the base of its limits."""
        self.day = day
        self.law = self.laws[day]
        self.closed_early = set()
        self.records.append(DayRecord(day, self.today, {}))

    @property
    def level(self) -> dict[Board, float]:
        """Index levels at the last close."""
        return self.records[-2].index if self.day else self.index_level(self.price)

    def index_level(self, price: np.ndarray) -> dict[Board, float]:
        """Level of each board's index, 1 at the start: capital of its names at ``price`` over that at the start."""
        return {board: float(weights @ (price / self.instruments.price)) for board, weights in self.weights.items()}

    def exchange(self) -> Exchange:
        halted = self.path.halted[self.day]
        return Exchange(self.price, self.law.limit_bps, halted, self.law.tick_below, self.law.tick_size)

    def traded(self, latent: np.ndarray, extra_won: np.ndarray, at_auction: bool) -> tuple[np.ndarray, np.ndarray]:
        """Traded prices of latent ones when ``extra_won`` trades now, and which are locked at a limit."""
        moved = latent
        if self.settings.feedback:
            moved = np.empty_like(latent)
            compiled(press)(latent, self.flow.pressure(self.law.impact, extra_won, at_auction), moved)
        price = np.empty(latent.size, np.int64)
        locked = np.empty(latent.size, np.int8)
        compiled(trade)(moved, self.exchange(), price, locked)
        return price, locked

    def latent(self, factor: np.ndarray, nav: np.ndarray) -> np.ndarray:
        """Latent prices of the path; a fund whose path is not given stands at ``nav`` (float64[fund])."""
        latent = self.instruments.price * factor
        rows = self.funds.rows
        latent[rows] = np.where(np.isnan(latent[rows]), nav, latent[rows])
        return latent

    def bound(self, latent: float) -> np.ndarray:
        """The prices nearest to one latent price that the law of the session allows: 0 for the lowest of all."""
        price, locked = np.empty(self.price.size, np.int64), np.empty(self.price.size, np.int8)
        compiled(trade)(np.full(self.price.size, latent), self.exchange(), price, locked)
        return price

    def quotes(self, price: np.ndarray, fill_bps: np.ndarray) -> Quotes:
        return make_quotes(
            self.instruments,
            price,
            self.path.won_per_dollar[self.day],
            self.path.halted[self.day],
            self.law,
            fill_bps,
        )

    def all_filled(self) -> np.ndarray:
        return np.full(self.price.size, BPS, dtype=np.int64)

    def fund_returns(self, price: np.ndarray) -> np.ndarray:
        """Return since the last close of what each fund follows."""
        level, base = self.index_level(price), self.level
        funds = self.funds
        returns = np.zeros(funds.rows.size)
        for board in level:
            returns[funds.board == board] = level[board] / base[board] - 1.0
        other = (funds.board < 0) & (funds.under >= 0)
        under = funds.under[other]
        returns[other] = price[under] / self.price[under] - 1.0
        return returns


def index_weights(instruments: Instruments) -> dict[Board, np.ndarray]:
    """Share of each name in the capital of its board's index."""
    capital = instruments.issued.astype(np.float64) * instruments.price * (instruments.indexed != 0)
    found = {}
    for board in (Board.KOSPI, Board.KOSDAQ):
        part = np.where(instruments.board == board, capital, 0.0)
        if part.sum() > 0:
            found[board] = part / part.sum()
    return found


def make_quotes(
    instruments: Instruments,
    price: np.ndarray,
    won_per_dollar: float,
    halted: np.ndarray,
    law: DayLaw,
    fill_bps: np.ndarray,
) -> Quotes:
    """Quotes of all instruments: what a lot is worth, and what a firm may sell here."""
    unit = np.left_shift(price, 10)
    rate = round(won_per_dollar * 100)
    for row in np.flatnonzero(instruments.currency != 0):
        unit[row] = unit_value(int(price[row]), int(instruments.price_digits[row]), rate)
    domestic = instruments.board != Board.US
    return Quotes(
        unit=unit,
        price=np.where(domestic, price, 0),
        domestic=domestic.astype(np.uint8),
        halted=halted.astype(np.uint8),
        group=np.minimum(instruments.group, 2).astype(np.uint8),
        board=instruments.board,
        tax_bps=law.tax_bps,
        fill_bps=fill_bps,
        substitute_bps=law.substitute_bps,
    )


def day_law(book: LawBook, on: date, instruments: Instruments) -> DayLaw:
    """The law of a date, laid out by instrument."""
    board = [
        FUND_CLASS if kind == Kind.FUND and b != Board.US else TAX_CLASSES[b]
        for kind, b in zip(instruments.kind, instruments.board, strict=True)
    ]
    ticks = {name: book.value("market.ticks", on, name) for name in set(board)}
    rows = max(len(table) for table in ticks.values())
    below = {name: [r[0] or 2**62 for r in table] + [2**62] * (rows - len(table)) for name, table in ticks.items()}
    size = {name: [r[1] for r in table] + [table[-1][1]] * (rows - len(table)) for name, table in ticks.items()}
    tax = {name: book.value("market.transaction_tax", on, name) for name in set(board)}
    auction = {name: book.value("impact.auction_share", on, name) if name != "US" else BPS for name in set(board)}
    limit = int(book.value("market.price_limit", on))
    table = law_table(book, on)
    fund_terms = {
        int(row): terms(book, instruments.ticker[row], bool(instruments.currency[row]), on)
        for row in np.flatnonzero(instruments.kind == Kind.FUND)
    }
    times = np.array([max(1.0, abs(fund_terms[i].leverage)) if i in fund_terms else 1.0 for i in range(len(board))])
    return DayLaw(
        table=table,
        impact=ImpactLaw(
            coefficient=float(book.value("impact.coefficient", on)),
            permanent_share=book.value("impact.permanent_share", on) / BPS,
            decay_a_session=book.value("impact.decay_a_session", on) / BPS,
            auction_share_bps=np.array([auction[name] for name in board], dtype=np.int64),
        ),
        limit_bps=np.where(instruments.board == Board.US, 0, (limit * times).astype(np.int64)),
        tick_below=np.array([below[name] for name in board], dtype=np.int64),
        tick_size=np.array([size[name] for name in board], dtype=np.int64),
        tax_bps=np.array([tax[name] for name in board], dtype=np.int64),
        substitute_bps=np.where(instruments.substitute_bps < 0, table.substitute_rate_bps, instruments.substitute_bps),
        locked_fill_bps=int(book.value("market.locked_fill", on)),
        breaker_bps=int(book.value("market.circuit_breaker_3", on)),
        funds=list(fund_terms.values()),
    )
