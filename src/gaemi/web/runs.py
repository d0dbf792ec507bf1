"""Runs: what was asked, how far it is, what it came to. All of it in memory, bounded, and forgotten in time."""

import json
import multiprocessing
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any

from pebble import ProcessPool

from gaemi.errors import Fault
from gaemi.web import worker
from gaemi.web.asks import Ask
from gaemi.web.worker import LABEL, Made

LANES = {"moment": 20.0, "account": 300.0, "long": 3600.0, "draw": 30.0}
"""The workers, one process each, and how many seconds one task of theirs may take."""

WARMED = ("draw", "moment", "account", "long")
"""The order in which the workers begin, unless they are asked before."""

MOST_WAITING = {"moment": 40, "account": 20, "long": 8, "draw": 400}
KEPT_BYTES, KEPT_RUNS, KEPT_SECONDS = 768 << 20, 300, 3600.0
"""Results are forgotten after an hour, or earlier where they take more room than this, the oldest first."""


OURS = "this run failed, and it is our mistake"


class State(StrEnum):
    """Where a run is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LATE = "late"

    @property
    def is_open(self) -> bool:
        return self in (State.WAITING, State.RUNNING)


ENDED_EARLY = (State.CANCELLED, State.FAILED, State.LATE)
"""A run that came to no answer may be asked for again."""


class Busy(Exception):
    """Too many wait already; ask again later."""


@dataclass(slots=True)
class Run:
    """One question and its answer."""

    id: str
    ask: Ask
    asked: float
    state: State = State.WAITING
    made: Made = field(default_factory=Made)
    ended: float = 0.0
    scratch: Path | None = None
    future: Future[Made] | None = None
    document: dict[str, Any] | None = None
    pages: dict[str, str] = field(default_factory=dict)

    def answer(self) -> dict[str, Any]:
        """The document of a run that is done, read once."""
        if self.document is None:
            self.document = json.loads(self.made.document)
        return self.document

    @property
    def seconds(self) -> float:
        """Since it was asked, or how long it took."""
        return (self.ended or monotonic()) - self.asked

    @property
    def bytes(self) -> int:
        """Room that it takes, about."""
        tables = self.made.tables or {}
        return 3 * len(self.made.document) + sum(map(len, tables.values())) + sum(map(len, self.pages.values()))


@dataclass(slots=True)
class Lane:
    """A worker process and the board on which it writes how far it is."""

    pool: ProcessPool
    numbers: Any
    label: Any


class Runs:
    """All runs of a site. Its methods may be called from any thread; none waits for a run."""

    def __init__(self, source: str | None = None, on: date | None = None) -> None:
        self.source, self.on = source, on
        self._secret = secrets.token_hex(16)
        self._runs: dict[str, Run] = {}
        self._lock = threading.RLock()
        memory = Path("/dev/shm")
        # Readers take files: what was sent stands in memory, where the system has such a place, while it is read.
        self._scratch = Path(tempfile.mkdtemp(prefix=f"gaemi-{os.getpid()}-", dir=memory if memory.is_dir() else None))
        self._lanes = {name: _lane(name, self._scratch) for name in LANES}
        self._is_closed = False
        self._drawn: dict[tuple[Any, ...], bytes] = {}
        self._drawing: dict[tuple[Any, ...], Future[bytes]] = {}
        self._begin(WARMED)

    def _begin(self, lanes: tuple[str, ...]) -> None:
        """Have the processes begin one after the other: the first page needs but one of them."""
        if lanes and not self._is_closed:
            begun = self._lanes[lanes[0]].pool.schedule(worker.ready)
            begun.add_done_callback(lambda _: self._begin(lanes[1:]))

    def close(self) -> None:
        """End every run and its process, and forget everything."""
        with self._lock:
            self._is_closed = True
        for lane in self._lanes.values():
            lane.pool.stop()
        for lane in self._lanes.values():
            lane.pool.join()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def start(self, ask: Ask) -> Run:
        """The run of a question: the one that is there already, or a new one. Raises Busy."""
        with self._lock:
            name = self._name(ask)
            found = self._runs.get(name)
            if found is not None and found.state in (State.WAITING, State.RUNNING, State.DONE, State.REFUSED):
                return found
            waiting = sum(1 for run in self._runs.values() if run.state.is_open and run.ask.lane == ask.lane)
            if self._is_closed or waiting >= MOST_WAITING[ask.lane]:
                raise Busy
            self._forget()
            run = Run(name, ask, monotonic())
            run.scratch = Path(tempfile.mkdtemp(dir=self._scratch))
            run.future = self._schedule(ask.lane, worker.carry_out, [ask, self.source, str(run.scratch), self.on])
            self._runs[name] = run
        run.future.add_done_callback(lambda future: self._ended(run, future))
        return run

    def _schedule(self, name: str, task: Callable[..., Any], args: list[Any]) -> Future[Any]:
        """Give a lane a task. A lane whose process ended while it had nothing to do is given up and made anew."""
        lane = self._lanes[name]
        try:
            return lane.pool.schedule(task, args=args, timeout=LANES[name])
        except RuntimeError:
            # Its threads may wait for the lock that is held here, so nobody waits for them.
            threading.Thread(target=lane.pool.join, daemon=True).start()
            self._lanes[name] = _lane(name, self._scratch)
            return self._lanes[name].pool.schedule(task, args=args, timeout=LANES[name])

    def _name(self, ask: Ask) -> str:
        return ask.name(self._secret) or secrets.token_urlsafe(18)

    def get(self, name: str) -> Run | None:
        """The run of that name, if it is still remembered."""
        with self._lock:
            self._forget()
            run = self._runs.get(name)
            if run is not None and run.state is State.WAITING and run.future is not None and run.future.running():
                run.state = State.RUNNING
            return run

    def find(self, ask: Ask) -> Run | None:
        """The run of a question that can be named by what it asks, if it was asked before."""
        name = ask.name(self._secret)
        return None if name is None else self.get(name)

    def progress(self, run: Run) -> tuple[str, int, int]:
        """What the run is at, how much of it is done, and of how much."""
        if run.state is not State.RUNNING:
            return "", 0, 0
        lane = self._lanes[run.ask.lane]
        return lane.label.value.decode("utf-8", "replace"), int(lane.numbers[0]), int(lane.numbers[1])

    def ahead(self, run: Run) -> int:
        """How many runs of its lane were asked before one that waits, and are not at their end."""
        if run.state is not State.WAITING:
            return 0
        with self._lock:
            return sum(
                1
                for other in self._runs.values()
                if other.state.is_open and other.ask.lane == run.ask.lane and other.asked < run.asked
            )

    def cancel(self, run: Run) -> None:
        """End a run; the process that was at it is ended too, and a new one takes its place."""
        with self._lock:
            if run.state.is_open and run.future is not None and run.future.cancel():
                run.state, run.ended = State.CANCELLED, monotonic()

    def drop(self, run: Run) -> None:
        """Forget a run that is at its end."""
        with self._lock:
            if not run.state.is_open:
                self._let_go(run)

    def adopt(self, ask: Ask, made: Made) -> Run:
        """A run whose answer is known already."""
        with self._lock:
            run = Run(self._name(ask), ask, monotonic(), State.DONE, made, ended=monotonic())
            self._runs[run.id] = run
            return run

    def drawing(self, run: Run, *how: Any) -> Future[bytes]:
        """A chart of a run (name, kind, language, narrow, dark), drawn by a process of its own. Raises Busy."""
        return self._remembered((run.id, *how), worker.draw, [run.made.document, *how])

    def page_file(self, run: Run) -> Future[bytes]:
        """The page of a run as one file. Raises Busy."""
        return self._remembered((run.id, "page"), worker.page_file, [run.made.document])

    def _remembered(self, key: tuple[Any, ...], task: Callable[..., bytes], args: list[Any]) -> Future[bytes]:
        with self._lock:
            if key in self._drawn:
                done: Future[bytes] = Future()
                done.set_result(self._drawn[key])
                return done
            if key in self._drawing:
                return self._drawing[key]
            if self._is_closed or len(self._drawing) >= MOST_WAITING["draw"]:
                raise Busy
            future: Future[bytes] = self._schedule("draw", task, args)
            self._drawing[key] = future
        future.add_done_callback(lambda each: self._keep_drawing(key, each))
        return future

    def _keep_drawing(self, key: tuple[Any, ...], future: Future[bytes]) -> None:
        with self._lock:
            self._drawing.pop(key, None)
            if future.cancelled() or future.exception() is not None or key[0] not in self._runs:
                return
            if sum(map(len, self._drawn.values())) > KEPT_BYTES // 8:
                self._drawn.clear()
            self._drawn[key] = future.result()

    def _ended(self, run: Run, future: Future[Made]) -> None:
        """Note how a run ended. Its files are gone before anybody is told of its end."""
        if run.scratch is not None:
            shutil.rmtree(run.scratch, ignore_errors=True)
        with self._lock:
            run.ended = monotonic()
            try:
                run.made = future.result()
                run.state = State.REFUSED if run.made.faults else State.DONE
            except CancelledError:
                run.state = State.CANCELLED
            except TimeoutError:
                run.state = State.LATE
            except Exception as error:
                run.state = State.FAILED
                run.made = Made(faults=(Fault("gaemi", type(error).__name__, OURS),))

    def _forget(self) -> None:
        """Let go of results that are old, then of the oldest while there are too many or they are too large."""
        ended = sorted((run for run in self._runs.values() if not run.state.is_open), key=lambda run: run.ended)
        room, now = sum(run.bytes for run in ended), monotonic()
        for place, run in enumerate(ended):
            is_old = run.ask.is_private and now - run.ended > KEPT_SECONDS
            if is_old or room > KEPT_BYTES or len(ended) - place > KEPT_RUNS:
                room -= run.bytes
                self._let_go(run)

    def _let_go(self, run: Run) -> None:
        """Forget a run, and what was drawn of it."""
        self._runs.pop(run.id, None)
        for key in [key for key in self._drawn if key[0] == run.id]:
            del self._drawn[key]


def _lane(name: str, scratch: Path) -> Lane:
    context = multiprocessing.get_context("spawn")
    numbers, label = context.RawArray("d", 2), context.RawArray("c", LABEL)
    told = (numbers, label, name, str(scratch))
    pool = ProcessPool(max_workers=1, context=context, initializer=worker.begin, initargs=told)
    return Lane(pool, numbers, label)
