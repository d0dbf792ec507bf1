"""The half-yearly survey of coin accounts, account by account: bands, ages and coins as published.

An account is a row; a person at two exchanges has two, as the survey counts. A share of the persons, an assumption
with a range, hold shares as well and carry a stock investor's number. Their age in the two tables is drawn apart, and
size, age and coins of an account are independent of each other: no cross table is published.

Source: FIU, surveys of 2021-12 to 2025-06; what they leave open stands in coins.yaml with its range.
"""

from dataclasses import dataclass
from datetime import date
from math import gcd
from typing import Any

import numpy as np

from gaemi.kernels import coin_build as kernel
from gaemi.kernels._compile import compiled
from gaemi.law.lawbook import LawBook
from gaemi.people import quantiles
from gaemi.people.coin_instruments import survey_of
from gaemi.people.coin_values import band_tables, exponent_of, split_tables
from gaemi.people.fitting import truncated_geometric
from gaemi.people.investors import investors_at
from gaemi.people.targets import Targets
from gaemi.people.threads import CHUNK, in_threads, spans
from gaemi.records.coins import (
    COIN_AGE_BANDS,
    COIN_CAPACITIES,
    COIN_EXCHANGES,
    COIN_SIZE_BANDS,
    COIN_SIZE_EDGES_WON,
    CoinInstruments,
    CoinPlain,
    CoinPopulation,
    coin_group,
)
from gaemi.rules.coins import COIN_BITS, LARGEST_HOLDING_WON, coin_unit, coin_won
from gaemi.units import BPS, largest_remainder

_SWEEPS = 30
_SAMPLE = 500_000
"""Accounts, about, on which the shares of coins are fitted; the rest is exact afterwards."""

_ALL = 10.0
"""Part of a holding that stands for: as much as fits."""

_LARGE = COIN_SIZE_BANDS.index("10m-100m")
"""Accounts from this band on take what the fit leaves."""


@dataclass(frozen=True, slots=True)
class CoinSetting:
    """All that coin accounts are built from. ``scale`` accounts stand behind each row."""

    book: LawBook
    survey: date
    on: date
    table: CoinInstruments
    seed: int
    scale: int
    accounts: int

    def value(self, name: str, key: str | None = None) -> Any:
        return self.book.value(f"coins.{name}", self.survey, key)

    def parts(self, total: int, name: str, keys: tuple[str, ...]) -> list[int]:
        """``total`` split as the survey splits: whole parts that add up."""
        values = self.value(name)
        return largest_remainder(total, [int(values[key]) for key in keys])

    @property
    def edges(self) -> tuple[int, ...]:
        """Least won of each size band, and one past the most of the last."""
        return (int(self.value("lowest_holding")), *COIN_SIZE_EDGES_WON, int(self.value("largest_holding")))

    @property
    def total_won(self) -> int:
        return int(self.value("value")) * self.accounts // int(self.value("accounts"))

    @property
    def coin_won(self) -> list[int]:
        """Won of each coin of the table."""
        wanted = [int(self.value("value_by_coin", symbol)) for symbol in self.table.symbols]
        return largest_remainder(self.total_won, wanted)

    @property
    def survey_unit(self) -> np.ndarray:
        digits = self.table.lot_digits
        return np.array([coin_unit(float(won), int(d)) for won, d in zip(self.table.survey_won, digits, strict=True)])


def setting_of(
    book: LawBook, on: date, instruments: CoinInstruments, scale: int = 1, seed: int = 0, accounts: int | None = None
) -> CoinSetting:
    """What coin accounts of the date are built from. ``accounts`` fewer than the survey's shrink all totals alike.

    Raises Refused before the first survey.
    """
    survey = survey_of(book, on)
    count = int(book.value("coins.accounts", survey)) if accounts is None else accounts
    return CoinSetting(book, survey, on, instruments, seed, scale, count)


def coin_accounts(
    book: LawBook, on: date, instruments: CoinInstruments, scale: int = 1, seed: int = 0,
    accounts: int | None = None,
) -> CoinPopulation:  # fmt: skip
    """Coin accounts of the survey in force on the date, their coins at the prices of the table.

    Accounts by size and age, and won by coin, are those of the survey, the coins to the lot; amounts then move with
    prices from the survey to the date, and size bands with them. ``instruments`` is the table of the same date.
    ``accounts`` shrinks the country for tests. Raises Refused before the first survey.
    """
    return CoinBuilder(setting_of(book, on, instruments, scale, seed, accounts)).build()[0]


