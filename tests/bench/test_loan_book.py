"""The loan book under common falls: everybody finds the same accounts and the same won, to the won."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench import book as benched
from bench.book_in_polars import PolarsBook
from bench.loan_book import FALLS_BPS, Answer, LoanBook, Revalued, Tables, loan_book, tables_of
from gaemi.records.book import LOAN_KINDS
from gaemi.records.columns import LoanKind, Standing
from gaemi.units import BPS
from gaemi.workers import LocalWorkers

ON = date(2025, 10, 31)
ACCOUNTS = 400
INSTRUMENTS = {
    "ticker": ["005930", "000660", "035420", "005380", "086520", "247540", "TSLA"],
    "board": ["KOSPI", "KOSPI", "KOSPI", "KOSPI", "KOSDAQ", "KOSDAQ", "US"],
    "price": [107_500.0, 559_000.0, 266_501.0, 290_003.0, 89_900.0, 7.0, 456.56],
    "substitute": [80, 70, 70, 65, 50, 33, None],
    "halted": [0, 0, 0, 0, 0, 1, 0],
}
FOREIGN = 6
FIRMS = ("standard", "banded", "lower_limit", "two_stage", "")


def write_book(folder: Path) -> None:
    """Accounts of every firm class with cash, loans of every kind, and shares abroad and of a halted name."""
    random = np.random.default_rng(7)
    ids = [f"A{number:04d}" for number in range(ACCOUNTS)]
    firms = [FIRMS[random.integers(len(FIRMS))] or None for _ in ids]
    pl.DataFrame({"account": ids, "cash": random.integers(0, 3_000_001, ACCOUNTS), "firm": firms}).write_parquet(
        folder / "accounts.parquet"
    )
    holdings, loans = [], []
    for account in ids:
        for name in random.permutation(len(INSTRUMENTS["ticker"]))[: random.integers(1, 6)].tolist():
            ticker, quantity = INSTRUMENTS["ticker"][name], int(random.integers(1, 300))
            holdings.append((account, ticker, quantity))
            if name != FOREIGN and random.random() < 0.5:
                part = int(random.integers(1, quantity + 1))
                share = random.uniform(0.2, 1.0)
                principal = max(1, int(part * INSTRUMENTS["price"][name] * share))  # type: ignore[operator]
                loans.append((account, LOAN_KINDS[random.integers(len(LOAN_KINDS))], ticker, part, principal))
    columns = ["account", "ticker", "quantity"]
    pl.DataFrame(holdings, schema=columns, orient="row").write_parquet(folder / "holdings.parquet")
    columns = ["account", "kind", "ticker", "quantity", "principal"]
    pl.DataFrame(loans, schema=columns, orient="row").write_parquet(folder / "loans.parquet")
    pl.DataFrame(INSTRUMENTS).write_parquet(folder / "instruments.parquet")
    closes = {"date": [ON, ON], "ticker": ["KOSPI", "KOSDAQ"], "close": [4_107.5, 900.42]}
    pl.DataFrame(closes).write_parquet(folder / "prices.parquet")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> LoanBook:
    folder = tmp_path_factory.mktemp("book")
    write_book(folder)
    return loan_book(folder)


@pytest.fixture(scope="module")
def tables(book: LoanBook) -> Tables:
    return tables_of(book)


@pytest.fixture(scope="module")
def wanted(book: LoanBook) -> Answer:
    with LocalWorkers(1) as workers:
        ours = Revalued(book, workers)
        ours()
    return ours.answer()


def found_by(way: object) -> Answer:
    way()  # type: ignore[operator]
    return way.answer()  # type: ignore[attr-defined, no-any-return]


def by_hand(t: Tables, left_bps: int) -> tuple[int, int]:
    """Accounts under maintenance and won they lack, a row at a time."""
    needed, value = dict.fromkeys(t.accounts["account"].tolist(), 0), {}
    maintenance = t.firms["maintenance"].tolist()
    firm = dict(zip(t.accounts["account"].tolist(), t.accounts["firm"].tolist(), strict=True))
    for account, cash in zip(t.accounts["account"].tolist(), t.accounts["cash"].tolist(), strict=True):
        value[account] = cash * t.cash_rate_bps // BPS
    for account, kind, principal in zip(*(column.tolist() for column in t.loans.values()), strict=True):
        if kind in (LoanKind.MARGIN, LoanKind.PLEDGED):
            needed[account] += principal * maintenance[firm[account]]
    for account, name, standing, quantity in zip(*(column.tolist() for column in t.holdings.values()), strict=True):
        if standing not in (Standing.FINANCED, Standing.PLEDGED, Standing.OTHER) or not t.instruments["domestic"][name]:
            continue
        rate = t.instruments["substitute"][name] if standing == Standing.OTHER else t.financed_rate_bps
        rate = t.halted_rate_bps if t.instruments["halted"][name] else rate
        value[account] += quantity * (int(t.instruments["price"][name]) * left_bps // BPS) * int(rate) // BPS
    lacking = [needed[account] - BPS * value[account] for account in needed if needed[account] > BPS * value[account]]
    return len(lacking), sum(-(-won // BPS) for won in lacking)


def test_the_book_has_loans_of_every_kind_and_holdings_of_every_standing(tables: Tables) -> None:
    kinds, standings = set(tables.loans["kind"].tolist()), set(tables.holdings["standing"].tolist())
    assert {int(kind) for kind in LoanKind if kind != LoanKind.NONE} == kinds
    assert {int(each) for each in Standing if each != Standing.ELSEWHERE} == standings - {int(Standing.ELSEWHERE)}
    assert {0, 1} == set(tables.instruments["domestic"].tolist()) == set(tables.instruments["halted"].tolist())
    assert set(range(5)) == set(tables.accounts["firm"].tolist())


def test_we_find_what_a_row_at_a_time_finds(tables: Tables, wanted: Answer) -> None:
    assert tuple(by_hand(tables, BPS - fall) for fall in FALLS_BPS) == wanted
    assert wanted[0][0] < wanted[-1][0]


def test_polars_finds_what_we_find(tables: Tables, wanted: Answer) -> None:
    assert [wanted] * 2 == [found_by(PolarsBook(tables, wide)) for wide in (False, True)]


def test_duckdb_finds_what_we_find(tables: Tables, wanted: Answer) -> None:
    pytest.importorskip("duckdb")
    from bench.book_in_duckdb import DuckdbBook

    assert [wanted] * 2 == [found_by(DuckdbBook(tables, 1, wide)) for wide in (False, True)]


def test_a_peer_that_finds_another_number_stops_the_bench(book: LoanBook, monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        def __call__(self) -> None: ...

        def answer(self) -> Answer:
            return ((0, 1),)

    monkeypatch.setattr(benched, "peers", lambda _: [benched.Peer("somebody", Other, slow=False)])
    with pytest.raises(benched.Disagree, match="somebody found"):
        list(benched.revaluations(book, 1, False, lambda _: None))
