"""Which investors a sample keeps: a row of numbers at a time."""

import numpy as np

from gaemi.chance import words_of_many

WIDTH = 1024


def room() -> np.ndarray:
    """Room for the words of one row of numbers: uint32 [4, WIDTH]."""
    return np.zeros((4, WIDTH), dtype=np.uint32)


def keep_every(seed: int, purpose: int, scale: int, low: int, high: int, kept: np.ndarray, rows: np.ndarray) -> None:
    """Mark the investors of [low, high) whose hash is divisible by ``scale``; ``rows`` is :func:`room`.

    Numbers of 32 bits have quotients far enough apart that one which looks whole is whole.
    """
    first = rows[0]
    for start in range(low, high, rows.shape[1]):
        words_of_many(seed, purpose, start, rows)
        for i in range(min(rows.shape[1], high - start)):
            part = first[i] / scale
            kept[start + i] = part == np.floor(part)
