"""Which loans of a book stand and what they rest on: small books, and what every share is to the loans."""

from datetime import date
from typing import Any, NamedTuple

import pytest
from book.small import frame

from gaemi.book.accounts import book_of
from gaemi.book.debts import MOST_POOL_WON
from gaemi.law.lawbook import load
from gaemi.records.book import LOAN_KINDS
from gaemi.records.columns import LoanKind, Standing
from gaemi.sources.book.reader import read_tables

LAW, ON = load(), date(2025, 10, 31)
S, H, K = "005930", "000660", "035720"
KINDS = {int(LoanKind[name.upper()]): name for name in LOAN_KINDS}
NO_COLLATERAL = "a loan must have collateral: its account must hold what it is on"
ON_SHARES = "loans must be on shares that the account holds"
SEVERAL = "where loans of several kinds are on one ticker, each must say on how many shares"


class Laid(NamedTuple):
    """Shares by ticker and standing, the loans that stand by kind, ticker and principal, shares of no borrower, and
    the faults by table, row, column, what was found and what is allowed."""

    shares: dict[tuple[str, str], int]
    loans: list[tuple[str, str, int]]
    free: dict[str, int]
    faults: list[tuple[str, int, str, str, str]]


def laid(holdings: list[Any], loans: list[dict[str, Any]]) -> Laid:
    """The book of the one account ``a``; a holding is a ticker, a quantity and what else its row says."""
    rows = [{"account": "a", "ticker": one[0], "quantity": one[1], **dict(one[2:])} for one in holdings]
    source = {"holdings": frame(rows)}
    if loans:
        source["loans"] = frame([{"account": "a", "principal": 1000, **loan} for loan in loans])
    read = read_tables(source)
    made = book_of(read, LAW, ON, None)
    ticker = made.names.instruments.ticker
    shares, owed = {}, []
    for group in made.population.borrowing:
        for slot in range(group.quantity.shape[0]):
            if group.quantity[slot, 0]:
                key = ticker[group.instrument[slot, 0]], Standing(int(group.standing[slot, 0])).name.lower()
                shares[key] = int(group.quantity[slot, 0])
        for loan in range(group.loan_kind.shape[0]):
            if group.loan_kind[loan, 0]:
                kind = KINDS[int(group.loan_kind[loan, 0])]
                owed.append((kind, ticker[group.financed[loan, 0]], int(group.principal_won[loan, 0])))
    free = {name: held for name, held in zip(ticker, made.held_plain.tolist(), strict=True) if held}
    found = read.rejects.frame().select("table", "row", "column", "found", "allowed").rows()
    return Laid(shares, sorted(owed), free, found)


def loan(
    kind: str = "margin", ticker: str | None = None, quantity: int | None = None, won: int = 1000
) -> dict[str, Any]:
    return {"kind": kind, "ticker": ticker, "quantity": quantity, "principal": won}


