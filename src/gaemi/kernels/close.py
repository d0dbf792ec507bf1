"""Close: borrowing accounts weighed once, for the mark and the call of the same quotes."""

from typing import NamedTuple

import numpy as np

from gaemi.kernels.call import CallTally, call_block
from gaemi.kernels.mark import mark_block
from gaemi.kernels.owed import owed_won, weights_of
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.kernels.weigh import BLOCK, scales, weigh
from gaemi.records.columns import Borrowing


class Hour(NamedTuple):
    """When accounts are tested: the session, the ordinal of its date, to which interest counts, and the run's seed."""

    day: int
    today: int
    seed: int


def mark_and_call(
    group: Borrowing, quotes: Quotes, law: LawTable, hour: Hour, held: np.ndarray, tally: CallTally, start: int,
    stop: int,
) -> None:  # fmt: skip
    """Mark and then call the accounts ``start`` to ``stop``, as mark_block and :func:`gaemi.kernels.call.call_pools`.

    ``held`` is int64[1] and takes the sum of the persons' net worth in won; ``tally`` takes the calls.
    """
    block, weights, owed, total = scales(quotes, law), weights_of(law), np.empty(BLOCK, np.int64), 0
    for first in range(start, stop, BLOCK):
        count = min(BLOCK, stop - first)
        weigh(group, quotes, law, block, first, count)
        owed_won(group, law, weights, hour.today, owed, first, count)
        total += mark_block(group, block, owed, (first, count))
        call_block(group, block, (first, count), quotes, law, (hour.day, hour.seed), tally)
    held[0] += total
