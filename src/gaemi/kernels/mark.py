"""Mark: value every account at the close, raise peaks, note who lost nearly everything."""

from typing import Any

import numpy as np

from gaemi.kernels.owed import account_owes_won
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.kernels.weigh import Scales
from gaemi.outcomes import Ever
from gaemi.records.columns import Borrowing, Plain, Pool, Standing
from gaemi.units import UNIT_BITS, won_value

PLAIN_BLOCK = 2048
"""Plain accounts valued together: their running sums stay in the processor's nearest cache."""

HAND = 64
"""Plain accounts looked over together: where none has a new peak or a new loss, nothing is written."""

NEARLY_ALL = 10
"""An account is emptied, an investor wiped out, when a tenth of the peak or less is left."""

HALF = 1 << UNIT_BITS - 1
"""Half a won in the units of :func:`gaemi.units.won_value`."""

_POOLS = len(Pool)


def mark_plain(group: Plain, quotes: Quotes, wiped_by_age: np.ndarray, held: np.ndarray, start: int, stop: int) -> None:
    """Value plain accounts ``start`` to ``stop``; count the newly wiped out by age band.

    ``wiped_by_age`` is int64[age band]; ``held`` is int64[1] and takes the sum of net worth in won.
    """
    worth = np.empty(PLAIN_BLOCK, np.int64)
    total = 0
    for first in range(start, stop, PLAIN_BLOCK):
        count = min(PLAIN_BLOCK, stop - first)
        _value_plain(group, quotes, worth, first, count)
        for i in range(count):
            total += worth[i]
        for low in range(0, count, HAND):
            _note_plain(group, worth[low : min(low + HAND, count)], first + low, wiped_by_age)
    held[0] += total


def count_unsure(group: Plain, quotes: Quotes, unsure: np.ndarray, start: int, stop: int) -> None:
    """Count the plain accounts of which :func:`keeps_a_tenth` does not tell enough, into ``unsure`` (int64[1]).

    Sure are those whose peak is what they are worth or less, who own something and owe nothing.
    """
    worth = np.empty(PLAIN_BLOCK, np.int64)
    for first in range(start, stop, PLAIN_BLOCK):
        count = min(PLAIN_BLOCK, stop - first)
        _value_plain(group, quotes, worth, first, count)
        for i in range(count):
            j = first + i
            unsure[0] += int(group.peak_won[j] > worth[i]) | int(worth[i] <= 0) | int(group.cash_won[j] < 0)


def keeps_a_tenth(unit: Any, highest: Any) -> Any:
    """Whether any holding of a name at ``unit`` is worth more than a tenth of what it is at ``highest``.

    For a quantity q of 1 or more, :func:`gaemi.units.won_value` is (q unit + 512) / 1024 rounded down, so ten times the
    value at ``unit`` is at least 10 (q unit - 511) / 1024, the value at ``highest`` at most (q highest + 512) / 1024,
    and the first is the larger where q (10 unit - highest) > 5622; it is for every q where it is for 1.

    An account with nothing but such holdings and cash of 0 or more, and not empty, is then worth more than a tenth of
    what it would be worth with every name at its highest; and no peak since stands above that, if none did before.
    """
    return NEARLY_ALL * unit - highest > NEARLY_ALL * (HALF - 1) + HALF


def _value_plain(group: Plain, quotes: Quotes, worth: np.ndarray, first: int, count: int) -> None:
    """Set ``worth`` to what the ``count`` plain accounts from ``first`` on are worth."""
    cash_won = group.cash_won[first : first + count]
    for i in range(count):
        worth[i] = cash_won[i]
    for slot in range(group.instrument.shape[0]):
        instrument = group.instrument[slot, first : first + count]
        quantity = group.quantity[slot, first : first + count]
        for i in range(count):
            worth[i] += won_value(quantity[i], quotes.unit[instrument[i]])


def _note_plain(group: Plain, worth: np.ndarray, first: int, wiped_by_age: np.ndarray) -> None:
    """Raise peaks and note new losses of the accounts from ``first`` on, which are worth ``worth``."""
    peak_won = group.peak_won[first : first + worth.size]
    news = 0
    for i in range(worth.size):
        news |= int(worth[i] > peak_won[i]) | int(NEARLY_ALL * worth[i] <= peak_won[i])
    if news == 0:
        return
    for i in range(worth.size):
        if worth[i] > peak_won[i]:
            peak_won[i] = worth[i]
        elif NEARLY_ALL * worth[i] <= peak_won[i] and group.wiped[first + i] == 0:
            group.wiped[first + i] = 1
            wiped_by_age[group.age[first + i]] += 1


def worth_won(group: Borrowing, j: int, quotes: Quotes, law: LawTable, today: int) -> tuple[int, int]:
    """Net worth of account ``j`` and of the person behind it, interest counted to ``today`` (ordinal)."""
    account = group.cash_won[j] - account_owes_won(group, j, law, today)
    elsewhere = 0
    for slot in range(group.instrument.shape[0]):
        quantity = group.quantity[slot, j]
        if quantity == 0:
            continue
        value = won_value(quantity, quotes.unit[group.instrument[slot, j]])
        if group.standing[slot, j] == Standing.ELSEWHERE:
            elsewhere += value
        else:
            account += value
    return account, account + elsewhere


def mark_block(group: Borrowing, block: Scales, owed: np.ndarray, span: tuple[int, int]) -> int:
    """Mark the accounts of a block that is weighed: raise peaks, set the flags EMPTIED, ZEROED and WIPED_OUT.

    ``span`` is the first account and their number, ``owed`` what each owes with interest. Returns the sum of the
    persons' net worth in won.
    """
    first, count = span
    inside, elsewhere, collateral, debt = block.inside_won, block.elsewhere_won, block.collateral_won, block.debt_won
    cash_won = group.cash_won[first : first + count]
    peak_account = group.peak_account_won[first : first + count]
    peak_investor = group.peak_investor_won[first : first + count]
    total = 0
    for i in range(count):
        account = cash_won[i] - owed[i] + inside[i]
        person = account + elsewhere[i]
        total += person
        ever = 0
        if account > peak_account[i]:
            peak_account[i] = account
        elif peak_account[i] > 0 and NEARLY_ALL * account <= peak_account[i]:
            ever |= Ever.EMPTIED.value
        if person > peak_investor[i]:
            peak_investor[i] = person
        elif peak_investor[i] > 0 and NEARLY_ALL * person <= peak_investor[i]:
            ever |= Ever.WIPED_OUT.value
        for pool in range(_POOLS):
            if 0 < debt[pool, i] > collateral[pool, i]:
                ever |= Ever.ZEROED.value
        if ever != 0:
            group.ever[first + i] |= ever
    return total
