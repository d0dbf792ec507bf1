"""The accounts of an example book in order, and the rows of its tables that some of them make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gaemi.chance import FIRM, ORDER, SAMPLE, words
from gaemi.records.book import MOST_SHARES
from gaemi.records.columns import Borrowing, LoanKind, Plain, Standing
from gaemi.units import BPS

FIRST_ID, ID_DIGITS = "A", 8
SEEN_HERE = 7
"""Of sixteen holdings of an investor so many stand in the account, at least one in all: an assumption. 5.79 domestic
names a head and the foreign ones then make about 2.9 holdings an account; an investor has accounts at several firms."""

_SIXTEENTH_BITS = 4
_A_WORD = 32 // _SIXTEENTH_BITS
_AT_A_TIME = 1 << 16
_INVESTOR_BITS = 31  # a number of an investor, beside a word of luck in a whole number of 64 bits
_WHICH_HOLDINGS, _WHICH_ONE = 1, 2  # days of SAMPLE, so that it is not the luck of who is kept in a sample


@dataclass(frozen=True, slots=True)
class Crowd:
    """Accounts in order: ``group`` and ``row`` say where each stands among the plain and then the borrowing groups.

    ``abroad`` says which instruments are foreign: bool [instrument]; ``firm_upper`` are the upper ends of the shares
    of the firm classes in bps.
    """

    groups: tuple[Plain | Borrowing, ...]
    group: np.ndarray
    row: np.ndarray
    abroad: np.ndarray
    firm_upper: np.ndarray
    seed: int

    @property
    def size(self) -> int:
        return int(self.row.size)


class Lines(NamedTuple):
    """Rows of the three tables. Accounts: cash_won, firm, age. Loans: borrower (place of its account) to due.
    Holdings: holder (place of its account), instrument, quantity."""

    cash_won: np.ndarray
    firm: np.ndarray
    age: np.ndarray
    borrower: np.ndarray
    principal_won: np.ndarray
    loan_kind: np.ndarray
    financed: np.ndarray
    lot: np.ndarray
    opened: np.ndarray
    due: np.ndarray
    holder: np.ndarray
    instrument: np.ndarray
    quantity: np.ndarray


def crowd_of(
    plain: Sequence[Plain], borrowing: Sequence[Borrowing], abroad: np.ndarray, firm_upper: np.ndarray,
    count: int, seed: int,
) -> Crowd:  # fmt: skip
    """The first ``count`` accounts of the groups in an order of chance that belongs to the investors."""
    groups: tuple[Plain | Borrowing, ...] = (*plain, *borrowing)
    order = np.concatenate([each.investor.astype(np.int64) for each in groups])
    assert order.size >= count, "there are investors enough"
    group = np.zeros(int(order.max()) + 1, dtype=np.uint8)
    row = np.zeros(group.size, dtype=np.uint32)
    for code, each in enumerate(groups):
        group[each.investor] = code
        row[each.investor] = np.arange(each.investor.size)
    for low in range(0, order.size, _AT_A_TIME):
        part = order[low : low + _AT_A_TIME]
        part += luck(seed, ORDER, 0, part)[0] << _INVESTOR_BITS
    order.sort()
    chosen = order[:count] & ((1 << _INVESTOR_BITS) - 1)
    return Crowd(groups, group[chosen], row[chosen], abroad, firm_upper, seed)


def luck(seed: int, purpose: int, day: int, investors: Any) -> Any:
    """Four 32-bit words of each investor, int64 [investor] each: ``chance.words`` takes arrays as it takes numbers."""
    return words(seed, 0, purpose, day, investors)


def lines_of(crowd: Crowd, low: int, high: int) -> Lines:
    """The rows of accounts ``low`` to ``high``, in order of account; places count from ``low``."""
    size = high - low
    cash_won, firm, age = (np.zeros(size, dtype=kind) for kind in (np.int64, np.uint8, np.uint8))
    loans: list[tuple[np.ndarray, ...]] = []
    holdings: list[tuple[np.ndarray, ...]] = []
    for code, whole in enumerate(crowd.groups):
        at = np.flatnonzero(crowd.group[low:high] == code)
        if not at.size:
            continue
        rows = crowd.row[low:high][at]
        group = type(whole)(*(column[..., rows] for column in whole))
        cash_won[at], age[at] = group.cash_won, group.age
        if isinstance(group, Borrowing):
            firm[at] = group.firm
            quantity, lots = loan_lots(group)
            here = group.standing != Standing.ELSEWHERE
            here |= crowd.abroad[group.instrument] & seen_here(crowd.seed, group.investor, quantity, at_least=0)
            loans.append(_loans(group, at, lots))
        else:
            firm[at] = _firm(crowd, group.investor)
            quantity = group.quantity
            here = seen_here(crowd.seed, group.investor, quantity, at_least=1)
        account, slot = np.nonzero((here & (quantity > 0)).T)
        shares = np.minimum(quantity[slot, account].astype(np.int64), MOST_SHARES)
        holdings.append((at[account], group.instrument[slot, account], shares))
    return Lines(cash_won, firm, age, *_in_order(loans or [_no_loan()]), *_in_order(holdings))


def _firm(crowd: Crowd, investor: np.ndarray) -> np.ndarray:
    """Firm class by the law's shares, as the population gives it to borrowers."""
    word = luck(crowd.seed, FIRM, 0, investor.astype(np.int64))[0]
    place = (word + 0.5) / 4294967296.0 * BPS
    return np.searchsorted(crowd.firm_upper[:-1], place, side="right").astype(np.uint8)


