"""How far each loan of a coin book is from being closed: the price of one coin, the rest unchanged, that does it."""

from typing import Any

import numpy as np
import polars as pl

from gaemi.book.coin_accounts import CoinBook, loan_debt_won, loan_held_won, lots_won
from gaemi.kernels.coins import CoinTerms
from gaemi.records.coins import OWES_NONE
from gaemi.rules.coin_loan import closing_fall_bps, closing_rise_bps, debt_ratio_bps, is_closed
from gaemi.units import BPS, ceil_div


def loan_frame(made: CoinBook, terms: CoinTerms) -> pl.DataFrame:
    """One row a loan at the book's prices: what is held and owed, the ratio, the coin and price that close it.

    ``move_pct`` is 0 where the loan is at its ratio already and null where no price of a single coin closes it.
    """
    table, group = made.instruments, made.borrowing
    held, debt = loan_held_won(group, table.price), loan_debt_won(group, table.price)
    moving = lots_won(group.quantity[0], table.price[group.instrument[0]])
    rows = []
    for j, loan in enumerate(made.loans.iter_rows(named=True)):
        closes = int(terms.close_bps[group.lender[j]])
        parts = (int(held[j]), int(moving[j]), int(debt[j]), int(group.owed_won[j]))
        coin, level = _level(made, j, parts, closes)
        price = None if coin is None else float(table.price_won[coin])
        at = is_closed(int(debt[j]), int(held[j]), closes)
        ratio = debt_ratio_bps(int(debt[j]), int(held[j])) / 100 if held[j] > 0 else None
        rows.append(
            {
                "account": loan["account"],
                "opened": loan["opened"],
                "lender": made.lender_words[group.lender[j]],
                "held": _side(made, j, held=True),
                "held_won": int(held[j]),
                "owed": _side(made, j, held=False),
                "debt_won": int(debt[j]),
                "ratio_pct": ratio,
                "closed_at_pct": closes / 100,
                "coin": None if coin is None else table.symbols[coin],
                "price_won": price,
                "closing_price_won": None if level is None or price is None else price * level / BPS,
                "move_pct": 0.0 if at else None if level is None else 100 * (level / BPS - 1),
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


SCHEMA: dict[str, Any] = {
    **{"account": pl.String, "opened": pl.Date, "lender": pl.String, "held": pl.String, "held_won": pl.Int64},
    **{"owed": pl.String, "debt_won": pl.Int64, "ratio_pct": pl.Float64, "closed_at_pct": pl.Float64},
    **{"coin": pl.String, "price_won": pl.Float64, "closing_price_won": pl.Float64, "move_pct": pl.Float64},
}


def _level(made: CoinBook, j: int, won: tuple[int, int, int, int], closes_bps: int) -> tuple[int | None, int | None]:
    """The coin whose price closes loan ``j``, and at which level of today's, in bps.

    It is the coin held where won or a coin that stands still is owed, and else the coin owed, which rises.
    """
    held_won, moving_won, debt_won, owed_won = won
    group, beta = made.borrowing, made.instruments.beta
    coin, owed = int(group.instrument[0, j]), int(group.owed[j])
    if owed == OWES_NONE or (beta[owed] == 0.0 and moving_won > 0 and owed != coin):
        if moving_won <= 0:
            return None, None
        level = closing_fall_bps(moving_won, held_won - moving_won, debt_won, closes_bps)
        return coin, level if level > 0 else None
    if owed == coin and moving_won > 0:
        # Both sides move together, and the ratio lives on the won in the account.
        net = BPS * (debt_won - owed_won) - closes_bps * moving_won
        fixed = closes_bps * (held_won - moving_won) - BPS * owed_won
        return owed, ceil_div(fixed * BPS, net) if net > 0 and fixed > 0 else None
    rising = debt_won - owed_won
    return owed, closing_rise_bps(held_won, rising, closes_bps) if rising > 0 else None


def _side(made: CoinBook, j: int, held: bool) -> str:
    """What a loan account holds, or owes, in words: ``BTC``, ``BTC and won``, ``won``."""
    group, symbols = made.borrowing, made.instruments.symbols
    lots = group.quantity[0, j] if held else group.owed_lots[j]
    won = group.cash_won[j] if held else group.owed_won[j]
    coin = symbols[int(group.instrument[0, j] if held else group.owed[j])] if lots > 0 else None
    return " and ".join(part for part in (coin, "won" if won > 0 else None) if part) or "nothing"


def nearest_rows(frame: pl.DataFrame, count: int) -> list[dict[str, Any]]:
    """The loans nearest to being closed, the larger debt first where two are as near."""
    near = frame.drop_nulls("move_pct").with_columns(pl.col("move_pct").abs().alias("away"))
    kept = near.sort("away", "debt_won", "account", descending=[False, True, False]).head(count)
    return list(kept.drop("away").with_columns(pl.col("opened").cast(pl.String)).iter_rows(named=True))


def within_won(frame: pl.DataFrame, pct: float) -> int:
    """Debt of loans that a move of their coin by so much or less closes, in won."""
    return int(frame.filter(pl.col("move_pct").abs() <= pct)["debt_won"].sum())


def largest_row_won(made: CoinBook) -> np.ndarray:
    """int64 [coin]: the largest holding, collateral or debt of each coin, in won."""
    found = np.zeros(len(made.instruments.ticker), np.int64)
    group = made.borrowing
    owes = group.owed_lots > 0
    for row, lots in (
        (made.coins["coin_row"].to_numpy(), made.coins["lots"].to_numpy()),
        (group.instrument[0].astype(np.int64), group.quantity[0]),
        (group.owed[owes].astype(np.int64), group.owed_lots[owes]),
    ):
        np.maximum.at(found, row, lots_won(lots, made.instruments.price[row]))
    return found
