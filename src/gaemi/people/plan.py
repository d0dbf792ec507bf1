"""From law, facts and instruments to the plan that the kernels follow."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from gaemi.kernels.build import Numbers, Plan
from gaemi.kernels.lots import LoanPlan
from gaemi.law.lawbook import LawBook
from gaemi.people import quantiles
from gaemi.people.balances import Balances
from gaemi.people.cells import cells, counts_by_boards, counts_by_names, leader_counts
from gaemi.people.cohorts import Cohorts
from gaemi.people.instruments import Row, won_per_dollar_times_100
from gaemi.people.investors import InvestorYear, investors_at
from gaemi.records.columns import AGE_BANDS, Board, Instruments, Kind
from gaemi.units import BPS, largest_remainder, unit_value

LEADER = "005930"
BASE_DATE = date(2025, 10, 31)
"""Date of the numbers of borrowers in people.yaml; at other dates they go with the number of shareholders."""

KINDS = ("margin only", "margin and pledged", "pledged only", "unsettled purchase")


@dataclass(frozen=True, slots=True)
class Setting:
    """All that a population is built from. ``scale`` persons stand behind each row.

    Ages and ratios of margin loans are those of ``cohorts``, or a rule's where there are none.
    """

    book: LawBook
    on: date
    table: Instruments
    rows: tuple[Row, ...]
    balances: Balances
    facts: InvestorYear
    seed: int = 0
    scale: int = 1
    won_per_dollar_times_100: int = 0
    cohorts: Cohorts | None = None

    def share(self, name: str, key: str | None = None) -> Any:
        """An assumption of people.yaml in force on the date of the facts or of the state."""
        dated = self.facts.year_end if name in ("head_share", "holding_share", "ten_names_share") else self.on
        return self.book.value(f"people.{name}", max(dated, self.book.begins), key)

    def by_age(self, name: str) -> list[int]:
        values = self.share(name)
        assert isinstance(values, dict)
        return [int(values[band]) for band in AGE_BANDS]

    @property
    def leader_row(self) -> int:
        """Row of the most held KOSPI name: the published one, or the largest where it has no price on the date."""
        if LEADER in self.table.ticker:
            return self.table.row(LEADER)
        kospi = [i for i, row in enumerate(self.rows) if row.board == Board.KOSPI and row.indexed]
        return max(kospi, key=lambda i: (self.rows[i].value_won, -i))

    def unit_values(self) -> np.ndarray:
        """1024ths of a won that a unit of each instrument is worth: int64."""
        dollar = self.won_per_dollar_times_100 or won_per_dollar_times_100(self.book, self.on)
        return unit_values(self.table, dollar)


def unit_values(table: Instruments, dollar_times_100: int) -> np.ndarray:
    """1024ths of a won that a unit of each instrument is worth at the table's prices: int64."""
    rates = (100, dollar_times_100)
    rows = zip(table.price, table.price_digits, table.currency, strict=True)
    return np.array(
        [unit_value(int(price), int(digits), rates[currency]) for price, digits, currency in rows], dtype=np.int64
    )


