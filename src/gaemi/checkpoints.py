"""The folder of a run that may be stopped: finished scenarios, and where the one that was running stood.

Every file is complete or absent: it is written beside its place, flushed to the disk and renamed; its name ends in the
hash of what it holds, and what does not have that hash is refused. A run that goes on from here must be the same run:
version, request, law and accounts are compared. The accounts themselves are made again from their seed or source.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date
from hashlib import blake2b
from pathlib import Path as File
from time import monotonic
from typing import Any, TypeVar

import numpy as np

from gaemi.alike import versions
from gaemi.errors import Fault, Refused, refuse
from gaemi.kernels.tables import Quotes
from gaemi.market.funds import Funds
from gaemi.means import CHECKPOINT_SECONDS, Means
from gaemi.records.columns import MARKED, Borrowing, Population
from gaemi.records.ledger import Currency, Item, Sector
from gaemi.world import DayRecord, World

T = TypeVar("T")

SCHEMA = "gaemi.run/1"
MANIFEST, LOCK = "run.json", "lock"
FINISHED, CHECKPOINT = "finished", "checkpoint"
_ACCOUNTS = [(sector, currency, item) for sector in Sector for currency in Currency for item in Item]


@dataclass(frozen=True, slots=True)
class Saved:
    """All that a scenario has changed by a close: its tables, peaks and ledger, and what its market remembers.

    ``marked`` are the columns MARKED of each group of plain accounts; None where nobody marked them yet.
    ``highest_unit`` and ``put_off`` are those of the world.
    """

    day: int
    price: np.ndarray
    rest: np.ndarray
    market_cash_won: int
    tills: np.ndarray
    who: np.ndarray
    wiped_by_age: np.ndarray
    flow_before_won: np.ndarray
    flow_recent: np.ndarray
    funds: Funds
    balances: list[int]
    postings: int
    records: list[DayRecord]
    now: Quotes
    highest_unit: np.ndarray
    put_off: np.ndarray
    borrowing: list[Borrowing]
    marked: list[tuple[np.ndarray, np.ndarray]] | None


def saved(world: World) -> Saved:
    """What ``world`` has come to; arrays are its own, so write them before it runs on."""
    workers, population = world.workers, world.population
    return Saved(
        day=world.day,
        price=world.price,
        rest=world.rest,
        market_cash_won=world.market_cash_won,
        tills=world.tills,
        who=world.who,
        wiped_by_age=world.wiped_by_age,
        flow_before_won=world.flow.before_won,
        flow_recent=world.flow.recent,
        funds=world.funds,
        balances=[world.ledger.balances[account] for account in _ACCOUNTS],
        postings=world.ledger.postings,
        records=world.records,
        now=world.now,
        highest_unit=world.highest_unit,
        put_off=world.put_off,
        borrowing=workers.gathered(population.borrowing),
        marked=workers.gathered(population.plain, MARKED) if world.plain_marked else None,
    )


def restore(world: World, start: Population, found: Saved) -> None:
    """Set a world that has just begun from the population ``start`` to what was saved of one that began alike."""
    workers = world.workers
    here = len(start.borrowing)
    borrowing = workers.copied(workers.hold(start.borrowing), None, found.borrowing[:here])
    for group in found.borrowing[here:]:
        workers.append(borrowing, group)
    plain = world.population.plain
    if found.marked is not None:
        plain = workers.copied(workers.hold(start.plain), MARKED, found.marked)
        world.plain_marked = True
    world.population = Population(plain, borrowing, start.weight)
    world.day, world.law = found.day, world.laws[found.day]
    world.price, world.rest, world.market_cash_won = found.price, found.rest, found.market_cash_won
    world.tills, world.who, world.wiped_by_age = found.tills, found.who, found.wiped_by_age
    world.flow.before_won, world.flow.recent = found.flow_before_won, found.flow_recent
    world.flow.today_won = np.zeros_like(found.flow_before_won)
    world.funds, world.records, world.now = found.funds, found.records, found.now
    world.highest_unit, world.put_off = found.highest_unit, found.put_off
    world.ledger.balances = dict(zip(_ACCOUNTS, found.balances, strict=True))
    world.ledger.postings = found.postings


class RunFolder:
    """What is kept of one run. One process at a time has it open."""

    def __init__(self, folder: File, asked: Mapping[str, Any], every: float = CHECKPOINT_SECONDS) -> None:
        """Open or make ``folder`` for the run that ``asked`` describes, JSON-ready; ``every`` so many seconds a
        checkpoint may be written.

        Raises Refused where the folder holds something else, another run, or is in use.
        """
        from filelock import FileLock, Timeout  # loaded by those who keep something alone

        self.folder, self.every = folder, every
        self._last = monotonic()
        with _in_words(folder):
            if folder.exists() and not folder.is_dir():
                raise refuse("--resume", str(folder), "must be a folder", "give another name")
            files = {each.name for each in folder.iterdir()} if folder.is_dir() else set()
            if files and MANIFEST not in files and not all(name == LOCK or name.endswith(".part") for name in files):
                raise refuse("--resume", f"{folder}, with other files", "must be new, empty, or of a run", NEW)
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / LOCK)
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise refuse("--resume", str(folder), "is in use by a run", "wait for it, or stop it") from None
            for left in folder.glob(".*.part"):
                left.unlink()
            self._check(asked)

    def close(self) -> None:
        self._lock.release()

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def same(self, name: str, value: Any) -> None:
        """Compare one thing more that must be as it was, or write it down. Raises Refused."""
        path = self.folder / MANIFEST
        found = json.loads(path.read_text(encoding="utf-8"))
        if name not in found:
            self._place(path, _text(found | {name: value}))
        elif found[name] != value:
            raise refuse(f"--resume {self.folder}: {name}", f"{value!r}", f"the folder has {found[name]!r}", NEW)

    def finished(self, key: str, kind: type[T]) -> T | None:
        """The result of a scenario that was finished before; None where it was not."""
        files = sorted(self.folder.glob(f"{key}-*.{FINISHED}"))
        return None if not files else self._read(files[0], kind)

    def finish(self, key: str, result: Any) -> None:
        """Keep the result of a scenario; its checkpoints are no longer needed."""
        self._write(f"{key}-{{}}.{FINISHED}", encoded(result))
        for old in self.folder.glob(f"{key}-*.{CHECKPOINT}"):
            old.unlink(missing_ok=True)

    def checkpoint(self, key: str, kind: type[T]) -> T | None:
        """The last checkpoint of a scenario; None where there is none."""
        files = sorted(self.folder.glob(f"{key}-*.{CHECKPOINT}"))
        return None if not files else self._read(files[-1], kind)

    def keep(self, key: str, place: int, what: Callable[[], Any]) -> None:
        """Write a checkpoint of a scenario at a ``place`` of it, unless the last was written a moment ago."""
        if monotonic() - self._last < self.every:
            return
        older = list(self.folder.glob(f"{key}-*.{CHECKPOINT}"))
        self._write(f"{key}-{place:08d}-{{}}.{CHECKPOINT}", encoded(what()))
        for old in older:
            old.unlink(missing_ok=True)
        self._last = monotonic()

    def _check(self, asked: Mapping[str, Any]) -> None:
        """Compare the run with the one that the folder is of; write down a new one."""
        wanted = json.loads(_text({"schema": SCHEMA, "versions": versions(), **asked}))
        path = self.folder / MANIFEST
        if not path.exists():
            self._place(path, _text(wanted))
            return
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise refuse(f"--resume, {path}", "no JSON", "must be the manifest that a run wrote", NEW) from None
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            raise refuse(f"--resume, {path}", "another schema", f"must be {SCHEMA}", NEW)
        faults = [
            Fault(f"--resume {self.folder}: {place}", f"{mine!r}", f"the folder is of a run with {theirs!r}", NEW)
            for place, theirs, mine in _parted({name: found.get(name) for name in wanted}, wanted)
        ]
        if faults:
            raise Refused(faults)

    def _read(self, path: File, kind: type[T]) -> T:
        with _in_words(self.folder):
            data = path.read_bytes()
        if path.stem.rpartition("-")[2] != _hash(data):
            help = "remove the file: what it held is worked out again"
            raise refuse(f"--resume, {path}", f"{len(data):,} bytes of another hash", "must be as it was written", help)
        return decoded(data, kind)

    def _write(self, name: str, data: bytes) -> None:
        self._place(self.folder / name.format(_hash(data)), data)

    def _place(self, path: File, data: bytes) -> None:
        """Write a file beside its place and rename it: complete or absent, also where the power fails."""
        beside = self.folder / f".{path.name}.part"
        with _in_words(self.folder, len(data)):
            try:
                with beside.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
            inside = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(inside)
            finally:
                os.close(inside)


NEW = "give another folder, or ask for the same run"


@contextmanager
def _in_words(folder: File, size: int = 0) -> Iterator[None]:
    """What the disk says no to, in words; ``size`` bytes are to be written."""
    try:
        yield
    except OSError as problem:
        needs = f"{size:,} bytes are to be written" if size else "must be a folder to read and write"
        help = "make room or give a folder elsewhere; what was finished is kept"
        raise refuse(f"--resume {folder}", problem.strerror or str(problem), needs, help) from problem


def _text(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False, default=str).encode()


@contextmanager
def run_folder(command: str, request: Means, law: str, *sources: Any) -> Iterator[RunFolder | None]:
    """The folder that a request asks to resume, opened for it; None where it asks for none."""
    if request.resume is None:
        yield None
        return
    means = {each.name for each in fields(Means)}
    asked = {name: _written(value) for name, value in asdict(request).items() if name not in means}
    told = {"command": command, "request": asked, "law": law, "sources": sources_hash(*sources)}
    with RunFolder(File(request.resume), told, request.checkpoint) as folder:
        yield folder


def _written(value: Any) -> Any:
    """A value of a request as the manifest has it: what is no plain value by its type."""
    plain = isinstance(value, str | int | float | bool | None | date | File | Mapping | Sequence)
    return value if plain else type(value).__name__


def scenario_key(name: str, *parts: Any) -> str:
    """A name for what a scenario is run on, from all that decides it: arrays by their bytes, the rest as it prints."""
    digest = blake2b(digest_size=8)
    for part in (name, *parts):
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype.str}{part.shape}".encode() + np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode() + b"\0")
    return f"{name}-{digest.hexdigest()}"


def accounts_hash(groups: Sequence[Any], *others: np.ndarray) -> str:
    """Hash of every column of groups of accounts, and of other arrays."""
    digest = blake2b(digest_size=16)
    for array in (*(column for group in groups for column in group), *others):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(_bytes(array))
    return digest.hexdigest()


def sources_hash(*sources: Any) -> str | None:
    """Hash of the files that a request names: of a folder, all files in it. None where none is a file or a folder."""
    digest, found = blake2b(digest_size=16), False
    for source in sources:
        if not isinstance(source, str | File) or not File(source).exists():
            continue
        root = File(source)
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                found = True
                digest.update(str(path.relative_to(root)).encode() + b"\0")
                with path.open("rb") as file:
                    while block := file.read(1 << 20):
                        digest.update(block)
    return digest.hexdigest() if found else None


def encoded(value: Any) -> bytes:
    """The value as MessagePack; arrays as their type, shape and bytes."""
    import msgspec

    return msgspec.msgpack.encode(value, enc_hook=_packed)


def decoded(data: bytes, kind: type[T]) -> T:
    """What :func:`encoded` wrote, as ``kind``; arrays may be written."""
    import msgspec

    return msgspec.msgpack.decode(data, type=kind, dec_hook=_unpacked)


def _packed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), _bytes(value)]
    if isinstance(value, np.integer | np.floating):
        return value.item()
    raise NotImplementedError(f"{type(value)} is not kept")


def _unpacked(kind: type, value: Any) -> Any:
    assert kind is np.ndarray, f"{kind} is not kept"
    dtype, shape, data = value
    return np.frombuffer(data, np.dtype(dtype)).reshape(shape).copy()


def _bytes(array: np.ndarray) -> memoryview | bytes:
    """The bytes of an array, without a copy where they stand together."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.size else b""


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _parted(found: Mapping[str, Any], wanted: Mapping[str, Any], place: str = "") -> list[tuple[str, Any, Any]]:
    """Where two manifests part: place, what was found, what is wanted."""
    parted = []
    for name in dict.fromkeys((*found, *wanted)):
        theirs, mine = found.get(name), wanted.get(name)
        if isinstance(theirs, dict) and isinstance(mine, dict):
            parted += _parted(theirs, mine, f"{place}{name}.")
        elif theirs != mine:
            parted.append((f"{place}{name}", theirs, mine))
    return parted
