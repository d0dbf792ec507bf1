"""Loan accounts of the services that lend coins. No balance is published, so there are none unless somebody asks.

Who borrows, against how much and what for are assumptions of coin_loan.yaml with their ranges. Some hold coins that
they bought with the loan and owe dollar coins (won, where loans may be settled in won); the others have sold the coins
that they owe, and fear a rise.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np

from gaemi.chance import COIN_LOAN, exp, normal_quantile, words_in_rows
from gaemi.kernels._compile import compiled
from gaemi.kernels.coin_build import person_of
from gaemi.law.lawbook import LawBook
from gaemi.people.coin_accounts import CoinBuilder, setting_of
from gaemi.records.coins import COIN_AGE_BANDS, COIN_SIZE_EDGES_WON, CoinBorrowing, CoinInstruments, coin_loans
from gaemi.rules.coin_loan import largest_loan_won
from gaemi.rules.coins import coin_won, lots_of
from gaemi.units import BPS

DOLLAR_COIN = "USDT"
_POINTS = 1_024
_WORDS = 4294967296.0


def coin_borrowers(
    book: LawBook, on: date, instruments: CoinInstruments, scale: int = 1, seed: int = 0,
    borrowers: Mapping[str, int] | None = None,
) -> list[CoinBorrowing]:  # fmt: skip
    """Loan accounts opened on the date under its terms; one group, or none where nobody borrows.

    ``borrowers`` are persons by class of lender, else those of coin_loan.borrowers: none by default. With ``scale`` k
    one row stands for k of them. Raises Refused before the first survey of accounts.
    """
    lenders = book.keys("coin_lender")
    wanted = {key: int(book.value("coin_loan.borrowers", on, key)) for key in lenders}
    counts = [(wanted if borrowers is None else borrowers).get(key, 0) // scale for key in lenders]
    if not sum(counts):
        return []
    group = coin_loans(sum(counts))
    numbers = CoinBuilder(setting_of(book, on, instruments, scale, seed)).plan.numbers
    first = 0
    for place, (lender, count) in enumerate(zip(lenders, counts, strict=True)):
        rows = slice(first, first + count)
        words = np.zeros((4, count), dtype=np.uint32)
        compiled(words_in_rows)(seed, 0, COIN_LOAN, 0, place, words)
        group.lender[rows] = place
        group.opened[rows] = on.toordinal()
        group.age[rows] = _drawn([book.value("coins.age_bands", on, band) for band in COIN_AGE_BANDS], words[2])
        _lend(book, on, lender, instruments, words, CoinBorrowing(*(column[..., rows] for column in group)))
        first += count
    spread = numbers.accounts // group.investor.size
    group.investor[:] = [person_of(numbers, number * max(1, spread)) for number in range(group.investor.size)]
    return [group]


def _lend(
    book: LawBook, on: date, lender: str, instruments: CoinInstruments, words: np.ndarray, rows: CoinBorrowing
) -> None:
    """Collateral, loan and what it was used for, row by row."""

    def terms(name: str) -> int:
        return int(book.value(f"coin_loan.{name}", on, lender))

    table = _lognormal(float(book.value("coin_loan.collateral_dispersion", on)))
    places = (words[0].astype(np.float64) + 0.5) / _WORDS * (table.size - 1)
    collateral = np.floor(terms("mean_collateral") * np.interp(places, np.arange(table.size), table)).astype(np.int64)
    floor = max(0, 2 * terms("use_share") - BPS)
    use = floor + ((BPS - floor) * (words[1].astype(np.int64) & 0xFFFF) >> 16)
    limit, customer = terms("loan_limit"), terms("customer_limit_experienced")
    most = np.array([largest_loan_won(int(own), limit, customer) for own in collateral], dtype=np.int64)
    loan = most * use // BPS
    bought = (words[3].astype(np.int64) >> 16) * BPS >> 16 < terms("bought_share")
    coin = _drawn([float(turnover) for turnover in instruments.turnover_won], words[3] << np.uint32(16))
    dollar = instruments.symbols.index(DOLLAR_COIN) if DOLLAR_COIN in instruments.symbols else -1
    in_won = bool(book.value("coin_loan.won_settled", on)) or dollar < 0
    stays = bool(book.value("coin_loan.holds_the_loan", on, lender))
    for j in range(collateral.size):
        held = int(collateral[j]) + (int(loan[j]) if stays else 0)
        rows.instrument[0, j] = coin[j]
        if bought[j]:
            unit = int(instruments.price[coin[j]])
            rows.quantity[0, j] = lots_of(held, unit)
            rows.cash_won[j] = held - coin_won(int(rows.quantity[0, j]), unit)
            if in_won:
                rows.owed_won[j] = loan[j]
                continue
        else:
            rows.cash_won[j] = held
        owed = dollar if bought[j] else int(coin[j])
        rows.owed[j] = owed
        rows.owed_lots[j] = lots_of(int(loan[j]), int(instruments.price[owed]))
    rows.size[:] = np.searchsorted(np.array(COIN_SIZE_EDGES_WON), collateral, side="right")


def _lognormal(dispersion: float) -> np.ndarray:
    """Quantiles of a log-normal law of mean 1 on an even grid of probabilities: float64 [point]."""
    values = [exp(dispersion * normal_quantile((point + 0.5) / _POINTS)) for point in range(_POINTS)]
    return np.array(values) / (sum(values) / _POINTS)


def _drawn(weights: list[float], words: np.ndarray) -> np.ndarray:
    """The class that each word falls into: int64 [row]."""
    ends = np.cumsum(np.array(weights, dtype=np.float64))
    return np.minimum(np.searchsorted(ends / ends[-1] * _WORDS, words, side="right"), ends.size - 1)