class CoinBuilder:
    """One build: the passes in order, with what they hand on."""

    def __init__(self, setting: CoinSetting, chunk: int = CHUNK) -> None:
        self.setting = setting
        self.chunk = chunk
        self.exponent = exponent_of(setting.edges, self._counts(), setting.total_won)
        self.plan = self._plan()
        self.ids = self._sample()

    def build(self) -> tuple[CoinPopulation, Targets]:
        """The accounts and the table of what they were to reach, at the survey's prices."""
        setting, drawn = self.setting, self._sketch()
        groups = self._place(drawn, self._deposits(drawn.cash_weight))
        factor = self._factor(groups)
        held = self._finish(groups, factor)
        self._settle(groups, held)
        counts = self._start(groups, setting.survey_unit, moved=False)
        population = CoinPopulation(groups, [], setting.scale)
        targets = self._targets(counts, self._lots(groups, 0))
        if setting.on != setting.survey:
            self._start(groups, setting.table.price, moved=True)
        self._check(groups)
        return population, targets

    def _counts(self) -> list[int]:
        return self.setting.parts(self.setting.accounts, "size_bands", COIN_SIZE_BANDS)

    def _plan(self) -> kernel.CoinPlan:
        setting = self.setting
        persons = int(setting.accounts / float(setting.value("accounts_a_person")))
        most, mean = int(setting.value("most_coins")), float(setting.value("coins_a_account"))
        most = min(most, len(setting.table.ticker))
        stock = min(persons * int(setting.value("stock_overlap")) // BPS, self._stock_investors())
        odds, names = quantiles.stacked(
            [quantiles.alias_table(range(len(setting.coin_won)), [float(won) for won in setting.coin_won])]
        )
        splits = split_tables(*(float(setting.value(name)) for name in ("split_dispersion", "cash_dispersion")))
        return kernel.CoinPlan(
            numbers=kernel.CoinNumbers(
                setting.seed, setting.accounts, persons, stock, self._stock_investors(),
                _step_of(self._stock_investors()), _step_of(setting.accounts),
            ),
            sizes=np.concatenate(([0], np.cumsum(self._counts()))).reshape(-1, 1).astype(np.int64),
            ages=np.concatenate(
                ([0], np.cumsum(setting.parts(setting.accounts, "age_bands", COIN_AGE_BANDS)))
            ).reshape(-1, 1).astype(np.int64),
            exchanges=_word_ends([setting.value("exchange_share", key) for key in COIN_EXCHANGES]),
            coins=_word_ends(truncated_geometric(mean, 1, most)),
            odds=odds,
            names=names,
            tables=np.stack((*band_tables(setting.edges, self.exponent), *splits)),
        )  # fmt: skip

    def _stock_investors(self) -> int:
        """Numbers that stock investors of the date have, shrunk with the accounts."""
        setting = self.setting
        return investors_at(setting.on).persons * setting.accounts // int(setting.value("accounts"))

    def _sample(self) -> np.ndarray:
        """Numbers of the accounts that are kept, rising."""
        accounts, scale = self.setting.accounts, self.setting.scale
        if scale == 1:
            return np.arange(accounts, dtype=np.uint32)
        kept = np.zeros(accounts, dtype=np.uint8)
        run = compiled(kernel.keep_every_account)
        in_threads(run, ((self.setting.seed, scale, low, high, kept) for low, high in spans(accounts, self.chunk)))
        return np.flatnonzero(kept).astype(np.uint32)

    def _sketch(self) -> kernel.CoinSketch:
        kinds = (np.uint8, np.uint8, np.uint8, np.int64, np.int32)
        drawn = kernel.CoinSketch(*(np.zeros(self.ids.size, dtype=kind) for kind in kinds))
        run = compiled(kernel.sketch_coins)
        in_threads(run, ((self.plan, self.ids, low, high, drawn) for low, high in spans(self.ids.size, self.chunk)))
        return drawn

    def _deposits(self, weight: np.ndarray) -> np.ndarray:
        """Deposits in won: running sums as shares of the total, each rounded down, so that the sum is exact."""
        setting = self.setting
        total = int(setting.value("deposits")) * setting.accounts // int(setting.value("accounts")) // setting.scale
        whole = max(1, int(weight.sum(dtype=np.int64)))
        cash_won = np.empty(weight.size, dtype=np.int64)
        before_weight, before_won = 0, 0
        for low, high in spans(weight.size, self.chunk):
            running = np.cumsum(weight[low:high], dtype=np.int64) + before_weight
            upper = np.floor(running / whole * total).astype(np.int64)
            cash_won[low:high] = np.diff(upper, prepend=before_won)
            before_weight, before_won = int(running[-1]), int(upper[-1])
        return cash_won

    def _place(self, drawn: kernel.CoinSketch, cash_won: np.ndarray) -> list[CoinPlain]:
        chunks = list(spans(drawn.slots.size, self.chunk))
        most = COIN_CAPACITIES[-1] + 1
        counts = np.array([np.bincount(drawn.slots[low:high], minlength=most) for low, high in chunks])
        groups: list[CoinPlain] = []
        jobs = []
        for fewest, slots in zip((0, *COIN_CAPACITIES), COIN_CAPACITIES, strict=False):
            here = counts[:, fewest + 1 : slots + 1].sum(axis=1)
            if not here.sum():
                continue
            groups.append(coin_group(int(here.sum()), slots))
            starts = np.concatenate(([0], np.cumsum(here)))
            for place, (low, high) in enumerate(chunks):
                span = (low, high, int(starts[place]))
                jobs.append((self.plan, self.ids, span, (fewest + 1, slots), drawn, cash_won, groups[-1]))
        in_threads(compiled(kernel.place_coins), iter(jobs))
        return groups

    def _factor(self, groups: list[CoinPlain]) -> np.ndarray:
        """What the shares of each coin are multiplied by so that accounts hold the published won of it, about."""
        wanted = np.array(self.setting.coin_won, dtype=np.float64)
        stride = max(1, self.ids.size // _SAMPLE)
        factor = np.ones(wanted.size)
        run = compiled(kernel.weigh_coins)
        for _ in range(_SWEEPS):
            tallies = [np.zeros(wanted.size) for _ in groups]
            in_threads(run, ((g, _LARGE, stride, factor, t) for g, t in zip(groups, tallies, strict=True)))
            found = sum(tallies, np.zeros(wanted.size))
            ratio = wanted / wanted.sum() * found.sum() / np.maximum(found, 1.0)
            factor = factor * np.clip(ratio, 0.2, 5.0)
            if np.abs(ratio - 1.0).max() < 1e-4:
                break
        return factor

    def _prices(self, unit: np.ndarray) -> kernel.CoinPrices:
        return kernel.CoinPrices(np.asarray(unit, dtype=np.int64), np.array(self.setting.edges, dtype=np.int64))

    def _finish(self, groups: list[CoinPlain], factor: np.ndarray) -> np.ndarray:
        prices = self._prices(self.setting.survey_unit)
        helds: list[np.ndarray] = []
        jobs = []
        for group in groups:
            for span in spans(group.investor.size, self.chunk):
                helds.append(np.zeros(factor.size, dtype=np.int64))
                jobs.append((group, span, factor, prices, helds[-1]))
        in_threads(compiled(kernel.finish_coins), iter(jobs))
        return sum(helds, np.zeros(factor.size, dtype=np.int64))

    def wanted_lots(self) -> np.ndarray:
        """Lots of each coin that the kept accounts are to hold: int64 [coin]."""
        units = [int(unit) for unit in self.setting.survey_unit]
        wanted = [
            (won // self.setting.scale << COIN_BITS) // unit
            for won, unit in zip(self.setting.coin_won, units, strict=True)
        ]
        return np.array(wanted, dtype=np.int64)

    def _settle(self, groups: list[CoinPlain], held: np.ndarray) -> None:
        """What the fit leaves goes into the larger accounts in proportion, then, if they are full, into any."""
        missing = self.wanted_lots() - held
        prices = self._prices(self.setting.survey_unit)
        run = compiled(kernel.settle_coins)
        for least, proportional in ((_LARGE, True), (_LARGE, True), (_LARGE, False), (0, True), (0, False)):
            if not missing.any():
                return
            eligible = self._lots(groups, least)
            part = np.full(missing.size, _ALL)
            if proportional:
                part = np.clip(missing / np.maximum(eligible, 1), -0.9, 8.0)
            for group in groups:
                run(group, least, prices, part, missing)

    def _lots(self, groups: list[CoinPlain], least: int) -> np.ndarray:
        helds = [np.zeros(len(self.setting.table.ticker), dtype=np.int64) for _ in groups]
        in_threads(compiled(kernel.lots_from), ((g, least, h) for g, h in zip(groups, helds, strict=True)))
        return sum(helds, np.zeros(len(self.setting.table.ticker), dtype=np.int64))

    def _start(self, groups: list[CoinPlain], unit: np.ndarray, moved: bool) -> np.ndarray:
        """Peaks at these prices; accounts by size and age: int64 [size, age]."""
        shape = (len(COIN_SIZE_BANDS), len(COIN_AGE_BANDS))
        counts = [np.zeros(shape, dtype=np.int64) for _ in groups]
        prices = self._prices(unit)
        run = compiled(kernel.start_coins)
        in_threads(run, ((g, prices, int(moved), c) for g, c in zip(groups, counts, strict=True)))
        return sum(counts, np.zeros(shape, dtype=np.int64))

    def _check(self, groups: list[CoinPlain]) -> None:
        """Every holding has room to double in 63 bits."""
        largest = max((int(group.peak_won.max()) for group in groups if group.peak_won.size), default=0)
        assert largest < LARGEST_HOLDING_WON, f"no account may hold {largest:,} won"

    def _targets(self, counts: np.ndarray, lots: np.ndarray) -> Targets:
        setting, found = self.setting, Targets()
        k = setting.scale
        exact = k == 1
        source = setting.book.entry("coins.accounts", setting.survey).source
        found.add("coin accounts", source, "accounts", setting.accounts, self.ids.size * k, exact)
        for band, wanted, rows in zip(COIN_SIZE_BANDS, self._counts(), counts.sum(axis=1), strict=True):
            found.add(f"coin accounts of {band}", source, "accounts", wanted, int(rows) * k, exact)
        ages = setting.parts(setting.accounts, "age_bands", COIN_AGE_BANDS)
        for band, wanted, rows in zip(COIN_AGE_BANDS, ages, counts.sum(axis=0), strict=True):
            found.add(f"coin accounts, {band}", source, "accounts", wanted, int(rows) * k, exact)
        for symbol, target, reached in zip(setting.table.symbols, self.wanted_lots(), lots, strict=True):
            found.add(f"coins held, {symbol}", source, "lots", int(target), int(reached), exact)
        units = setting.survey_unit
        value = sum(coin_won(int(held), int(unit)) for held, unit in zip(lots, units, strict=True)) * k
        found.add("coins held, all", source, "won", setting.total_won, value)
        found.remarks.append(f"values in each band fall as a power of {self.exponent:.3f}")
        return found


def coin_targets(
    book: LawBook, on: date, instruments: CoinInstruments, scale: int = 1, seed: int = 0
) -> tuple[CoinPopulation, Targets]:
    """The accounts of :func:`coin_accounts` beside the table of what they were to reach."""
    return CoinBuilder(setting_of(book, on, instruments, scale, seed)).build()


def _word_ends(weights: list[Any]) -> np.ndarray:
    """Upper ends of 32-bit words for classes in proportion to ``weights``."""
    ends = np.cumsum(np.array(weights, dtype=np.float64))
    return np.floor(ends / ends[-1] * 4294967296.0).astype(np.int64)


def _step_of(size: int) -> int:
    """The whole number nearest above the golden section of ``size`` that has no common part with it.

    Source: steps of the golden section fill a circle most evenly (Weyl 1916; Knuth, The Art of Computer Programming,
    vol. 3, 6.4).
    """
    step = max(1, size * 618_033_989 // 1_000_000_000)
    while gcd(step, size) != 1:
        step += 1
    return step