STAND = {
    "a margin loan on a part of the shares leaves the rest as other collateral": (
        [(S, 10)], [loan(ticker=S, quantity=4)], {(S, "financed"): 4, (S, "other"): 6}, [("margin", S, 1000)],
    ),
    "a loan that gives no quantity is on all that is held of its ticker": (
        [(S, 10), (H, 3)], [loan("pledged", S)], {(S, "pledged"): 10, (H, "other"): 3}, [("pledged", S, 1000)],
    ),
    "lots of a ticker count together": (
        [(S, 10), (S, 5)], [loan(ticker=S, quantity=12)], {(S, "financed"): 12, (S, "other"): 3}, [("margin", S, 1000)],
    ),
    "two kinds of loans share a ticker by their quantities": (
        [(S, 10)], [loan(ticker=S, quantity=4), loan("pledged", S, 5)],
        {(S, "financed"): 4, (S, "pledged"): 5, (S, "other"): 1}, [("margin", S, 1000), ("pledged", S, 1000)],
    ),
    "a loan without a quantity takes what those with one leave": (
        [(S, 10)], [loan(ticker=S, quantity=4), loan("stock_loan", S)],
        {(S, "financed"): 4, (S, "stock_loan"): 6}, [("margin", S, 1000), ("stock_loan", S, 1000)],
    ),
    "two loans of one kind without a quantity share the ticker": (
        [(S, 10)], [loan(ticker=S), loan(ticker=S, won=50)], {(S, "financed"): 10},
        [("margin", S, 50), ("margin", S, 1000)],
    ),
    "a margin loan without a ticker is on the only holding": (
        [(S, 6), (S, 4)], [loan()], {(S, "financed"): 10}, [("margin", S, 1000)],
    ),
    "overseas shares do not make the only holding doubtful": (
        [(S, 6), ("NVDA", 4)], [loan()], {(S, "financed"): 6, ("NVDA", "other"): 4}, [("margin", S, 1000)],
    ),
    "an unsettled purchase without a ticker is of the only holding": (
        [(S, 6)], [loan("unsettled")], {(S, "unsettled"): 6}, [("unsettled", S, 1000)],
    ),
    "a pledged loan without a ticker rests on all, chiefly on the most valuable": (
        [(S, 10), (H, 5)], [loan("pledged")], {(S, "pledged"): 10, (H, "pledged"): 5}, [("pledged", H, 1000)],
    ),
    "a pledged loan without a ticker rests on what other loans leave": (
        [(S, 10), (H, 5), (K, 2)], [loan("pledged"), loan(ticker=H), loan("stock_loan", S, 4)],
        {(S, "stock_loan"): 4, (S, "pledged"): 6, (H, "financed"): 5, (K, "pledged"): 2},
        [("margin", H, 1000), ("pledged", S, 1000), ("stock_loan", S, 1000)],
    ),
    "a standing that is said is kept": (
        [(S, 10, ("standing", "financed")), (S, 5)], [loan(ticker=S)],
        {(S, "financed"): 10, (S, "other"): 5}, [("margin", S, 1000)],
    ),
    "a pledged loan without a ticker is on what is said to be pledged": (
        [(S, 10), (H, 5, ("standing", "pledged"))], [loan("pledged")],
        {(S, "other"): 10, (H, "pledged"): 5}, [("pledged", H, 1000)],
    ),
    "a margin loan without a ticker is on the one holding that is said to be financed": (
        [(S, 10), (H, 5, ("standing", "financed"))], [loan()],
        {(S, "other"): 10, (H, "financed"): 5}, [("margin", H, 1000)],
    ),
    "shares at other firms are no collateral": (
        [(S, 10, ("standing", "elsewhere")), (H, 5)], [loan()],
        {(S, "elsewhere"): 10, (H, "financed"): 5}, [("margin", H, 1000)],
    ),
    "a loan beside a holding is a margin loan on its shares": (
        [(S, 10, ("loan", 700)), (S, 3)], [], {(S, "financed"): 10, (S, "other"): 3}, [("margin", S, 700)],
    ),
    "a loan beside a holding is of the kind that its standing says": (
        [(S, 10, ("loan", 700), ("standing", "pledged")), (H, 3, ("loan", 50), ("standing", "unsettled"))], [],
        {(S, "pledged"): 10, (H, "unsettled"): 3}, [("pledged", S, 700), ("unsettled", H, 50)],
    ),
    "loans beside lots of one ticker are on each lot": (
        [(S, 10, ("loan", 700)), (S, 5, ("loan", 300))], [], {(S, "financed"): 15},
        [("margin", S, 300), ("margin", S, 700)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STAND)
def test_loans_that_stand(case: str) -> None:
    holdings, loans, shares, owed = STAND[case]
    assert Laid(shares, owed, {}, []) == laid(holdings, loans)


def fault(row: int, column: str, found: str, allowed: str, table: str = "loans") -> tuple[str, int, str, str, str]:
    return table, row, column, found, allowed


FALL = {
    "a loan on what is not held": (
        [(S, 10)], [loan(ticker=H)], [fault(1, "ticker", "no accepted holding of 000660", NO_COLLATERAL)], {S: 10},
    ),
    "a loan on a ticker of which only other shares are said to be held": (
        [(S, 10, ("standing", "other"))], [loan(ticker=S)],
        [fault(1, "ticker", "no accepted holding of 005930", NO_COLLATERAL)], {S: 10},
    ),
    "loans on more shares than are held fall together": (
        [(S, 10)], [loan(ticker=S, quantity=4), loan("pledged", S, 7)],
        [fault(row, "quantity", "loans on 11 of 10 shares of 005930", ON_SHARES) for row in (1, 2)], {S: 10},
    ),
    "a loan on more shares than are said to be its own": (
        [(S, 10, ("standing", "financed")), (S, 7)], [loan(ticker=S, quantity=12)],
        [fault(1, "quantity", "loans on 12 of 10 shares of 005930", ON_SHARES)], {S: 17},
    ),
    "a loan without a quantity to which those with one leave nothing": (
        [(S, 10)], [loan(ticker=S, quantity=10), loan("pledged", S)],
        [fault(row, "quantity", "loans on 10 of 10 shares of 005930, and a loan without a quantity",
               "every loan must have shares of its own") for row in (1, 2)], {S: 10},
    ),
    "loans of two kinds without quantities on one ticker": (
        [(S, 10)], [loan(ticker=S), loan("pledged", S)],
        [fault(row, "quantity", "no quantity for 005930", SEVERAL) for row in (1, 2)], {S: 10},
    ),
    "a margin loan without a ticker where two things are held": (
        [(S, 10), (H, 1)], [loan()],
        [fault(1, "ticker", "2 holdings that can be",
               "a loan must name its ticker where the account does not hold exactly one that it can be on")],
        {S: 10, H: 1},
    ),
    "a margin loan without a ticker on overseas shares alone": (
        [("NVDA", 10)], [loan()], [fault(1, "ticker", "no holding that it can be on", NO_COLLATERAL)], {"NVDA": 10},
    ),
    "a pledged loan without a ticker where other loans leave nothing": (
        [(S, 10)], [loan("pledged", won=5), loan(ticker=S)],
        [fault(1, "ticker", "no share that is left for it", NO_COLLATERAL)], None,
    ),
    "loans of two kinds on all that is left": (
        [(S, 10)], [loan("stock_loan"), loan("pledged")],
        [fault(row, "ticker", "loans of two kinds without a ticker",
               "loans that name no ticker must be of one kind, for they rest on all that is left of the account")
         for row in (1, 2)], {S: 10},
    ),
    "a loan on overseas shares": (
        [("NVDA", 10)], [loan(ticker="NVDA")],
        [fault(1, "ticker", "NVDA", "a loan must be on shares that the firm can sell here")], {"NVDA": 10},
    ),
    "a loan on what has no price": (
        [(S, 10)], [loan(ticker="999990")],
        [fault(1, "ticker", "999990", "what a loan is on must be an instrument with a price on the book's date")],
        {S: 10},
    ),
    "a stock loan in the broker's pool": (
        [(S, 10)], [loan("stock_loan", S) | {"pool": "broker"}],
        [fault(1, "pool", "broker",
               "margin and pledged loans are in the broker's pool, stock loans of another lender in their own")],
        {S: 10},
    ),
    "a loan that is opened tomorrow": (
        [(S, 10)], [loan(ticker=S) | {"opened": "2025-11-03"}],
        [fault(1, "opened", "2025-11-03", "a loan must be opened on or before 2025-10-31")], {S: 10},
    ),
    "a loan that is due before it was opened": (
        [(S, 10)], [loan(ticker=S) | {"opened": "2025-10-01", "due": "2025-09-30"}],
        [fault(1, "due", "2025-09-30", "a loan must not be due before it was opened")], {S: 10},
    ),
    "a loan that was due": (
        [(S, 10)], [loan(ticker=S) | {"due": "2025-10-31"}],
        [fault(1, "due", "2025-10-31", "a loan must be due after 2025-10-31")], {S: 10},
    ),
    "loans of a pool beyond what sums hold": (
        [(S, 10)], [loan(ticker=S, quantity=5, won=MOST_POOL_WON), loan("pledged", S, 5, won=1)],
        [fault(row, "principal", "50000000001 won", "the loans of an account must be at most 50,000,000,000 won a pool")
         for row in (1, 2)], {S: 10},
    ),
    "a loan beside a holding that is free of loans": (
        [(S, 10, ("loan", 700), ("standing", "other")), (H, 1)], [],
        [fault(1, "standing", "'other'",
               "the standing of a row with a loan must be one of financed, pledged, stock_loan, unsettled, cfd",
               "holdings")], {H: 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FALL)
def test_loans_that_cannot_stand(case: str) -> None:
    holdings, loans, faults, free = FALL[case]
    found = laid(holdings, loans)
    assert faults == found.faults
    if free is None:
        assert [("margin", S, 1000)] == found.loans
    else:
        assert Laid({}, [], free, faults) == found


def test_a_pool_of_exactly_the_largest_size_stands() -> None:
    assert [("margin", S, MOST_POOL_WON)] == laid([(S, 10)], [loan(ticker=S, won=MOST_POOL_WON)]).loans


def test_stock_loans_are_in_a_pool_of_their_own_when_sizes_are_checked() -> None:
    loans = [loan(ticker=S, quantity=5, won=MOST_POOL_WON), loan("stock_loan", S, 5, won=MOST_POOL_WON)]
    assert [] == laid([(S, 10)], loans).faults


def test_a_holding_whose_own_loan_falls_goes_with_its_shares() -> None:
    """Its row is rejected, so its shares secure nothing, are held by nobody, and no other loan may rest on them."""
    holdings = [(S, 10, ("loan", 700)), (H, 5)]
    found = laid(holdings, [loan("pledged", S, 7), loan(ticker=H, won=50)])
    assert Laid({(H, "financed"): 5}, [("margin", H, 50)], {}, found.faults) == found
    assert [("loans", 1, "quantity"), ("holdings", 1, "quantity")] == [each[:3] for each in found.faults]
    only = laid([(S, 10, ("loan", 700)), ("NVDA", 1)], [loan("pledged", S, 7), loan("pledged")])
    assert [("loans", 1), ("loans", 2), ("holdings", 1)] == [each[:2] for each in only.faults]
    assert {"NVDA": 1} == only.free


def test_dates_that_are_left_out_are_tonight_and_the_terms_of_the_law() -> None:
    rows = [{"account": "a", "ticker": S, "quantity": 10}]
    loans = [
        loan(ticker=S, quantity=4),
        loan("unsettled", S, 6),
        loan("unsettled", S, won=5) | {"opened": "2025-10-30"},
    ]
    source = {"holdings": frame(rows), "loans": frame([{"account": "a", **each} for each in loans[:2]])}
    found = book_of(read_tables(source), LAW, ON, None).loans.select("kind", "opened", "due").sort("kind").rows()
    dates = [(KINDS[kind], *map(date.fromordinal, days)) for kind, *days in found]
    # 180 days of margin.term; two sessions to the settlement, the third and fourth of November.
    assert [("margin", ON, date(2026, 4, 29)), ("unsettled", ON, date(2025, 11, 4))] == dates