def seen_here(seed: int, investor: np.ndarray, quantity: np.ndarray, at_least: int) -> np.ndarray:
    """Which holdings stand in the account: bool [slot, account], with ``at_least`` (0 or 1) one of each account.

    Used slots come first: the one that is kept where luck keeps none is one of them, all with the same odds.
    """
    numbers = investor.astype(np.int64)
    four = luck(seed, SAMPLE, _WHICH_HOLDINGS, numbers)
    slots = quantity.shape[0]
    parts = [four[s // _A_WORD] >> _SIXTEENTH_BITS * (s % _A_WORD) for s in range(slots)]
    here: np.ndarray = np.array([(part & 15) < SEEN_HERE for part in parts]) & (quantity > 0)
    if at_least:
        none = np.flatnonzero(~here.any(axis=0))
        used = (quantity[:, none] > 0).sum(axis=0)
        here[(luck(seed, SAMPLE, _WHICH_ONE, numbers[none])[0] * used) >> 32, none] = True
    return here


def loan_lots(group: Borrowing) -> tuple[np.ndarray, np.ndarray]:
    """Units held [slot, account] and units that each loan is on [loan, account], int64.

    Two loans on one lot share it as they share the debt; where it is a single unit, one more is held.
    """
    quantity = group.quantity.astype(np.int64)
    columns = np.arange(group.investor.size)
    on = group.loan_kind != LoanKind.NONE
    slots = [lot_slots(group, k) for k in range(on.shape[0])]
    lots = np.stack([np.where(on[k], quantity[slots[k], columns], 0) for k in range(on.shape[0])])
    if on.shape[0] == 2:
        shared = np.flatnonzero(on.all(axis=0) & (group.financed[0] == group.financed[1]))
        place = slots[0][shared]
        held = np.maximum(quantity[place, shared], 2)
        quantity[place, shared] = held
        owed = group.principal_won[:, shared]
        first = np.clip((held * (owed[0] / owed.sum(axis=0))).astype(np.int64), 1, held - 1)
        lots[0, shared], lots[1, shared] = first, held - first
    return quantity, lots


def lot_slots(group: Borrowing, loan: int) -> np.ndarray:
    """The slot that holds what loan number ``loan`` is on: int64 [account]; 0 where there is no such loan."""
    found = (group.instrument == group.financed[loan]) & (group.quantity > 0)
    on = group.loan_kind[loan] != LoanKind.NONE
    assert found[:, on].any(axis=0).all(), "what a loan is on is held"
    return np.where(on, found.argmax(axis=0), 0)


def _loans(group: Borrowing, at: np.ndarray, lots: np.ndarray) -> tuple[np.ndarray, ...]:
    account, loan = np.nonzero((group.loan_kind != LoanKind.NONE).T)
    columns = (group.principal_won, group.loan_kind, group.financed, lots, group.opened, group.due)
    return (at[account], *(column[loan, account].astype(np.int64) for column in columns))


def _no_loan() -> tuple[np.ndarray, ...]:
    return tuple(np.zeros(0, dtype=np.int64) for _ in range(7))


def _in_order(parts: Sequence[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    """Columns of the parts as one, in order of the first. An account stands in one part: its rows keep their order."""
    columns = [np.concatenate(each) for each in zip(*parts, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return tuple(column[order] for column in columns)
