"""Workers of a Ray cluster: each shard of the accounts is an actor, and totals are all that crosses between steps.

Ray schedules, moves and keeps; nothing of that is done here. An actor holds its accounts and runs kernels over them as
:class:`~gaemi.workers.LocalWorkers` does, in a process of its own, on whichever machine Ray chose. When one is lost,
Ray starts it anew, what it held is handed to it again, and the scenario that was being run is run again.
"""

import pickle
import weakref
from collections.abc import Callable, Sequence
from itertools import count
from time import monotonic, sleep
from typing import Any, NamedTuple, NoReturn, TypeVar

import numpy as np

from gaemi.alike import versions
from gaemi.connecting import ALIKE, connect
from gaemi.errors import refuse
from gaemi.records.shards import Dealt, Group, copy_of, deal, joined, part_of, picked
from gaemi.workers import LocalWorkers, Tally, Where, Workers, add, nothing_like

T = TypeVar("T")

REPLACED_SECONDS = 120.0
"""How long a lost worker has to come back: a cluster needs some of it to notice that a machine is gone."""

LOSSES = 5
"""So many times in a row the same work is begun again."""

INLINE_BYTES = 95_000
"""Jobs under this size go with the call itself. They are packed once for all actors, and unpack as arrays of their own:
what Ray hands over without a copy is read-only, for which kernels are not compiled."""

LOOK_SECONDS = 10.0
"""How long an answer is waited for before the cluster's room is looked at."""


class Lost(Exception):
    """A worker does not have what it was given: it died and was started anew."""


class Job(NamedTuple):
    """A kernel to be run over a table: its arguments, and tallies of nothing as it adds to them."""

    kernel: Callable[..., None]
    key: int
    args: tuple[Any, ...]
    blank: list[Tally]
    where: Where | None


class Shard:
    """The actor: accounts of one shard in tables by key, and a thread that runs kernels over them."""

    def __init__(self) -> None:
        self.tables: dict[int, list[Group]] = {}
        self.thread = LocalWorkers(1)

    def versions(self) -> dict[str, str]:
        return versions()

    def node(self) -> str:
        """The machine on which it stands, as Ray names it."""
        import ray

        return str(ray.get_runtime_context().get_node_id())

    def known(self) -> list[int]:
        """Keys of all tables that are here."""
        return list(self.tables)

    def hold(self, key: int, groups: list[Group]) -> None:
        self.tables[key] = groups

    def copy(
        self, key: int, new: int, columns: Sequence[str] | None, values: list[Group] | None, gone: Sequence[int]
    ) -> None:
        """Copies under a ``new`` key; tables that are ``gone`` are dropped first."""
        for old in gone:
            self.tables.pop(old, None)
        own = None if values is None else [_own(each) for each in values]
        self.tables[new] = self.thread.copied(self._table(key), columns, own)

    def append(self, key: int, group: Group) -> None:
        self._table(key).append(copy_of(group))  # what crosses is read-only

    def run(self, packed: bytes) -> bytes:
        """What each job's kernel adds to nothing over the accounts of its table, one job after the other."""
        found = []
        jobs: list[Job] = pickle.loads(packed)
        for job in jobs:
            self.thread.each(job.kernel, self._table(job.key), *job.args, out=job.blank, where=job.where)
            found.append(job.blank)
        return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)

    def take(self, key: int, columns: Sequence[str] | None) -> list[Group]:
        return [picked(group, columns) for group in self._table(key)]

    def _table(self, key: int) -> list[Group]:
        if key not in self.tables:
            raise Lost(f"table {key}")
        return self.tables[key]


class Held:
    """Tables that the actors hold under one key. ``rows`` say by shard and group which rows of the whole group stand
    there; ``refs`` are what the actors were handed, where this is not a copy."""

    def __init__(self, key: int, rows: list[list[np.ndarray]], refs: list[Any] | None = None) -> None:
        self.key, self.rows, self.refs = key, rows, refs


def _call(work: Callable[..., T], item: Any, *common: Any) -> T:
    """Run a task on copies: what crosses is read-only, which kernels are not compiled for."""
    own: tuple[Any, ...] = pickle.loads(pickle.dumps((item, *common)))
    return work(*own)


