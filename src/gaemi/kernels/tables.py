"""What kernels read beside accounts: the law of the day and the quotes of the moment, as records of arrays.

A kernel's arguments have fixed types, so the law of a date is laid out once a day as whole numbers.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from gaemi.law.lawbook import LawBook

FIRM_CLASSES = ("standard", "banded", "lower_limit", "two_stage")
STOCK_GROUPS = ("g1", "g2", "g3")
CONVENTIONS = ("A", "B", "C", "D")
STRICTEST_FIRM = len(FIRM_CLASSES)
"""A firm that nobody named: of every rule the strictest that a class has."""

FOREVER_DAYS = 1_000_000
"""Stands for the open end of a bracket table."""


class LawTable(NamedTuple):
    """The rules' parameters on one date. ``f`` firm classes and STRICTEST_FIRM, ``b`` bands, ``k`` brackets."""

    maintenance_bps: np.ndarray  # [f]
    clock_under_bps: np.ndarray  # [f, b], 0 where a class has fewer bands
    clock_sessions: np.ndarray  # [f, b]
    discount_bps: np.ndarray  # [f, stock group]
    cost_bps: np.ndarray  # [f]
    convention: np.ndarray  # [f], index into CONVENTIONS
    second_stage: np.ndarray  # [f], 1 where the firm recomputes after the opening
    second_discount_bps: int
    cash_rate_bps: int
    financed_rate_bps: int
    substitute_rate_bps: int
    overseas_rate_bps: int
    halted_rate_bps: int
    cleared_on_recovery: int
    waiver_share_bps: int
    interest_days: np.ndarray  # [k]
    interest_bps: np.ndarray  # [k]
    interest_retroactive: int
    pledged_days: np.ndarray
    pledged_bps: np.ndarray
    stock_loan_days: np.ndarray
    stock_loan_bps: np.ndarray
    overdue_days: np.ndarray
    overdue_bps: np.ndarray
    stock_loan_maintenance_bps: int
    stock_loan_sessions: int
    stock_loan_discount_bps: int
    unsettled_discount_bps: int
    unsettled_fee_bps: int
    unpaid_share_bps: int
    fee_bps: int
    cfd_initial_bps: int = 0
    cfd_share_bps: int = 0
    cfd_sessions: int = 1
    cfd_rate_bps: int = 0
    cfd_within_day: int = 0


class Quotes(NamedTuple):
    """Prices of all instruments at one moment. ``n`` instruments."""

    unit: np.ndarray  # [n] value of one lot in 1/1024 won
    price: np.ndarray  # [n] traded price in won, 0 for a foreign name
    domestic: np.ndarray  # [n] 1 where the firm can sell it here
    halted: np.ndarray  # [n]
    group: np.ndarray  # [n] stock group 0-2
    board: np.ndarray  # [n]
    tax_bps: np.ndarray  # [n]
    fill_bps: np.ndarray  # [n] share of a sale order that the auction fills
    substitute_bps: np.ndarray  # [n] what other shares of the account count for as collateral


def _int64(values: Sequence[Any]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def _brackets(table: Sequence[Sequence[int | None]]) -> tuple[np.ndarray, np.ndarray]:
    days = [FOREVER_DAYS if row[0] is None else int(row[0]) for row in table]
    return _int64(days), _int64([int(row[1] or 0) for row in table])


def _strictest_clock(clocks: Sequence[Sequence[Sequence[int]]]) -> list[list[int]]:
    """Under each ratio at which any class has a band, the fewest sessions that a class then waits."""
    levels = sorted({row[0] for clock in clocks for row in clock}, reverse=True)

    def wait(clock: Sequence[Sequence[int]], under_bps: int) -> int:
        return [sessions for level, sessions in clock if level >= under_bps][-1]

    return [[level, min(wait(clock, level) for clock in clocks if clock[0][0] >= level)] for level in levels]


def law_table(book: LawBook, on: date) -> LawTable:
    """The law of ``on`` as one record of arrays. Raises Refused for a date before the law begins."""

    def number(path: str) -> int:
        return int(book.value(path, on))

    def by_firm(path: str) -> list:
        return [book.value(path, on, firm) for firm in FIRM_CLASSES]

    def by_firm_and_strictest(path: str) -> list[int]:
        known = [int(value) for value in by_firm(path)]
        return [*known, max(known)]

    clocks = by_firm("margin.clock")
    bands = max(len(clock) for clock in (*clocks, _strictest_clock(clocks)))
    discounts = by_firm("margin.discount")
    padded = [[*clock, *[[0, 0]] * (bands - len(clock))] for clock in (*clocks, _strictest_clock(clocks))]
    interest_days, interest_bps = _brackets(book.value("margin.interest", on))
    flat = [[None, 0]]
    return LawTable(
        maintenance_bps=_int64(by_firm_and_strictest("margin.maintenance")),
        clock_under_bps=_int64([[row[0] for row in clock] for clock in padded]),
        clock_sessions=_int64([[row[1] for row in clock] for clock in padded]),
        discount_bps=_int64([*discounts, [max(column) for column in zip(*discounts, strict=True)]]),
        cost_bps=_int64(by_firm_and_strictest("margin.sale_cost")),
        convention=_int64([CONVENTIONS.index(name) for name in (*by_firm("margin.convention"), "C")]),
        second_stage=_int64(
            [int(flag) for flag in (*by_firm("margin.second_stage"), any(by_firm("margin.second_stage")))]
        ),
        second_discount_bps=number("margin.second_stage_discount"),
        cash_rate_bps=number("margin.collateral_cash"),
        financed_rate_bps=number("margin.collateral_financed"),
        substitute_rate_bps=number("margin.substitute_rate"),
        overseas_rate_bps=number("margin.collateral_overseas"),
        halted_rate_bps=number("margin.collateral_halted"),
        cleared_on_recovery=number("margin.cleared_on_recovery"),
        waiver_share_bps=number("margin.waiver_share"),
        interest_days=interest_days,
        interest_bps=interest_bps,
        interest_retroactive=int(book.value("margin.interest_method", on) == "retroactive"),
        pledged_days=_brackets(flat)[0],
        pledged_bps=_int64([number("pledged.rate")]),
        stock_loan_days=_brackets(flat)[0],
        stock_loan_bps=_int64([number("stock_loan.rate")]),
        overdue_days=_brackets(flat)[0],
        overdue_bps=_int64([number("unsettled.overdue_rate")]),
        stock_loan_maintenance_bps=number("stock_loan.maintenance"),
        stock_loan_sessions=number("stock_loan.sale_lag"),
        stock_loan_discount_bps=number("stock_loan.discount"),
        unsettled_discount_bps=number("unsettled.discount"),
        unsettled_fee_bps=number("unsettled.forced_sale_fee"),
        unpaid_share_bps=number("unsettled.unpaid_share"),
        fee_bps=number("market.broker_fee"),
        cfd_initial_bps=number("cfd.initial_margin"),
        cfd_share_bps=number("cfd.maintenance_share"),
        cfd_sessions=number("cfd.sale_lag"),
        cfd_rate_bps=number("cfd.rate"),
        cfd_within_day=number("cfd.tested_within_day"),
    )
