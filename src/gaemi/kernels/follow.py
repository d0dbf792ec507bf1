"""Follow: find keys in a list that stands in the same order, by walking along it."""

import numpy as np

AHEAD = 4096
"""Keys that are looked over for the next one."""

MOST_LOST = 1000
"""After so many that were not found ahead, the two lists are in no common order and the walk ends."""

NOT_FOUND = -1


def follow(keys: np.ndarray, wanted: np.ndarray, found: np.ndarray) -> int:
    """Write the place in ``keys`` (uint64 [n]) of each key of ``wanted`` (uint64 [m]) to ``found`` (int32 [m]).

    What is not found a little ahead of the one before is NOT_FOUND, which says nothing: it may stand elsewhere. Returns
    how many were not found.
    """
    at = 0
    lost = 0
    for i in range(wanted.size):
        found[i] = NOT_FOUND
        if lost >= MOST_LOST:
            lost += 1
            continue
        for place in range(at, min(at + AHEAD, keys.size)):
            if keys[place] == wanted[i]:
                found[i] = place
                at = place
                break
        if found[i] == NOT_FOUND:
            lost += 1
    return lost
