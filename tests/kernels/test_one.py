"""One account valued and tested by itself, against the kernels that take accounts in blocks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from kernels.columns_of_oracle import columns_of, law_table_of, quotes_of
from strategies import FIRST_DAY, Book, book_of, books

from gaemi.kernels import call, close, one, sell
from gaemi.kernels._compile import compiled
from gaemi.records.columns import Borrowing

MODES: dict[str, Callable[[Any], Any]] = {"compiled": compiled, "plain": lambda kernel: kernel}


def rows_of(group: Borrowing) -> dict[str, list[Any]]:
    return {name: column.tolist() for name, column in zip(Borrowing._fields, group, strict=True)}


def compare(book: Book, twin: Callable[[Any], Any]) -> int:
    """Live through the book's days with both; returns all flags that were set."""
    blocks, singles, called = (columns_of(book.accounts) for _ in range(3))
    law = law_table_of(book.law)
    n = len(book.accounts)
    for session, market in enumerate(book.days, start=1):
        today = FIRST_DAY + session
        before, now = (
            quotes_of(market, market.before, market.fill, law),
            quotes_of(market, market.close, market.fill_at_close, law),
        )
        for group in (blocks, singles, called):
            tally = sell.sale_tally(len(market.before))
            twin(sell.order_sales)(group, before, law, session, 0, tally, 0, n)
            twin(sell.fill_orders)(group, now, law, today, 0, tally, 0, n)
        held = np.zeros(1, np.int64)
        hour = close.Hour(session, today, book.seed)
        tally, alone = (call.call_tally(len(market.before)) for _ in range(2))
        twin(close.mark_and_call)(blocks, now, law, hour, held, tally, 0, n)
        twin(call.call_pools)(called, now, law, session, book.seed, alone, 0, n)
        worth = [twin(one.mark_one)(singles, j, now, law, today) for j in range(n)]
        for j in range(n):
            twin(one.call_one)(singles, j, now, law, session, book.seed)
        assert int(held[0]) == sum(worth), f"session {session}"
        assert rows_of(blocks) == rows_of(singles), f"session {session}"
        assert blocks.sale_day.tolist() == called.sale_day.tolist(), f"session {session}"
        assert [sums.tolist() for sums in tally] == [sums.tolist() for sums in alone], f"session {session}"
    return int(np.bitwise_or.reduce(blocks.ever))


@pytest.mark.parametrize("mode", MODES)
@given(book=books())
def test_one_account_is_valued_and_called_as_in_a_block(mode: str, book: Book) -> None:
    compare(book, MODES[mode])


def test_large_books_are_valued_and_called_alike_and_meet_every_flag() -> None:
    ever = 0
    for seed in range(100, 106):
        ever |= compare(book_of(seed, accounts=100, days=12), compiled)
    assert 63 == ever
