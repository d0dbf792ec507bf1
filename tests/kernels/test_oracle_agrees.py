"""Kernels against the oracle: random books, day by day, every column of every account, to the won."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import oracle
import pytest
from hypothesis import given
from kernels.columns_of_oracle import account_of, columns_of, law_table_of, quotes_of
from oracle_records import Flows, Market
from strategies import FIRST_DAY, Book, book_of, books

from gaemi.kernels import call, close, sell, settle
from gaemi.kernels._compile import compiled
from gaemi.kernels.tables import LawTable
from gaemi.outcomes import Ever
from gaemi.records.columns import Borrowing

FLOWS = {
    "gross": sell.GROSS_WON, "tax": sell.TAX_WON, "fee": sell.FEE_WON, "interest": sell.INTEREST_WON,
    "capitalised": sell.CAPITALISED_WON, "repaid": sell.REPAID_WON, "money_in": sell.MONEY_IN_WON,
    "residual": sell.RESIDUAL_WON,
}  # fmt: skip
CALLS = {
    "under": call.UNDER_WON, "called_won": call.NEWLY_CALLED_WON, "called": call.NEWLY_CALLED,
    "shortfall": call.SHORTFALL_WON,
}  # fmt: skip
MODES: dict[str, Callable[[Any], Any]] = {"compiled": compiled, "plain": lambda kernel: kernel}


def kernel_day(
    twin: Callable[[Any], Any], group: Borrowing, law: LawTable, market: Market, session: int, seed: int
) -> dict[str, int]:
    """A day of the group by kernels, in the order of the day; returns what it did in the oracle's words."""
    n, today = group.investor.size, FIRST_DAY + session
    tally, calls = sell.sale_tally(len(market.before)), call.call_tally(len(market.before))
    before, at_auction, at_close = (
        quotes_of(market, unit, fill, law)
        for unit, fill in (
            (market.before, market.fill),
            (market.auction, market.fill),
            (market.close, market.fill_at_close),
        )
    )
    twin(sell.order_sales)(group, before, law, session, 0, tally, 0, n)
    twin(sell.order_unpaid)(group, before, law, today, seed, tally, 0, n)
    twin(sell.fill_orders)(group, at_auction, law, today, 0, tally, 0, n)
    at_opening = int(tally.ordered.sum())
    later = sell.sale_tally(len(market.before))
    twin(sell.order_sales)(group, at_auction, law, session, 1, later, 0, n)
    twin(sell.fill_orders)(group, at_close, law, today, 1, tally, 0, n)
    hour = close.Hour(session, today, seed)
    twin(close.mark_and_call)(group, at_close, law, hour, np.zeros(1, np.int64), calls, 0, n)
    twin(settle.settle_loans)(group, 0, n)
    done = {name: int(tally.flows[place]) for name, place in FLOWS.items()}
    return done | {name: int(calls.totals[place]) for name, place in CALLS.items()} | {"ordered": at_opening}


def compare(book: Book, twin: Callable[[Any], Any]) -> None:
    accounts, group, law = deepcopy(book.accounts), columns_of(book.accounts), law_table_of(book.law)
    for session, market in enumerate(book.days, start=1):
        done = kernel_day(twin, group, law, market, session, book.seed)
        expected = [
            oracle.run_day(account, book.law, market, session, FIRST_DAY + session, book.seed) for account in accounts
        ]
        for j, account in enumerate(accounts):
            assert account_of(group, j, account) == account, f"session {session}, account {j}"
        expected_sums = {name: sum(getattr(flow, name) for flow in expected) for name in done}
        assert done == expected_sums, f"session {session}"


@pytest.mark.parametrize("mode", MODES)
@given(book=books(partly=False))
def test_kernels_agree_with_the_oracle_where_every_order_is_filled(mode: str, book: Book) -> None:
    compare(book, MODES[mode])


@pytest.mark.parametrize("mode", MODES)
@given(book=books(partly=True))
def test_kernels_agree_with_the_oracle_where_orders_wait(mode: str, book: Book) -> None:
    compare(book, MODES[mode])


@pytest.mark.parametrize("seed", range(8))
def test_kernels_agree_with_the_oracle_on_books_of_a_hundred_accounts(seed: int) -> None:
    compare(book_of(seed, accounts=100, days=12, partly=False), compiled)


def test_kernels_agree_with_the_oracle_on_large_books_where_orders_wait() -> None:
    for seed in range(8):
        compare(book_of(seed, accounts=100, days=12), compiled)


def test_random_books_reach_every_outcome_and_flow() -> None:
    """A comparison proves nothing about what never happens."""
    ever, happened = 0, set()
    for seed in range(8):
        book = book_of(seed, accounts=40, days=12)
        for session, market in enumerate(book.days, start=1):
            for account in book.accounts:
                flows = oracle.run_day(account, book.law, market, session, FIRST_DAY + session, book.seed)
                happened |= {name for name, value in vars(flows).items() if value}
                ever |= account.ever
    assert ever == sum(Ever)
    assert happened == set(vars(Flows()))
