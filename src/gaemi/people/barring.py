"""A reform that restricts borrowing at its origin, applied to the state in which it would always have held."""

from datetime import date
from typing import NamedTuple

import numpy as np

from gaemi.errors import refuse
from gaemi.kernels import bar as kernel
from gaemi.kernels._compile import compiled
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import won_per_dollar_times_100
from gaemi.people.plan import unit_values
from gaemi.people.population import prices_under
from gaemi.people.threads import in_threads, spans
from gaemi.records.columns import Borrowing, Instruments, borrowing_group
from gaemi.units import BPS

SPARE_SLOTS = 3
SPARE_LOANS = 1


class Barred(NamedTuple):
    """Borrowing accounts under the reform, and won of margin loans: barred, moved to stock loans, to foreign funds.

    What is barred and not moved is not borrowed at all.
    """

    borrowing: list[Borrowing]
    barred_won: int
    stock_loans_won: int
    foreign_funds_won: int


def bar(
    groups: list[Borrowing], instruments: Instruments, book_before: LawBook, book_after: LawBook, on: date,
    displacement_bps: int,
) -> Barred:  # fmt: skip
    """The borrowing accounts as they would stand had the new law always held, and the won of loans that it bars.

    A margin loan shrinks with the share of a purchase that may be lent (1 - deposit) and to the customer's limit. Of
    the barred won, ``displacement_bps`` is borrowed elsewhere all the same: the law's share of it as a stock loan on
    the same shares with a third of own money, the rest by putting own money into the leveraged foreign fund, ELSEWHERE.
    What is not displaced is not borrowed: shares worth it go back to the rest of the market at the state's prices.

    Accounts keep their order. Groups gain three holding slots and one loan slot, so that each has room; they are
    copies, and the given ones are not changed. Nothing is barred by a law that lends as much: the copies are equal.
    The net worth of every person is unchanged, to the won.
    """
    plan = _plan(instruments, book_before, book_after, on, displacement_bps)
    units = unit_values(instruments, won_per_dollar_times_100(book_before, on))
    prices = prices_under(book_after, on, instruments, units)
    wide = [_widened(group) for group in groups]
    run = compiled(kernel.bar_loans)
    tallies: list[np.ndarray] = []
    jobs: list[tuple[object, ...]] = []
    for group in wide:
        for span in spans(group.investor.size):
            tallies.append(np.zeros(3, dtype=np.int64))
            jobs.append((plan, prices, group, span, tallies[-1]))
    in_threads(run, iter(jobs))
    barred, stock_loans, abroad = (sum(int(tally[i]) for tally in tallies) for i in range(3))
    return Barred(wide, barred, stock_loans, abroad)


def _plan(
    instruments: Instruments, book_before: LawBook, book_after: LawBook, on: date, displacement_bps: int
) -> kernel.Bar:
    lent = []
    for book in (book_before, book_after):
        deposit = book.value("margin.deposit", on)
        by_group = [BPS - deposit[group] for group in book.keys("stock_group")]
        lent.append(np.array([by_group[g] if g < len(by_group) else BPS for g in instruments.group], dtype=np.int64))
    before, after = (int(book.value("margin.customer_limit", on)) for book in (book_before, book_after))
    fund, leverage = _foreign_fund(instruments, book_after, on)
    maintenance = book_after.value("margin.maintenance", on)
    return kernel.Bar(
        before_bps=lent[0],
        after_bps=lent[1],
        limit_won=after if after < before else 10**17,
        displaced_bps=displacement_bps,
        stock_loan_bps=int(book_after.value("displacement.to_stock_loans", on)),
        fund_row=instruments.row(fund),
        fund_leverage_percent=round(abs(leverage) * 100),
        maintenance_bps=np.array([maintenance[firm] for firm in book_after.keys("firm_class")], dtype=np.int64),
        substitute_bps=int(book_after.value("margin.substitute_rate", on)),
    )


def _foreign_fund(instruments: Instruments, book: LawBook, on: date) -> tuple[str, float]:
    """Ticker and leverage of the fund that barred borrowers turn to; Refused where it cannot be bought on the date."""
    fund = str(book.value("displacement.foreign_fund", on))
    leverage = book.value("funds.leverage", on, fund)
    if leverage is None or abs(leverage) <= 1 or fund not in instruments.ticker:
        raise refuse("displacement.foreign_fund", fund, f"must be a leveraged fund with a price on {on}")
    return fund, float(leverage)


def _widened(group: Borrowing) -> Borrowing:
    """A copy with free slots at the end."""
    accounts, slots, loans = group.investor.size, group.quantity.shape[0], group.loan_kind.shape[0]
    wide = borrowing_group(accounts, slots + SPARE_SLOTS, loans + SPARE_LOANS)
    for source, target in zip(group, wide, strict=True):
        target[: source.shape[0]] = source
    return wide
