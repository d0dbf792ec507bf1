"""Bytes: of an account and a holding by column, of what a run keeps of a day, of a checkpoint."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.figures import Figure, Target, seconds
from gaemi.checkpoints import CHECKPOINT, RunFolder, encoded, saved
from gaemi.records.columns import BORROWED_HOLDINGS, BORROWING, HOLDINGS, LOANS, MARKED, PLAIN, Column, Population
from gaemi.world import World

ACCOUNT_BYTES, HOLDING_BYTES = 64.0, 14.0
PLAIN_ACCOUNT, PLAIN_HOLDING = "bytes a plain account", "bytes a holding of plain accounts"
BORROWER, LOAN = "bytes a borrowing account", "bytes a loan of borrowing accounts"
BORROWED_HOLDING = "bytes a holding of borrowing accounts"
EVERY_ACCOUNT, ALL_COLUMNS = "bytes an account, loans included, holdings not", "columns of all accounts"
A_SCENARIO = "columns that a scenario copies"
DAY_RECORD = "kept of a day"
CHECKPOINT_BYTES, CHECKPOINT_SECONDS = "a checkpoint", "a checkpoint written to the disk"

Groups = Sequence[object]


def widths(population: Population) -> Iterator[Figure]:
    """By family: columns of an account, of a loan and of a holding, free slots counted with those that are used."""
    plain, borrowing = population.plain, population.borrowing
    own = [_bytes(plain, PLAIN), _bytes(borrowing, BORROWING)]
    loans = _bytes(borrowing, LOANS)
    rows = [_rows(plain), _rows(borrowing)]
    yield _figure(PLAIN_ACCOUNT, own[0], rows[0], f"{rows[0]:,} accounts", ACCOUNT_BYTES)
    note = f"{rows[1]:,} accounts; loans stand apart"
    yield _figure(BORROWER, own[1], rows[1], note, ACCOUNT_BYTES)
    used = sum(int(np.count_nonzero(g.loan_kind)) for g in borrowing)
    yield _figure(LOAN, loans, used, f"{used:,} loans in {sum(g.loan_kind.size for g in borrowing):,} places", None)
    for name, groups, columns in ((PLAIN_HOLDING, plain, HOLDINGS), (BORROWED_HOLDING, borrowing, BORROWED_HOLDINGS)):
        used = sum(int(np.count_nonzero(g.quantity)) for g in groups)
        note = f"{used:,} holdings in {sum(g.quantity.size for g in groups):,} slots"
        yield _figure(name, _bytes(groups, columns), used, note, HOLDING_BYTES)
    every = {**own[0], **{f"borrowing {name}": size for name, size in (own[1] | loans).items()}}
    whole = sum(every.values()) / sum(rows)
    note = "plain and borrowing together"
    yield Figure(EVERY_ACCOUNT, "bytes", (whole,), Target(ACCOUNT_BYTES), note, {"accounts": sum(rows)})
    copied = _bytes(plain, [column for column in PLAIN if column.name in MARKED])
    copies = sum(copied.values()) + sum(column.nbytes for g in borrowing for column in g)
    details = {"bytes": population.nbytes(), "accounts": sum(rows)}
    yield Figure(ALL_COLUMNS, "GB", (population.nbytes() / 1e9,), None, "", details)
    note = "borrowing tables, and of plain accounts " + " and ".join(MARKED)
    yield Figure(A_SCENARIO, "GB", (copies / 1e9,), None, note, {"bytes": copies, "accounts": sum(rows)})


def record_bytes(world: World) -> int:
    """The most that a run keeps of one of its days, written as a checkpoint writes it."""
    return max(len(encoded(record)) for record in world.records)


def kept_of_a_day(small: World, large: World) -> Figure:
    """Bytes of a day's record, and beside it those of a run with far fewer accounts: it holds names, not accounts."""
    few, many = (world.population.accounts() for world in (small, large))
    small_bytes, large_bytes = record_bytes(small), record_bytes(large)
    note = f"{many:,} accounts; {small_bytes / 1e3:.1f} kB with {few:,}: by name, not by account"
    details = {"bytes": large_bytes, "fewer_accounts_bytes": small_bytes, "names": large.price.size}
    return Figure(DAY_RECORD, "kB", (large_bytes / 1e3,), None, note, details)


def checkpoint(world: World, repeats: int) -> Iterator[Figure]:
    """How large a checkpoint is and how long it takes until it is on the disk."""
    spent, sizes = [], []
    for _ in range(repeats):
        with TemporaryDirectory() as place, RunFolder(Path(place) / "run", {}, every=0.0) as folder:
            spent.append(seconds(lambda folder=folder: folder.keep("bench", world.day, lambda: saved(world))))  # type: ignore[misc]
            (file,) = folder.folder.glob(f"*.{CHECKPOINT}")
            sizes.append(file.stat().st_size)
    accounts = world.population.accounts()
    details = {"bytes": sizes[0], "accounts": accounts}
    yield Figure(CHECKPOINT_BYTES, "GB", (sizes[0] / 1e9,), None, f"{accounts:,} accounts", details)
    yield Figure(CHECKPOINT_SECONDS, "s", tuple(spent), None, "packed, hashed, flushed and renamed")


def _rows(groups: Groups) -> int:
    return sum(group.investor.size for group in groups)  # type: ignore[attr-defined]


def _bytes(groups: Groups, columns: Sequence[Column]) -> dict[str, int]:
    """Bytes of each column in all groups."""
    return {column.name: sum(getattr(group, column.name).nbytes for group in groups) for column in columns}


def _figure(name: str, sizes: dict[str, int], of: int, note: str, target: float | None) -> Figure:
    details = {column: size / of for column, size in sizes.items()}
    bound = None if target is None else Target(target)
    return Figure(name, "bytes", (sum(sizes.values()) / of,), bound, note, details)
