"""How far each position of a venue is from its liquidation, for a person to read: prices in floats.

The price of liquidation of one position takes all others of its account at the mark; where all move together, accounts
on shared margin are closed sooner. What a common move does is run, not read from here.
"""

import numpy as np
import polars as pl

from gaemi.book.venue_accounts import VenueBook
from gaemi.kernels.venue import VenueTerms
from gaemi.records.positions import MICRO
from gaemi.rules.perpetual import E6, backing, bankruptcy_price, liquidation_price


def position_frame(made: VenueBook, terms: VenueTerms) -> pl.DataFrame:
    """One row a position: account, ticker, side, size, value, mark, liquidation and bankruptcy price, distance.

    ``liquidation`` is null where no price closes the position. ``distance_pct`` is the move of the contract that
    closes it: below 0 for a long position, above for a short one, 0 where it is under maintenance already.
    """
    frame, accounts = made.frame, made.accounts
    where = (frame["slot"].to_numpy(), frame["at"].to_numpy())
    contract, side = frame["contract"].to_numpy(), frame["side"].to_numpy()
    mark = made.mark_micro[contract] / made.coins_a_lot[contract] / MICRO
    size = np.abs(accounts.lots[where]) * made.coins_a_lot[contract]
    entry = np.abs(accounts.entry_value_micro[where]) / MICRO / size
    backed = _backing(made, terms, contract, where)
    liquidation = _liquidation(backed, side, size, entry, contract, terms)
    bankrupt = bankruptcy_price(backed, side, size, entry)  # type: ignore[arg-type]
    distance = 100 * (liquidation / mark - 1)
    under = np.where(side > 0, liquidation > mark, liquidation < mark)
    distance = np.where(under, 0.0, distance)
    return frame.select("account", pl.col("symbol").alias("ticker"), "isolated").with_columns(
        pl.Series("side", np.where(side > 0, "long", "short")),
        pl.Series("size", size),
        pl.Series("entry", entry),
        pl.Series("value", size * mark),
        pl.Series("mark", mark),
        pl.Series("backing", backed),
        pl.Series("liquidation", np.where(liquidation > 0, liquidation, np.nan)).fill_nan(None),
        pl.Series("bankruptcy", np.where(bankrupt > 0, bankrupt, np.nan)).fill_nan(None),
        pl.Series("distance_pct", np.where(liquidation > 0, distance, np.nan)).fill_nan(None),
    )


def _backing(made: VenueBook, terms: VenueTerms, contract: np.ndarray, where: tuple[np.ndarray, ...]) -> np.ndarray:
    """What backs each position: its own margin, or the shared wallet less what the account's others need and lost."""
    accounts, frame = made.accounts, made.frame
    isolated, at = frame["isolated"].to_numpy(), frame["at"].to_numpy()
    value = accounts.lots[where] * made.mark_micro[contract]
    profit = np.where(isolated, 0, value - accounts.entry_value_micro[where])
    needed = np.where(isolated, 0.0, _maintenance(np.abs(value), contract, terms))
    of_account = [np.bincount(at, weights=each, minlength=len(made.names))[at] for each in (needed, profit)]
    wallet = accounts.wallet_micro[at]
    shared = backing(wallet, of_account[0] - needed, of_account[1] - profit)
    found: np.ndarray = np.where(isolated, accounts.margin_micro[where], shared) / MICRO
    return found


def _maintenance(value: np.ndarray, contract: np.ndarray, terms: VenueTerms) -> np.ndarray:
    """float64 [position] in micro: as the kernel's, but for its rounding up. Tiers are never falling lines."""
    lines = value[:, None] * (terms.rates_e6[contract] / E6) - terms.amounts_micro[contract]
    found: np.ndarray = lines.max(axis=1)
    return found


def _liquidation(
    backed: np.ndarray, side: np.ndarray, size: np.ndarray, entry: np.ndarray, contract: np.ndarray, terms: VenueTerms
) -> np.ndarray:
    """The extreme of the tiers' prices, as :func:`gaemi.rules.perpetual.tiered_liquidation_price` has it."""
    found = np.full(len(side), -np.inf)
    for tier in range(terms.rates_e6.shape[1]):
        rate, amount = terms.rates_e6[contract, tier] / E6, terms.amounts_micro[contract, tier] / MICRO
        price = liquidation_price(backed, side, size, entry, rate, amount)  # type: ignore[arg-type]
        found = np.where(np.isneginf(found), price, np.where(side * price > side * found, price, found))
    return found
