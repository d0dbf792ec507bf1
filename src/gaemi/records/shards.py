"""Shards: accounts dealt by a hash of the investor, so that all accounts of a person stand in one; and put together."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

_ODD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
HASHES = 1 << 32

Group = Any
"""A NamedTuple of columns whose last axis is that of accounts, ``investor`` among them."""


def shard_of(investor: np.ndarray, shares: Sequence[int]) -> np.ndarray:
    """The shard of each investor, int64 [n]: shard ``s`` takes ``shares[s]`` of ``sum(shares)`` parts of all hashes.

    Source: multiplicative hashing, Knuth, The Art of Computer Programming 3 (1998), 6.4.
    """
    hashed = (investor.astype(np.uint64) * _ODD) >> _HALF
    edges = [HASHES * sum(shares[: s + 1]) // sum(shares) for s in range(len(shares) - 1)]
    return np.searchsorted(np.array(edges, np.uint64), hashed, side="right")


def part_of(group: Group, rows: np.ndarray) -> Group:
    """Some rows of a group, or of a tuple of columns."""
    columns = tuple(np.ascontiguousarray(column[..., rows]) for column in group)
    return columns if type(group) is tuple else type(group)(*columns)


def deal(group: Group, shares: Sequence[int]) -> list[tuple[Group, np.ndarray]]:
    """For each shard its part of the group, and the rows that it has of the whole one, rising."""
    shard = shard_of(group.investor, shares)
    rows = [np.flatnonzero(shard == s).astype(np.uint32) for s in range(len(shares))]
    return [(part_of(group, here), here) for here in rows]


def join(parts: Iterable[tuple[Group, np.ndarray]]) -> Group:
    """The whole of which these are the parts, each with its rows; columns may be some of those that were dealt."""
    parts = list(parts)
    total = sum(rows.size for _, rows in parts)
    first = parts[0][0]
    whole = [np.empty((*column.shape[:-1], total), column.dtype) for column in first]
    for part, rows in parts:
        for column, values in zip(whole, part, strict=True):
            column[..., rows] = values
    return tuple(whole) if type(first) is tuple else type(first)(*whole)


class Dealt(list[Group]):
    """Groups of one process, dealt: a part a shard. ``rows`` say of each part whose rows of which group it has."""

    def __init__(self, parts: Iterable[Group], rows: Iterable[tuple[int, np.ndarray]]) -> None:
        super().__init__(parts)
        self.rows = list(rows)
        self.whole = 1 + max((number for number, _ in self.rows), default=-1)

    @classmethod
    def of(cls, groups: Sequence[Group], shares: Sequence[int]) -> "Dealt":
        found = cls([], [])
        for group in groups:
            found.add(group, shares)
        return found

    def add(self, group: Group, shares: Sequence[int]) -> None:
        """A whole group more."""
        for part, rows in deal(group, shares):
            self.append(part)
            self.rows.append((self.whole, rows))
        self.whole += 1


def joined(tables: Dealt) -> list[Group]:
    """The whole groups, in the order in which they were dealt."""
    parts: list[list[tuple[Group, np.ndarray]]] = [[] for _ in range(tables.whole)]
    for part, (number, rows) in zip(tables, tables.rows, strict=True):
        parts[number].append((part, rows))
    return [join(each) for each in parts]


def copy_of(group: Group, columns: Sequence[str] | None = None) -> Group:
    """The group with copies of the named columns, of all unless named; the others are shared."""
    names = group._fields if columns is None else columns
    return group._replace(**{name: getattr(group, name).copy() for name in names})


def replaced(group: Group, columns: Sequence[str] | None, values: Group) -> Group:
    """The group with ``values`` in the named columns, in all unless named."""
    names = group._fields if columns is None else columns
    return group._replace(**dict(zip(names, values, strict=True)))


def picked(group: Group, columns: Sequence[str] | None) -> Group:
    """The group, or a tuple of the named columns of it."""
    return group if columns is None else tuple(getattr(group, name) for name in columns)
