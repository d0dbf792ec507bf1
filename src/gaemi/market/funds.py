"""Funds: net asset value follows the index by law, and the close brings what they must trade."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from gaemi.law.lawbook import LawBook
from gaemi.records.columns import Board, Instruments, Kind
from gaemi.rules.funds import carry_a_session, rebalancing_order, value_step


@dataclass(frozen=True, slots=True)
class FundTerms:
    """Terms of one fund on a date."""

    leverage: float
    fee_bps: int
    financing_bps: int


def terms(book: LawBook, ticker: str, dollar: bool, on: date) -> FundTerms:
    """Leverage, fee and financing of a fund by the law of a date; a fund the law does not name follows 1 to 1."""
    fee = _known(book, "funds.fee", ticker, on)
    leverage = _known(book, "funds.leverage", ticker, on)
    rate = book.value("funds.financing", on, "dollar" if dollar else "won")
    return FundTerms(1.0 if leverage is None else float(leverage), int(fee or 0), int(rate))


def _known(book: LawBook, path: str, ticker: str, on: date) -> float | None:
    value = book.value(path, on)
    return value.get(ticker) if isinstance(value, Mapping) else None


@dataclass(slots=True)
class Funds:
    """All funds of a run: rows in the instruments table, what each follows, value a unit, won of assets and exposure.

    ``board`` is the board whose names a fund trades, ``under`` the row of the instrument it follows; -1 for neither.
    """

    rows: np.ndarray
    board: np.ndarray
    under: np.ndarray
    nav: np.ndarray
    assets_won: np.ndarray
    exposure_won: np.ndarray

    @classmethod
    def at_start(cls, instruments: Instruments, leverage: dict[int, float], unit: np.ndarray) -> "Funds":
        rows = np.flatnonzero(instruments.kind == Kind.FUND)
        assets = instruments.issued[rows].astype(np.float64) * unit[rows] / 1024.0
        times = np.array([leverage[int(row)] for row in rows])
        board = instruments.underlying_board[rows].astype(np.int64)
        local = np.where((board == Board.KOSPI) | (board == Board.KOSDAQ), board, -1)
        value = instruments.price[rows].astype(np.float64)
        return cls(rows, local, instruments.underlying_row[rows], value, assets, assets * times)

    def stepped(self, returns: np.ndarray, law: list[FundTerms]) -> "Funds":
        """The funds after their index returned ``returns`` (float64[fund]), before they rebalance."""
        nav = self.nav.copy()
        assets = self.assets_won.copy()
        exposure = self.exposure_won * (1.0 + returns)
        for i, fund in enumerate(law):
            if self.nav[i] <= 0.0:
                continue
            times = self.exposure_won[i] / self.assets_won[i]
            carry = carry_a_session(times, fund.financing_bps, fund.fee_bps, 0)
            nav[i] = value_step(self.nav[i], returns[i], times, carry)
            assets[i] = self.assets_won[i] * nav[i] / self.nav[i]
        return replace(self, nav=nav, assets_won=assets, exposure_won=exposure)

    def orders_won(self, returns: np.ndarray, law: list[FundTerms]) -> np.ndarray:
        """Won of a board's names that each fund buys at the close (negative: sells) when its index returned so much."""
        orders = np.zeros(self.rows.size)
        for i in np.flatnonzero(self.board >= 0):
            fund = law[i]
            order = rebalancing_order(fund.leverage, self.assets_won[i], returns[i], 0.0)
            # What a session that closed early left undone moved with the index and is traded now.
            drift = fund.leverage * self.assets_won[i] - self.exposure_won[i]
            orders[i] = order + drift * (1.0 + returns[i] - fund.leverage * returns[i])
        return orders

    def rebalanced(self, law: list[FundTerms]) -> "Funds":
        times = np.array([fund.leverage for fund in law])
        return replace(self, exposure_won=self.assets_won * times)