class RayWorkers(Workers):
    """Actors of a cluster, one a shard; what is small, and what belongs to one place, is done by threads here.

    Actors are started when accounts are first handed over: an ensemble asks for tasks alone.
    """

    def __init__(
        self, shards: int | Sequence[int] | None = None, address: str | None = None, threads: int | None = None
    ) -> None:
        """A cluster on this machine unless an ``address`` is given; ``threads`` are those of this process.

        ``shards``: their number, or the share that each takes; one a processor unless given.

        Raises Refused where no cluster answers, or where it has less room than shards.
        """
        wanted = shards if isinstance(shards, int | None) else len(shards)
        self.ray, self._own = connect(address, wanted)
        self._here = LocalWorkers(threads)
        self.shards = wanted or max(1, self._room())
        self.threads = self.shards
        self.shares = (1,) * self.shards if isinstance(shards, int | None) else tuple(shards)
        self.traffic_bytes = 0
        self._actors: list[Any] = []
        self._keys = count()
        self._gone: list[int] = []
        self._posted: list[tuple[Job, Sequence[Tally]] | Callable[[], None]] = []
        self._whole: dict[int, tuple[Sequence[Group], Held]] = {}
        if self.shards > self._room():
            self._no_room()

    @property
    def here(self) -> LocalWorkers:
        return self._here

    def hold(self, groups: Sequence[Group]) -> Any:
        """Each list of groups is handed over once; an empty one stays here."""
        if not groups:
            return []
        if id(groups) in self._whole:
            return self._whole[id(groups)][1]
        self._start()
        dealt = [deal(group, self.shares) for group in groups]
        by_shard = [[parts[s] for parts in dealt] for s in range(self.shards)]
        refs = [self.ray.put([group for group, _ in parts]) for parts in by_shard]
        held = Held(next(self._keys), [[rows for _, rows in parts] for parts in by_shard], refs)
        self._whole[id(groups)] = (groups, held)
        self._get([actor.hold.remote(held.key, ref) for actor, ref in zip(self._actors, refs, strict=True)])
        return held

    def copied(self, tables: Any, columns: Sequence[str] | None = None, values: Sequence[Group] | None = None) -> Any:
        """Copies stand where what they are copies of does, and are dropped with the handle; values are sent there."""
        if not isinstance(tables, Held):
            return self._here.copied(tables, columns, values)
        copy = Held(next(self._keys), [list(rows) for rows in tables.rows])
        weakref.finalize(copy, self._gone.append, copy.key)
        gone = list(self._gone)
        given: list[Any] = [None] * self.shards
        if values is not None:
            given = [[part_of(whole, here) for whole, here in zip(values, rows, strict=True)] for rows in tables.rows]
        calls = zip(self._actors, given, strict=True)
        self._get([actor.copy.remote(tables.key, copy.key, columns, part, gone) for actor, part in calls])
        del self._gone[: len(gone)]
        return copy

    def append(self, tables: Any, group: Group) -> None:
        if not isinstance(tables, Held):
            self._here.append(tables, group)
            return
        parts = deal(group, self.shares)
        for rows, (_, here) in zip(tables.rows, parts, strict=True):
            rows.append(here)
        self._get([a.append.remote(tables.key, part) for a, (part, _) in zip(self._actors, parts, strict=True)])

    def post(
        self, kernel: Callable[..., None], tables: Any, *args: Any, out: Sequence[Tally], where: Where | None = None
    ) -> None:
        if not isinstance(tables, Held):
            self._here.post(kernel, tables, *args, out=out, where=where)
            return
        self._posted.append((Job(kernel, tables.key, args, [nothing_like(tally) for tally in out], where), out))

    def after(self, work: Callable[[], None]) -> None:
        if self._posted:
            self._posted.append(work)
        else:
            work()

    def join(self) -> None:
        """All jobs that were posted go to each actor in one call."""
        posted, self._posted = self._posted, []
        jobs = [each[0] for each in posted if isinstance(each, tuple)]
        found = iter(zip(*self._asked(jobs), strict=True)) if jobs else iter(())
        for each in posted:
            if not isinstance(each, tuple):
                each()
                continue
            for tallies in next(found):
                for total, part in zip(each[1], tallies, strict=True):
                    add(total, part)

    def _asked(self, jobs: list[Job]) -> list[list[list[Tally]]]:
        """What each actor's jobs came to. What is large stands once in the memory that actors share."""
        size = sum(_size(job.args) + _size(job.blank) for job in jobs)
        self.traffic_bytes += self.shards * (size + sum(_size(job.blank) for job in jobs))
        packed = pickle.dumps(jobs, pickle.HIGHEST_PROTOCOL)
        given = packed if len(packed) < INLINE_BYTES else self.ray.put(packed)
        return [pickle.loads(found) for found in self._get([actor.run.remote(given) for actor in self._actors])]

    def gathered(self, tables: Any, columns: Sequence[str] | None = None) -> list[Group]:
        if not isinstance(tables, Held):
            return self._here.gathered(tables, columns)
        found = self._get([actor.take.remote(tables.key, columns) for actor in self._actors])
        parts = [part for shard in found for part in shard]
        return joined(Dealt(parts, [(number, here) for rows in tables.rows for number, here in enumerate(rows)]))

    def map(
        self, work: Callable[..., T], items: Sequence[Any], *common: Any, done: Callable[[int], None] | None = None
    ) -> list[T]:
        """Tasks of the cluster, which Ray repeats elsewhere where a machine is lost; beside actors they ask no room."""
        task = self.ray.remote(_call).options(num_cpus=0 if self._actors else 1, max_retries=LOSSES)
        self._check([task.remote(_versions, number) for number in range(self.shards)])
        shared = [self.ray.put(each) for each in common]
        futures = [task.remote(work, item, *shared) for item in items]
        waiting = list(futures)
        while waiting:
            _, waiting = self.ray.wait(waiting)
            if done is not None:
                done(len(items) - len(waiting))
        return self._get(futures)

    def lasting(self, work: Callable[[], T]) -> T:
        """Begun again after each loss, LOSSES times at most; then Refused, which names the last."""
        lost: Exception | None = None
        for _ in range(LOSSES):
            try:
                return work()
            except self._losses as problem:
                lost = problem
                self._posted.clear()
                self._mend()
        help = "look at the memory of its machines, or give more shards"
        raise refuse("--workers ray", f"{LOSSES} losses in a row: {lost}", "a scenario needs its workers", help)

    def close(self) -> None:
        for actor in self._actors:
            self.ray.kill(actor)
        self._here.close()
        if self._own:
            self.ray.shutdown()

    def _start(self) -> None:
        """Start the actors, once, on as many machines as there are, and compare versions."""
        if self._actors:
            return
        actor = self.ray.remote(Shard).options(
            num_cpus=1, max_restarts=-1, max_task_retries=0, scheduling_strategy="SPREAD"
        )
        self._actors = [actor.remote() for _ in range(self.shards)]
        self._check([each.versions.remote() for each in self._actors])

    def _check(self, futures: list[Any]) -> None:
        """Refuse workers whose versions are not those of this process."""
        own = versions()
        for theirs in self._get(futures):
            parted = [name for name in own if theirs.get(name) != own[name]]
            if parted:
                found = ", ".join(f"{name} {theirs.get(name)}, here {own[name]}" for name in parted)
                raise refuse("--workers ray", f"a worker has {found}", "workers and this process must be alike", ALIKE)

    @property
    def _losses(self) -> tuple[type[Exception], ...]:
        known = self.ray.exceptions
        return (Lost, known.RayActorError, known.ObjectLostError, known.WorkerCrashedError, known.OutOfMemoryError)

    def _get(self, futures: list[Any]) -> list[Any]:
        """What the futures come to. A cluster that has too little room while somebody is waited for gets some time."""
        short_since = monotonic()
        while True:
            try:
                return self.ray.get(futures, timeout=LOOK_SECONDS)
            except self.ray.exceptions.GetTimeoutError:
                if self._room() >= self.shards:
                    short_since = monotonic()
                elif monotonic() - short_since > REPLACED_SECONDS:
                    self._no_room()

    def _room(self) -> int:
        return int(self.ray.cluster_resources().get("CPU", 0))

    def _no_room(self) -> NoReturn:
        room = self._room()
        help = "look at its machines, or add some"
        if room < self.shards:
            help = f"give --shards {room} or fewer, or add machines" if room else "start its machines again"
        allowed = f"the cluster has {room} processors, and each shard needs one that answers"
        raise refuse("--workers ray", f"{self.shards} shards", allowed, help)

    def _mend(self) -> None:
        """Wait for lost actors to be started anew and hand them again what they held; copies are gone."""
        until = monotonic() + REPLACED_SECONDS
        for place, actor in enumerate(self._actors):
            while not self._has_again(actor, place, until - monotonic()):
                if monotonic() > until:
                    self._no_room()
                sleep(0.2)

    def _has_again(self, actor: Any, place: int, seconds: float) -> bool:
        """Whether an actor answers and has all that its shard held."""
        try:
            known = self.ray.get(actor.known.remote(), timeout=max(1.0, seconds))
            for _, held in self._whole.values():
                if held.key not in known and held.refs is not None:
                    self.ray.get(actor.hold.remote(held.key, held.refs[place]))
        except (*self._losses, self.ray.exceptions.GetTimeoutError):
            return False
        return True


def _versions(number: int) -> dict[str, str]:
    return versions()


def _own(value: Any) -> Any:
    """Nested tuples with copies of their arrays: what crosses is read-only, which kernels are not compiled for."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if not isinstance(value, tuple):
        return value
    parts = [_own(each) for each in value]
    return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)


def _size(values: Any) -> int:
    """Bytes of all arrays in nested tuples and lists."""
    if isinstance(values, np.ndarray):
        return values.nbytes
    return sum(_size(each) for each in values) if isinstance(values, tuple | list) else 8
