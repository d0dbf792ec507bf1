"""Cells of investors: how many names they hold, of which boards, and whether the most held name is among them."""

import numpy as np

from gaemi.people.fitting import grains, iterative_fit, truncated_geometric, whole_table
from gaemi.units import largest_remainder

HEAD = 9
"""Most names of the first of the two laws; the published share is of those with more."""

BOARD_CLASSES = 3
KOSPI_ONLY, BOTH_BOARDS, KOSDAQ_ONLY = range(BOARD_CLASSES)


def counts_by_names(persons: int, holdings: int, of_ten: int, mean_of_ten: float, most: int) -> list[int]:
    """Persons with 1 .. ``most`` names: they add up to ``persons`` and their names to ``holdings``.

    Two truncated geometric laws, one up to nine names and one from ten on, with the published number of persons in
    the second; the first law's mean follows. Rounding is mended by moving persons to the neighbouring number.
    """
    tail = largest_remainder(of_ten, grains(np.array(truncated_geometric(mean_of_ten, HEAD + 1, most))))
    names_of_tail = sum(n * count for n, count in zip(range(HEAD + 1, most + 1), tail, strict=True))
    few = persons - of_ten
    mean = (holdings - names_of_tail) / few
    head = largest_remainder(few, grains(np.array(truncated_geometric(mean, 1, HEAD))))
    missing = holdings - names_of_tail - sum(n * count for n, count in zip(range(1, HEAD + 1), head, strict=True))
    while missing:
        step = 1 if missing > 0 else -1
        places = range(HEAD - 1) if step > 0 else range(1, HEAD)
        place = max(places, key=lambda i: (head[i], -i))
        moved = min(abs(missing), max(1, head[place] // 2))
        head[place] -= moved
        head[place + step] += moved
        missing -= step * moved
    return head + tail


def counts_by_boards(by_names: list[int], kospi_holders: int, kosdaq_holders: int) -> np.ndarray:
    """Persons by number of names and class of boards, int64 [names - 1, class], with both margins exact.

    Who holds one name holds one board. Above that the odds fall as if each name were of KOSPI three times in five,
    and proportional fitting brings them to the published holders.
    """
    persons = sum(by_names)
    columns = (persons - kosdaq_holders, kospi_holders + kosdaq_holders - persons, persons - kospi_holders)
    assert min(columns) >= 0, "holders of the boards cover all persons"
    seed = np.zeros((len(by_names), BOARD_CLASSES))
    for i in range(len(by_names)):
        kospi, kosdaq = 0.6 ** (i + 1), 0.4 ** (i + 1)
        seed[i] = (kospi, 1.0 - kospi - kosdaq if i else 0.0, kosdaq)
    return whole_table(iterative_fit(seed, by_names, columns), by_names, columns)


def leader_counts(by_boards: np.ndarray, holders: int, slope: float, kospi_share: float) -> np.ndarray:
    """Of each cell, the holders of the most held KOSPI name: int64 of the same shape, ``holders`` in all.

    The odds with k KOSPI names are 1 - (1 - slope) ** k, scaled until the total is met and cut at 1.
    """
    rows = np.arange(1, by_boards.shape[0] + 1, dtype=np.float64)
    odds = np.zeros(by_boards.shape)
    odds[:, KOSPI_ONLY] = 1.0 - (1.0 - slope) ** rows
    odds[:, BOTH_BOARDS] = 1.0 - (1.0 - slope) ** np.maximum(1.0, rows * kospi_share)
    low, high = 0.0, 1e6
    for _ in range(200):
        scale = (low + high) / 2.0
        low, high = (scale, high) if (by_boards * np.minimum(1.0, odds * scale)).sum() < holders else (low, scale)
    expected = by_boards * np.minimum(1.0, odds * high)
    counts = np.array(largest_remainder(holders, grains(expected.ravel())), dtype=np.int64).reshape(by_boards.shape)
    over = counts - by_boards
    while (over > 0).any():
        spare = int(np.clip(over, 0, None).sum())
        counts = np.minimum(counts, by_boards)
        room = by_boards - counts
        room[:, KOSDAQ_ONLY] = 0
        place = np.unravel_index(int(np.argmax(room)), room.shape)
        counts[place] += spare
        over = counts - by_boards
    return counts


def cells(by_boards: np.ndarray, leaders: np.ndarray) -> np.ndarray:
    """Cells in order of number of names, class of boards, and whether the leader is held; empty ones left out.

    int64 [cell + 1, 4]: the first investor's number, names, boards, leader; the last row holds the number of persons.
    """
    found: list[tuple[int, int, int, int]] = []
    first = 0
    for i in range(by_boards.shape[0]):
        for boards in range(BOARD_CLASSES):
            with_leader = int(leaders[i, boards])
            for leader, count in ((0, int(by_boards[i, boards]) - with_leader), (1, with_leader)):
                if count:
                    found.append((first, i + 1, boards, leader))
                    first += count
    return np.array([*found, (first, 0, 0, 0)], dtype=np.int64)
