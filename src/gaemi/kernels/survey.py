"""What all accounts hold, counted once they stand: beside published totals."""

from typing import NamedTuple

import numpy as np

NO_BOARD = 9


class Table(NamedTuple):
    """What :func:`survey` knows of instruments: board and price in won, 9 and 0 of what is no domestic stock."""

    board: np.ndarray
    price: np.ndarray
    leader_row: int


class Survey(NamedTuple):
    """Won by slot and age band, float64 [slot, age]; domestic holdings, persons with ten or more, holders of KOSPI
    names, of KOSDAQ names, of the leader, int64 [5]."""

    value: np.ndarray
    counts: np.ndarray


def survey(
    age: np.ndarray, instrument: np.ndarray, quantity: np.ndarray, own: np.ndarray, table: Table, found: Survey
) -> None:
    """Count the holdings of a group of accounts into ``found``; ``own`` are the units that secure no loan."""
    board, price, leader = table.board, table.price, table.leader_row
    value, counts = found.value, found.counts
    for a in range(age.size):
        names, kospi, kosdaq, leads = 0, 0, 0, 0
        for s in range(quantity.shape[0]):
            row = int(instrument[s, a])
            value[s, age[a]] += price[row] * own[s, a]
            if quantity[s, a] > 0:
                names += 1 if board[row] != NO_BOARD else 0
                kospi |= 1 if board[row] == 0 else 0
                kosdaq |= 1 if board[row] == 1 else 0
                leads |= 1 if row == leader else 0
        counts[0] += names
        counts[1] += 1 if names >= 10 else 0
        counts[2] += kospi
        counts[3] += kosdaq
        counts[4] += leads
