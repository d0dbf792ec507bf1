"""Published tables to accounts: one row a person, every published total exact.

Investors are numbered in the order of cells (number of names, boards, most held name), so a number alone says what a
person holds of; ranks in a keyed shuffle say the age band and who borrows. Every other draw is keyed by the number.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import numpy as np

from gaemi import days
from gaemi.chance import FEISTEL_ROUNDS, SAMPLE, half_bits
from gaemi.kernels import build as kernel
from gaemi.kernels import lend, sample
from gaemi.kernels._compile import compiled
from gaemi.law.lawbook import LawBook
from gaemi.people.balances import Balances
from gaemi.people.fitting import iterative_fit
from gaemi.people.instruments import Prices, instrument_rows, won_per_dollar_times_100
from gaemi.people.investors import InvestorYear, investors_at
from gaemi.people.loans import Loans, set_principals
from gaemi.people.plan import Setting, borrowers_plan, loan_plan, plan_of, retail_won
from gaemi.people.reached import targets_of
from gaemi.people.rebuilt import loan_cohorts
from gaemi.people.targets import Targets
from gaemi.people.threads import CHUNK, in_threads, spans
from gaemi.records.columns import (
    AGE_BANDS,
    CAPACITIES,
    Borrowing,
    Instruments,
    Plain,
    Population,
    borrowing_group,
    plain_group,
)
from gaemi.units import BPS

LOAN_SLOTS = 2
_BORROWING = len(CAPACITIES)
_TOGETHER = 8
"""Chunks of which one piece of work places accounts: each piece needs room for raw values."""

_WEIGHINGS = 2
_WEIGHED = 1_000_000
"""Accounts, about, on which the lift of whole units is weighed."""

_LOT_MULTIPLE = 1.9
"""Lots are expected to be worth this many times their loans when the rest of the holdings is fitted."""


def setting_of(
    book: LawBook, on: date, instruments: Instruments, balances: Balances, seed: int = 0, scale: int = 1,
    facts: InvestorYear | None = None, prices: Prices | None = None,
) -> Setting:  # fmt: skip
    """All that a population of the date is built from, in the simple state.

    ``instruments`` is the table of the same date and ``prices``. With ``scale`` k about every k-th investor is kept
    by a hash of the number and stands for k. ``facts`` default to the last year-end before the date; a test passes
    facts scaled to few persons, with balances scaled alike. Raises Refused for dates without facts or law.

    Source: Korea Securities Depository (shareholders), Korea Financial Investment Association (balances); the rest
    is in people.yaml with its ranges.
    """
    rows = instrument_rows(book, on, prices)
    assert tuple(row.ticker for row in rows) == instruments.ticker, "instruments are those of the date and prices"
    dollar = won_per_dollar_times_100(book, on, prices)
    return Setting(book, on, instruments, rows, balances, facts or investors_at(on), seed, scale, dollar)


def build(
    book: LawBook, on: date, instruments: Instruments, balances: Balances, seed: int = 0, scale: int = 1,
    facts: InvestorYear | None = None, prices: Prices | None = None,
) -> tuple[Population, Targets]:  # fmt: skip
    """The population of :func:`setting_of` in the simple state, and the table of what it was to reach."""
    return Builder(setting_of(book, on, instruments, balances, seed, scale, facts, prices)).build()


def every(population: Population, k: int, seed: int) -> Population:
    """Every k-th borrower by hash of the number, each standing for k; plain accounts are left out."""
    persons = 1 + max((int(group.investor.max()) for group in population.borrowing if group.investor.size), default=0)
    kept = np.zeros(persons, dtype=np.uint8)
    run = compiled(sample.keep_every)
    in_threads(run, ((seed, SAMPLE, k, low, high, kept, sample.room()) for low, high in spans(persons)))
    groups = []
    for group in population.borrowing:
        here = kept[group.investor] == 1
        groups.append(Borrowing(*(np.ascontiguousarray(column[..., here]) for column in group)))
    return Population([], groups, population.weight * k)


class Builder:
    """One build: the passes in order, with what they hand on."""

    def __init__(self, setting: Setting, chunk: int = CHUNK) -> None:
        self.setting = setting
        self.chunk = chunk
        self.plan = plan_of(setting)
        self.borrower_plan = borrowers_plan(setting, self.plan)
        self.ids = self._sample()
        self.instruments = len(setting.rows)

    def build(self) -> tuple[Population, Targets]:
        """The population and its table of targets: names first, then amounts of loans, then whole units."""
        drawn, counts = self._sketch()
        self._deposits(drawn)
        plain, raw_plain = self._place_plain(drawn, counts)
        borrowing, raw_borrowing = self._place_borrowing(drawn, counts)
        loans = set_principals(self.setting, borrowing)
        factor = self._factor(raw_plain + raw_borrowing, loans, plain)
        held = self._finish_borrowing(borrowing, factor)
        held += self._finish_plain(plain, factor)
        population = Population(plain, borrowing, self.setting.scale)
        self._keep_within_issued(population, held)
        return population, targets_of(self.setting, population, held, prices_of(self.setting))

    def _sample(self) -> np.ndarray:
        """Numbers of the investors that are kept, rising: uint32."""
        persons, scale = self.setting.facts.persons, self.setting.scale
        if scale == 1:
            return np.arange(persons, dtype=np.uint32)
        kept = np.zeros(persons, dtype=np.uint8)
        run = compiled(sample.keep_every)
        seed, pieces = self.setting.seed, spans(persons, self.chunk)
        in_threads(run, ((seed, SAMPLE, scale, low, high, kept, sample.room()) for low, high in pieces))
        return np.flatnonzero(kept).astype(np.uint32)

    def _sketch(self) -> tuple[kernel.Sketch, np.ndarray]:
        """The first pass, and how many investors of each chunk have each group code: int64 [chunk, code].

        A group's code is the index of its capacity, plus ten for borrowers.
        """
        size, kinds = self.ids.size, (np.uint8, np.uint8, np.uint8, np.int32, np.uint8, np.int64)
        drawn = kernel.Sketch(*(np.zeros(size, dtype=kind) for kind in kinds))
        run = compiled(kernel.sketch)
        capacity = np.searchsorted(np.array(CAPACITIES), np.arange(CAPACITIES[-1] + 1)).astype(np.uint8)
        width = 1 << half_bits(self.setting.facts.persons)

        def work(low: int, high: int) -> np.ndarray:
            run(self.plan, self.ids, low, high, drawn, np.zeros((FEISTEL_ROUNDS, width), dtype=np.int64))
            code = capacity[drawn.slots[low:high]]
            code[drawn.kind[low:high] != kernel.NOTHING] += _BORROWING
            drawn.code[low:high] = code
            return np.bincount(code, minlength=2 * _BORROWING)

        return drawn, np.array(in_threads(work, spans(size, self.chunk)))

    def _deposits(self, drawn: kernel.Sketch) -> None:
        """Deposits in won: the running sum of weights as shares of the total, each rounded down, so sums are exact."""
        total = self.setting.balances.deposits_won // self.setting.scale
        chunks = list(spans(drawn.cash_weight.size, self.chunk))
        sums = in_threads(lambda low, high: int(drawn.cash_weight[low:high].sum(dtype=np.int64)), iter(chunks))
        before, weights = [0, *accumulate(sums)], sum(sums)

        def won_up_to(running: Any) -> np.ndarray:
            return np.floor(running / weights * total).astype(np.int64)

        def work(low: int, high: int, before_weight: int) -> None:
            running = np.cumsum(drawn.cash_weight[low:high], dtype=np.int64) + before_weight
            drawn.cash_won[low:high] = np.diff(won_up_to(running), prepend=won_up_to(np.array([before_weight])))

        in_threads(work, ((*chunk, at) for chunk, at in zip(chunks, before, strict=False)))
        assert int(won_up_to(np.array([weights]))[0]) == total, "deposits are split to the won"

    def _parts(self, counts: np.ndarray, code: int) -> Iterator[kernel.Part]:
        """The investors of one group code, several chunks together."""
        at = 0
        for first in range(0, len(counts), _TOGETHER):
            found = int(counts[first : first + _TOGETHER, code].sum())
            if found:
                low, high = first * self.chunk, min(self.ids.size, (first + _TOGETHER) * self.chunk)
                yield kernel.Part(low, high, at, code)
                at += found

    def _raw(self) -> np.ndarray:
        """Room for raw values: int64 [instrument, age]."""
        return np.zeros((self.instruments, len(AGE_BANDS)), dtype=np.int64)

    def _place_plain(self, drawn: kernel.Sketch, counts: np.ndarray) -> tuple[list[Plain], np.ndarray]:
        run = compiled(kernel.place_plain)
        groups: list[Plain] = []
        jobs, raws = [], [self._raw()]
        for code, slots in enumerate(CAPACITIES):
            accounts = int(counts[:, code].sum())
            if accounts:
                groups.append(plain_group(accounts, slots))
                for part in self._parts(counts, code):
                    raws.append(self._raw())
                    jobs.append((self.plan, self.ids, part, drawn, groups[-1], raws[-1], kernel.paper()))
        in_threads(run, iter(jobs))
        return groups, np.sum(raws, axis=0)

    def _place_borrowing(self, drawn: kernel.Sketch, counts: np.ndarray) -> tuple[list[Borrowing], np.ndarray]:
        run = compiled(kernel.place_borrowing)
        plan, loans = self.borrower_plan, loan_plan(self.setting)
        groups: list[Borrowing] = []
        jobs, raws = [], [self._raw()]
        for code, slots in enumerate(CAPACITIES):
            accounts = int(counts[:, code + _BORROWING].sum())
            if accounts:
                groups.append(borrowing_group(accounts, slots, LOAN_SLOTS))
                for part in self._parts(counts, code + _BORROWING):
                    raws.append(self._raw())
                    jobs.append((plan, loans, self.ids, part, drawn, groups[-1], raws[-1], kernel.paper()))
        in_threads(run, iter(jobs))
        return groups, np.sum(raws, axis=0)

    def _factor(self, raw: np.ndarray, loans: Loans, plain: list[Plain]) -> np.ndarray:
        """Won per raw won by instrument and age band: float64 [instrument, age].

        Domestic stocks are fitted to what individuals hold of each instrument (less the expected lots of loans) and
        to the published share of each age band; the others to what individuals hold of each. A holding is at least
        one unit, which lifts the small holdings of dear names: the lift is weighed on a part of the accounts and
        taken into the fit, twice.
        """
        found = raw * float(kernel.RAW_WON)
        lots = np.bincount(loans.row, weights=loans.weight * _LOT_MULTIPLE, minlength=self.instruments)
        wanted = retail_won(self.setting) / self.setting.scale
        wanted = np.maximum(wanted - lots, 0.3 * wanted)
        factor = self._multiple(found, wanted)
        for _ in range(_WEIGHINGS):
            factor = self._multiple(found * self._lift(plain, factor), wanted)
        return factor

    def _multiple(self, found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """What ``found`` [instrument, age] must be multiplied by to give the ``wanted`` won of each instrument, and for
        stocks the share of each age band."""
        stocks = np.array([row.indexed for row in self.setting.rows])
        rows = np.where(found.sum(axis=1) > 0, wanted, 0.0)
        ages = np.array(self.setting.by_age("holding_share"), dtype=np.float64)
        ages[found[stocks].sum(axis=0) == 0] = 0.0
        columns = ages / ages.sum() * rows[stocks].sum()
        fitted = np.zeros_like(found)
        fitted[stocks] = iterative_fit(found[stocks], rows[stocks].tolist(), columns.tolist(), 30, 1e-9)
        others = found[~stocks]
        fitted[~stocks] = others * (rows[~stocks] / np.maximum(others.sum(axis=1), 1.0))[:, None]
        return np.divide(fitted, found, out=np.ones_like(found), where=found > 0)

    def _lift(self, plain: list[Plain], factor: np.ndarray) -> np.ndarray:
        """Won of whole units per won of fitted values: float64 [instrument, age]."""
        accounts = sum(group.investor.size for group in plain)
        stride = max(1, accounts // _WEIGHED)
        won = self.setting.unit_values() / 1024.0
        run = compiled(kernel.weigh_plain)
        tallies = [np.zeros((2, *factor.shape)) for _ in plain]
        in_threads(run, ((group, stride, factor, won, tally) for group, tally in zip(plain, tallies, strict=True)))
        fitted, whole = sum(tallies, np.zeros((2, *factor.shape)))
        return np.divide(whole, fitted, out=np.ones_like(whole), where=fitted > 0)

    def _finish_plain(self, groups: list[Plain], factor: np.ndarray) -> np.ndarray:
        run = compiled(kernel.finish_plain)
        units = self.setting.unit_values()
        helds: list[np.ndarray] = []
        jobs: list[tuple[Any, ...]] = []
        for group in groups:
            for span in spans(group.investor.size, self.chunk):
                helds.append(np.zeros(self.instruments, dtype=np.int64))
                jobs.append((group, span, factor, units, helds[-1]))
        in_threads(run, iter(jobs))
        return sum(helds, np.zeros(self.instruments, dtype=np.int64))

    def _finish_borrowing(self, groups: list[Borrowing], factor: np.ndarray) -> np.ndarray:
        run = compiled(lend.finish_borrowing)
        lending, prices = lending_of(self.setting, groups), prices_of(self.setting)
        helds, jobs = [], []
        for group in groups:
            for span in spans(group.investor.size, self.chunk):
                helds.append(np.zeros(self.instruments, dtype=np.int64))
                jobs.append((lending, prices, factor, group, span, helds[-1]))
        in_threads(run, iter(jobs))
        return sum(helds, np.zeros(self.instruments, dtype=np.int64))

    def _keep_within_issued(self, population: Population, held: np.ndarray) -> None:
        """Every instrument has a rest of the market: units held stay under units issued."""
        room = self.setting.table.issued - held * self.setting.scale
        short = [self.setting.table.ticker[i] for i in np.flatnonzero(room < 0)]
        assert not short, f"more units held than issued of {', '.join(short)}"


def lending_of(setting: Setting, groups: list[Borrowing]) -> lend.Lending:
    """Law and assumptions of the state on its date, and its cohorts of margin loans where it is rebuilt.

    ``groups`` are the borrowers with their principals.
    """
    book, on = setting.book, setting.on
    share, maintenance = book.value("margin.firm_share", on), book.value("margin.maintenance", on)
    firms = book.keys("firm_class")
    term = int(book.value("margin.term", on))
    openings = [day.toordinal() for day in days.sessions_between(on - timedelta(days=term - 1), on)]
    due = [on.toordinal()]  # the published balance is what was not paid when it fell due
    entry_ltv = setting.share("pledged_entry_ltv")
    assert isinstance(entry_ltv, dict)
    return lend.Lending(
        seed=setting.seed,
        today=on.toordinal(),
        firm_upper_bps=np.cumsum([share[firm] for firm in firms]).astype(np.int64),
        maintenance_bps=np.array([maintenance[firm] for firm in firms], dtype=np.int64),
        substitute_bps=int(book.value("margin.substitute_rate", on)),
        openings=np.array(openings, dtype=np.int64),
        term_days=term,
        pledged_low=entry_ltv["lowest"] / BPS,
        pledged_high=entry_ltv["highest"] / BPS,
        other_bps=int(setting.share("other_in_pool_share")),
        other_cap=int(setting.share("other_pool_cap")) / BPS,
        under_bps=int(setting.share("under_maintenance_share")),
        highest_ratio=float(setting.share("highest_ratio")),
        unsettled_deposit_bps=int(book.value("unsettled.deposit", on)),
        purchase_days=np.array([on.toordinal() for _ in due], dtype=np.int64),
        due_days=np.array(due, dtype=np.int64),
        cohorts=loan_cohorts(setting.cohorts, setting.table, groups),
    )


def prices_of(setting: Setting) -> lend.Prices:
    """What a unit of each instrument is worth on the setting's date, and the deposit that its group asks."""
    return prices_under(setting.book, setting.on, setting.table, setting.unit_values())


def prices_under(book: LawBook, on: date, table: Instruments, units: np.ndarray) -> lend.Prices:
    """What kernels know of instruments under a law; ``units`` are 1024ths of a won a unit."""
    deposit = book.value("margin.deposit", on)
    by_group = [deposit[group] for group in book.keys("stock_group")]
    return lend.Prices(
        won=units / 1024.0,
        unit_value=units,
        volatility=table.volatility,
        deposit_bps=np.array([by_group[g] if g < len(by_group) else 0 for g in table.group], dtype=np.int64),
        domestic=(table.currency == 0).astype(np.uint8),
    )