@dataclass(frozen=True, slots=True)
class Borrowers:
    """Persons with loans: [age band, kind], kinds in the order of KINDS."""

    by_age: np.ndarray

    @classmethod
    def of(cls, setting: Setting) -> "Borrowers":
        """Counts by largest remainder; raises AssertionError where a band has fewer persons than borrowers."""
        persons, base = setting.facts.persons, investors_at(BASE_DATE).persons
        margin, pledged, both = (
            int(setting.share(name)) * persons // base
            for name in ("margin_borrowers", "pledged_borrowers", "both_borrowers")
        )
        live = live_unsettled_won(setting)
        purchases = max(1, live // int(setting.share("unsettled_mean"))) if live else 0
        both_by_age = largest_remainder(both, setting.by_age("margin_head_share"))
        margin_by_age = largest_remainder(margin - both, setting.by_age("margin_head_share"))
        pledged_by_age = largest_remainder(pledged - both, setting.by_age("pledged_head_share"))
        purchases_by_age = largest_remainder(purchases, setting.by_age("unsettled_head_share"))
        return cls(np.array([margin_by_age, both_by_age, pledged_by_age, purchases_by_age], dtype=np.int64).T)


def live_unsettled_won(setting: Setting) -> int:
    """The part of the published unsettled balance that recent purchases make up."""
    return setting.balances.unsettled_won * int(setting.share("unsettled_live_share")) // BPS


def persons_by_age(setting: Setting) -> list[int]:
    return largest_remainder(setting.facts.persons, setting.by_age("head_share"))


def holders(setting: Setting) -> tuple[int, int]:
    """Holders of KOSPI and of KOSDAQ names: published, else by the assumed share."""
    facts = setting.facts
    kospi, kosdaq = facts.kospi_holders, facts.kosdaq_holders
    if kospi is None:
        kospi = facts.persons * int(setting.share("kospi_holder_share")) // BPS
    if kosdaq is None:
        kosdaq = facts.persons * int(setting.share("kosdaq_holder_share")) // BPS
    return kospi, kosdaq


def names_of(setting: Setting, board: Board, for_borrowers: bool) -> np.ndarray:
    """Odds of the board's names: market value to a power. Borrowers hold no halted name: it would secure nothing."""
    power = float(setting.share("popularity_exponent"))
    chosen = [
        i
        for i, row in enumerate(setting.rows)
        if row.board == board and row.indexed and i != setting.leader_row and not (for_borrowers and row.halted)
    ]
    return quantiles.alias_table(chosen, [float(setting.rows[i].value_won) ** power for i in chosen])


def _extra_rows(setting: Setting, abroad: bool) -> list[int]:
    """Rows of US names, or of Korean funds, that individuals are known or assumed to hold."""
    return [
        i
        for i, row in enumerate(setting.rows)
        if (row.board == Board.US) == abroad and row.retail_units > 0 and (abroad or row.kind == Kind.FUND)
    ]


def _extras(setting: Setting, abroad: bool) -> np.ndarray:
    """Odds of US names, or of Korean funds: the value that individuals hold, to the same power.

    A history may price none of them; then nobody holds one, and the table is never drawn from.
    """
    power = float(setting.share("popularity_exponent"))
    chosen = _extra_rows(setting, abroad) or [0]
    return quantiles.alias_table(
        chosen, [float(max(1, setting.rows[i].retail_units * setting.rows[i].price)) ** power for i in chosen]
    )


def cells_of(setting: Setting) -> np.ndarray:
    """Cells of investors as the kernels read them: int64 [cell + 1, 4]."""
    facts = setting.facts
    of_ten = facts.persons * int(setting.share("ten_names_share")) // BPS
    by_names = counts_by_names(
        facts.persons,
        facts.holdings,
        of_ten,
        float(setting.share("mean_names_of_ten")),
        int(setting.share("most_names")),
    )
    by_boards = counts_by_boards(by_names, *holders(setting))
    slope, kospi_share = int(setting.share("leader_slope")) / BPS, int(setting.share("kospi_share_of_names")) / BPS
    return cells(by_boards, leader_counts(by_boards, facts.leader_holders, slope, kospi_share))


def ages_of(setting: Setting) -> np.ndarray:
    """Ranks and odds by age band as the kernels read them: int64 [age + 1, 7]."""
    by_age = persons_by_age(setting)
    borrowers = Borrowers.of(setting).by_age
    assert (borrowers.sum(axis=1) <= np.array(by_age)).all(), "no age band has more borrowers than persons"
    ages = np.zeros((len(by_age) + 1, 7), dtype=np.int64)
    ages[1:, 0] = np.cumsum(by_age)
    ages[:-1, 1:5] = ages[:-1, :1] + borrowers.cumsum(axis=1)
    for column, (name, abroad) in enumerate((("overseas_share", True), ("fund_share", False)), start=5):
        ages[:-1, column] = setting.by_age(name) if _extra_rows(setting, abroad) else 0
    return ages


def _odds_of(setting: Setting, for_borrowers: bool) -> tuple[np.ndarray, np.ndarray]:
    """Odds of names as the kernels read them, and how many names each table has."""
    return quantiles.stacked(
        (
            names_of(setting, Board.KOSPI, for_borrowers), names_of(setting, Board.KOSDAQ, for_borrowers),
            _extras(setting, abroad=True), _extras(setting, abroad=False),
        )
    )  # fmt: skip


def borrowers_plan(setting: Setting, plan: Plan) -> Plan:
    """The plan of the setting with the odds of names of borrowers."""
    odds, names = _odds_of(setting, for_borrowers=True)
    return plan._replace(odds=odds, names=names)


def plan_of(setting: Setting) -> Plan:
    """The plan of the setting: cells, ranks, tables of quantiles, odds of names."""
    facts = setting.facts
    owned = largest_remainder(BPS, setting.by_age("holding_share"))
    mean_wealth = domestic_value_won(setting) / facts.persons
    odds, names = _odds_of(setting, for_borrowers=False)
    wealth = quantiles.wealth(int(setting.share("top_1_share")) / BPS, int(setting.share("top_10_share")) / BPS)
    split, cash = (quantiles.lognormal(float(setting.share(name))) for name in ("split_dispersion", "cash_dispersion"))
    return Plan(
        numbers=Numbers(
            setting.seed, facts.persons, int(setting.share("second_overseas_share")),
            int(setting.share("kospi_share_of_names")), setting.leader_row,
            int(setting.share("borrower_cash_share")) / BPS,
        ),
        cells=cells_of(setting),
        ages=ages_of(setting),
        wealth_of_age=np.array(
            [
                mean_wealth * own / BPS * facts.persons / max(1, count)
                for own, count in zip(owned, persons_by_age(setting), strict=True)
            ]
        ),
        odds=odds,
        names=names,
        tables=np.stack((wealth, split, cash)),
    )  # fmt: skip


def loan_plan(setting: Setting) -> LoanPlan:
    return LoanPlan(
        int(setting.share("two_loans_share")), int(setting.share("kospi_loan_share")),
        float(setting.share("loan_elasticity")), float(setting.share("loan_dispersion")),
    )  # fmt: skip


def retail_won(setting: Setting) -> np.ndarray:
    """Won that individuals hold of each instrument outside loans: float64, full country or test country."""
    part = setting.facts.persons / setting.facts.shrunk_from
    units = setting.unit_values() / 1024.0
    return np.array(
        [
            part * units[i] * (row.retail_units if row.retail_units >= 0 else row.issued * row.retail_share_bps / BPS)
            for i, row in enumerate(setting.rows)
        ]
    )


def domestic_value_won(setting: Setting) -> float:
    """Won that individuals hold of domestic stocks outside loans."""
    stocks = np.array([row.indexed for row in setting.rows])
    return float(retail_won(setting)[stocks].sum())
