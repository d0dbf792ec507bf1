"""A book concentrated in a few names: the loans of the country's borrowers, on names of the user's choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from gaemi.book.crowd import lot_slots, luck
from gaemi.chance import SAMPLE
from gaemi.days import session_on_or_before, sessions_between
from gaemi.errors import Fault, Refused, closest
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import SHIPPED_ON, Row, shipped_rows
from gaemi.people.state import STATE_DATE
from gaemi.records.columns import Board, Borrowing, Kind, LoanKind, Standing
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.sources.tickers import INDICES, KOREAN_CODE, canonical

MEASURED_SESSIONS = 60
"""Sessions to the date over which volume and volatility of a name are taken."""

_SEARCHED_DAYS = 200
_WHICH_NAME = 3  # a day of SAMPLE, apart from those of book.crowd


@dataclass(frozen=True, slots=True)
class Concentration:
    """The names of a concentrated book on a date.

    ``quotes`` are rows of the table of instruments, the ``names`` first, then other shares; ``closes`` are closes of
    the date by ticker, indices included where they are known.
    """

    names: tuple[str, ...]
    on: date
    quotes: tuple[dict[str, Any], ...]
    closes: dict[str, float]


def concentration(names: Sequence[str], book: LawBook, on: date | None, prices: Any) -> Concentration:
    """The names with their closes, volume and volatility on the date. Raises Refused for every name without them."""
    wanted = tuple(canonical(name) for name in names)
    faults = [
        Fault("--names", f"'{name}'", "must be given once") for name in dict.fromkeys(wanted) if wanted.count(name) > 1
    ]
    history = None if prices is None else read_prices(prices)
    found = _recorded(wanted, book, on, history, faults) if history else _shipped(wanted, on, faults)
    if faults:
        raise Refused(faults)
    return found


def _shipped(wanted: tuple[str, ...], on: date | None, faults: list[Fault]) -> Concentration:
    rows = {row.ticker: row for row in shipped_rows() if _may_be_lent_on(row)}
    if on not in (None, SHIPPED_ON):
        help = "give --prices of that date"
        faults.append(Fault("--on", str(on), f"prices ship for {SHIPPED_ON} only", help))
    for name in wanted:
        if name not in rows:
            help = closest(name, rows) or "give --prices with its closes"
            faults.append(Fault("--names", f"'{name}'", "must be a Korean share that is shipped and trades", help))
    quotes = {
        row.ticker: {
            "price": float(row.price),
            "volume": row.turnover_won // row.price,
            "volatility": round(row.volatility * 100, 4),
            "issued": row.issued,
        }
        for row in rows.values()
    }
    return _concentration(wanted, SHIPPED_ON, quotes, {})


def _recorded(
    wanted: tuple[str, ...], book: LawBook, on: date | None, history: PriceHistory, faults: list[Fault]
) -> Concentration:
    day = on or history.dates[-1]
    if day < book.begins:
        faults.append(Fault("--on", str(day), f"the law begins on {book.begins}", "give that day or a later one"))
    quotes: dict[str, dict[str, Any]] = {}
    for name in wanted:
        if KOREAN_CODE.fullmatch(name) is None or name not in history.tickers:
            help = closest(name, history.tickers)
            faults.append(Fault("--names", f"'{name}'", "must be the code of a Korean share in the prices", help))
            continue
        try:
            quotes[name] = _measured(history, name, day)
        except Refused as refused:
            faults += refused.faults
    for row in shipped_rows():
        if row.ticker in history.tickers and row.ticker not in quotes and _may_be_lent_on(row):
            try:
                quotes[row.ticker] = _measured(history, row.ticker, day)
            except Refused:
                continue  # nobody asked for it: a share without a whole record is not among the others
    indices = {name: history.close_on(name, day) for name in INDICES if name in history.tickers}
    return _concentration(wanted, day, quotes, {name: close for name, close in indices.items() if close is not None})


def _may_be_lent_on(row: Row) -> bool:
    return row.board != Board.US and row.kind == Kind.STOCK and not row.halted


def _measured(history: PriceHistory, name: str, on: date) -> dict[str, Any]:
    """Close, mean volume and volatility in per cent a day of the sessions to the date. Raises Refused for a gap."""
    past = sessions_between(on - timedelta(days=_SEARCHED_DAYS), on)[-MEASURED_SESSIONS - 1 :]
    window = history.view([name], past[0], on, past if on == past[-1] else (*past[1:], on))
    close, volume = window.close[:, 0], window.volume[1:, 0]
    returns = np.log(close[1:] / close[:-1])
    quote: dict[str, Any] = {"price": float(close[-1]), "volatility": round(float(returns.std(ddof=1)) * 100, 4)}
    if not np.isnan(volume).any():
        quote["volume"] = round(float(volume.mean()))
    return quote


def _concentration(
    wanted: tuple[str, ...], on: date, measured: dict[str, dict[str, Any]], indices: dict[str, float]
) -> Concentration:
    """The names first, then the others in order of ticker; what is shipped of them beside what was measured."""
    rows = {row.ticker: row for row in shipped_rows()}
    order = [name for name in wanted if name in measured] + sorted(set(measured) - set(wanted))
    quotes = []
    for ticker in order:
        quote: dict[str, Any] = {"ticker": ticker, "kind": "stock", "halted": 0, "currency": "KRW"} | measured[ticker]
        if ticker in rows:
            row = rows[ticker]
            quote |= {"name": row.name, "board": row.board.name, "group": str(row.group + 1)}
        quotes.append(quote)
    closes: dict[str, float] = {quote["ticker"]: quote["price"] for quote in quotes}
    closes |= indices
    return Concentration(wanted, on, tuple(quotes), closes)


def concentrated(groups: Sequence[Borrowing], units: np.ndarray, chosen: Concentration, seed: int) -> list[Borrowing]:
    """The borrowing accounts with other instruments: rows of ``chosen.quotes``, each holding at least as many won.

    ``units`` are 1024ths of a won that a unit of the present instruments is worth. A loan goes to one of the names,
    drawn with equal odds; the second loan of an account on another share to the next one. Other collateral goes to
    other shares, then to names that no loan of the account is on, each once; what is left over is added to these. What
    stood elsewhere is left out. Dates are moved by the days between the states.
    """
    price = np.array([round(quote["price"]) for quote in chosen.quotes], dtype=np.int64)
    return [_moved(_on_names(group, units, price, len(chosen.names), seed), chosen.on) for group in groups]


def _on_names(group: Borrowing, units: np.ndarray, price: np.ndarray, names: int, seed: int) -> Borrowing:
    first, second, *_ = luck(seed, SAMPLE, _WHICH_NAME, group.investor)
    columns, others = np.arange(group.investor.size), price.size - names
    name = (first * names) >> 32
    won = (group.quantity * units[group.instrument] + 512) >> 10
    lot, other_lot = lot_slots(group, 0), lot_slots(group, 1)
    two = (group.loan_kind[1] != LoanKind.NONE) & (lot != other_lot)
    apart = two & (names > 1)
    if names == 1:  # one lot for both loans
        won[lot[two], two] += won[other_lot[two], two]
    taken = (group.standing != Standing.ELSEWHERE) & (group.quantity > 0)
    taken[lot, columns] = taken[other_lot[two], two] = False
    rank = np.cumsum(taken, axis=0) - 1
    _fold(won, taken, rank, others + names - 1 - apart, lot)
    row = np.full(taken.shape, -1, dtype=np.int64)
    for s in range(taken.shape[0]):
        among = names + (((second * others) >> 32) + rank[s]) % max(others, 1)
        beyond = (name + apart + 1 + rank[s] - others) % names
        row[s] = np.where(taken[s], np.where(rank[s] < others, among, beyond), -1)
    row[lot, columns] = name
    row[other_lot[apart], apart] = (name[apart] + 1) % names
    held = row >= 0
    row = np.where(held, row, 0)
    quantity = np.where(held, np.maximum(1, -(-won // price[row])), 0)
    assert (quantity < 2**31).all(), "a quantity has 32 bits"
    return group._replace(
        instrument=row.astype(np.uint16),
        quantity=quantity.astype(np.int32),
        standing=np.where(held, group.standing, Standing.ELSEWHERE).astype(np.uint8),
        financed=np.stack([name, np.where(apart, (name + 1) % names, name)]).astype(np.uint16),
    )


def _fold(won: np.ndarray, taken: np.ndarray, rank: np.ndarray, room: np.ndarray, lot: np.ndarray) -> None:
    """Add the won of other collateral that finds no instrument of its own to that which does, in turn.

    ``room`` is the number of instruments left for the others of each account; where there is none, the loan's lot
    takes the won.
    """
    of_rank = {r: (taken & (rank == r)).argmax(axis=0) for r in range(int(room.max()))}
    for s in range(taken.shape[0]):
        for account in np.flatnonzero(taken[s] & (rank[s] >= room)):
            left = int(room[account])
            target = of_rank[int(rank[s, account]) % left][account] if left else lot[account]
            won[target, account] += won[s, account]
            taken[s, account] = False


def _moved(group: Borrowing, on: date) -> Borrowing:
    """The group with its dates as many days from ``on`` as they were from the state's date; openings on sessions."""
    days = (on - STATE_DATE).days
    if not days:
        return group
    opened = group.opened + np.int32(days)
    for ordinal in np.unique(opened[group.loan_kind != LoanKind.NONE]):
        opened[opened == ordinal] = session_on_or_before(date.fromordinal(int(ordinal))).toordinal()
    return group._replace(opened=opened, due=group.due + np.int32(days))
