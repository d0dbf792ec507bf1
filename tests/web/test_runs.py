"""Runs: found again or private, how far they are, ended in every way there is; and the lane works on."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from web import tasks
from web.site import PATIENCE, until

from gaemi.web import runs as running
from gaemi.web import worker
from gaemi.web.asks import AccountAsk, Ask, BookAsk, CompareAsk, CountryAsk
from gaemi.web.runs import Busy, Run, Runs, State
from gaemi.web.worker import Made


@pytest.fixture(scope="module")
def obedient() -> Iterator[None]:
    """Processes that begin meanwhile do what they are told."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("begin", "carry_out", "draw"):
            patched.setattr(worker, name, getattr(tasks, name))
        yield


@pytest.fixture
def opened(obedient: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Runs]]:
    """Opens runs with lanes of so many seconds."""
    made: list[Runs] = []

    def begin(**lanes: float) -> Runs:
        monkeypatch.setattr(running, "LANES", lanes)
        monkeypatch.setattr(running, "WARMED", tuple(lanes))
        made.append(Runs())
        return made[-1]

    yield begin
    for runs in made:
        runs.close()


@pytest.fixture(scope="module")
def runs(obedient: None) -> Iterator[Runs]:
    """Runs that many tests share, each of which leaves them as they were."""
    shared = Runs()
    yield shared
    shared.close()


def told(what: str, quick: bool = True, **files: bytes) -> Ask:
    return Ask("account", AccountAsk(holding=[what], quick=quick), files)


def begun(runs: Runs, run: Run) -> int:
    """The process that is at a run, once one is."""
    until(lambda: runs.get(run.id) is run and run.state is State.RUNNING and runs.progress(run)[2])
    return runs.progress(run)[2]


def ended(run: Run, state: State, seconds: float = PATIENCE) -> Run:
    until(lambda: not run.state.is_open, seconds)
    assert state is run.state
    return run


def works(runs: Runs, **asked: Any) -> int:
    """The lane answers; the process that did."""
    return int(ended(runs.start(told("nothing", **asked)), State.DONE).answer()["process"])


def is_alive(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return "Z" != Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return False


def left(runs: Runs) -> list[Path]:
    return [path for path in runs._scratch.rglob("*") if path.is_file()]


def test_a_public_question_is_the_same_run_each_time(runs: Runs) -> None:
    ask = Ask("country", CountryAsk(shock="nothing"))
    run = runs.start(ask)
    assert run is runs.start(Ask("country", CountryAsk(shock=" nothing "))) is runs.find(ask)
    ended(run, State.DONE)
    assert run is runs.start(ask), "its answer stands"
    other = runs.start(Ask("country", CountryAsk(shock="nothing", seed=1)))
    assert other is not run and other is not runs.start(Ask("compare", CompareAsk(reform="x", shock="nothing")))
    refused = ended(runs.start(Ask("country", CountryAsk(shock="refuse"))), State.REFUSED)
    assert refused is runs.start(refused.ask), "what is refused once is refused again"
    failed = ended(runs.start(Ask("country", CountryAsk(shock="fail"))), State.FAILED)
    assert failed is not runs.start(failed.ask), "what failed may be asked again"
    assert "a figure of somebody" not in str(failed.made.faults)


def test_a_private_question_is_found_by_nobody() -> None:
    account = Ask("account", AccountAsk(holding=["nothing"]))
    files = Ask("book", BookAsk(), {"holdings.csv": b"x"})
    assert account.name("secret") is None is files.name("secret")
    of_the_site = Ask("book", BookAsk(shock="-20%"))
    assert of_the_site.name("secret") == of_the_site.name("secret") != of_the_site.name("another")
    public = Ask("country", CountryAsk())
    assert public.name("secret") == public.name("another") and not public.is_private
    assert account.is_private and files.is_private and of_the_site.is_private


def test_names_of_private_runs_cannot_be_guessed(runs: Runs) -> None:
    started = [runs.start(told("nothing")) for _ in range(20)]
    names = {run.id for run in started}
    assert 20 == len(names) and all(len(name) >= 24 for name in names), "144 bits of luck"
    assert [None, started[0]] == [runs.find(started[0].ask), runs.get(started[0].id)]
    assert runs.get("") is None is runs.get(started[0].id[:-1]) is runs.get(started[0].id + "x")


def test_how_far_a_run_is_only_rises(runs: Runs) -> None:
    run = runs.start(told("sleep 0.5"))
    seen = []
    while run.state.is_open:
        assert runs.get(run.id) is run
        seen.append((run.state, *runs.progress(run)))
        sleep(0.005)
    done = [number for state, label, number, _ in seen if state is State.RUNNING and label == "asleep"]
    assert sorted(done) == done and len(set(done)) > 5
    assert State.WAITING is seen[0][0] and ("", 0, 0) == seen[0][1:] == runs.progress(run)
    assert 0.4 < run.seconds < PATIENCE and run.seconds == run.seconds, "its time stands still at its end"


def test_who_waits_knows_how_many_are_before(runs: Runs) -> None:
    first, second, third = (runs.start(told("sleep 30")) for _ in range(3))
    elsewhere = runs.start(told("sleep 30", quick=False))
    begun(runs, first)
    assert [0, 1, 2, 0] == [runs.ahead(run) for run in (first, second, third, elsewhere)]
    runs.cancel(second)
    assert 1 == runs.ahead(third)
    for run in (third, first, elsewhere):
        runs.cancel(run)


def test_a_cancelled_run_ends_at_once_and_its_lane_works_on(runs: Runs) -> None:
    run, waiting = runs.start(told("sleep 60", notes=b"x")), runs.start(told("sleep 60"))
    process = begun(runs, run)
    assert left(runs)
    runs.cancel(waiting)
    runs.cancel(run)
    assert (State.CANCELLED, State.CANCELLED) == (run.state, waiting.state)
    assert process != works(runs) and not is_alive(process)
    runs.cancel(run)
    assert State.CANCELLED is run.state and [] == left(runs)


def test_a_run_that_is_done_is_not_cancelled(runs: Runs) -> None:
    run = ended(runs.start(told("nothing")), State.DONE)
    runs.cancel(run)
    assert State.DONE is run.state


def test_a_run_that_takes_too_long_is_ended_and_its_lane_works_on(opened: Callable[..., Runs]) -> None:
    runs = opened(moment=0.5)
    late = ended(runs.start(told("sleep 60")), State.LATE)
    assert late.seconds < 30 and [] == left(runs)
    works(runs)


def test_a_process_that_ends_by_itself_fails_its_run_alone(runs: Runs) -> None:
    first, second = runs.start(told("die")), runs.start(told("nothing"))
    ended(first, State.FAILED)
    assert [] == left(runs)
    assert State.DONE is ended(second, State.DONE).state
    works(runs)


def test_a_process_that_is_killed_fails_its_run_and_its_lane_works_on(runs: Runs) -> None:
    run = runs.start(told("sleep 60"))
    process = begun(runs, run)
    os.kill(process, signal.SIGKILL)
    ended(run, State.FAILED)
    assert "our mistake" in run.made.faults[0].allowed and [] == left(runs)
    assert process != works(runs)


def test_a_process_that_is_killed_while_it_rests_is_replaced(runs: Runs) -> None:
    for _ in range(2):
        process = works(runs)
        os.kill(process, signal.SIGKILL)
        until(lambda process=process: not is_alive(process))
        sleep(0.5)
        assert process != works(runs)


def test_a_process_begins_where_its_first_question_fails(
    opened: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "begin", tasks.begin_badly)
    works(opened(moment=60.0))


def test_only_so_many_may_wait(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_WAITING", {"moment": 2, "account": 1})
    two = [runs.start(told("sleep 60")) for _ in range(2)]
    with pytest.raises(Busy):
        runs.start(told("nothing"))
    ended(runs.start(told("nothing", quick=False)), State.DONE)
    runs.cancel(two[1])
    third = runs.start(told("nothing"))
    runs.cancel(two[0])
    ended(third, State.DONE)


def test_private_results_are_forgotten_in_time(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    private = ended(runs.start(told("nothing")), State.DONE)
    public = ended(runs.start(Ask("country", CountryAsk(shock="nothing"))), State.DONE)
    asleep = runs.start(told("sleep 60"))
    runs.drawing(private, "curve").result(PATIENCE)
    until(lambda: runs._drawn)
    assert [private, public, asleep] == [runs.get(run.id) for run in (private, public, asleep)]
    monkeypatch.setattr(running, "KEPT_SECONDS", 0.05)
    sleep(0.1)
    assert [None, public, asleep] == [runs.get(run.id) for run in (private, public, asleep)]
    assert {} == runs._drawn, "nor is what was drawn of it kept"
    runs.cancel(asleep)


def test_the_oldest_results_make_room(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "KEPT_BYTES", 25_000)
    made = [ended(runs.start(told("make 10000")), State.DONE) for _ in range(4)]
    assert [False, False, True, True] == [runs.get(run.id) is run for run in made]
    monkeypatch.setattr(running, "KEPT_RUNS", 1)
    assert [False, True] == [runs.get(run.id) is run for run in made[2:]]
    runs.drop(made[3])
    assert runs.get(made[3].id) is None


def test_files_stand_in_memory_while_a_run_is_at_them_and_no_longer(runs: Runs) -> None:
    if Path("/dev/shm").is_dir():
        assert Path("/dev/shm") == runs._scratch.parent
    assert 0o700 == runs._scratch.stat().st_mode & 0o777, "nobody else looks in"
    run = runs.start(told("sleep 0.2", holdings=b"figures"))
    begun(runs, run)
    until(lambda: {"holdings", "left"} == {path.name for path in left(runs)})
    ended(run, State.DONE)
    assert [] == left(runs)
    for how, state in (("fail", State.FAILED), ("refuse", State.REFUSED), ("nothing", State.DONE)):
        ended(runs.start(told(how)), state)
    assert [] == left(runs)


def test_the_end_of_a_site_leaves_nothing(opened: Callable[..., Runs]) -> None:
    before = set(multiprocessing.active_children())
    runs = opened(moment=60.0, account=60.0, draw=60.0)
    at = [begun(runs, runs.start(told("sleep 60"))), begun(runs, runs.start(told("sleep 60", quick=False)))]
    waiting = runs.start(told("nothing"))
    began = monotonic()
    runs.close()
    assert monotonic() - began < 5
    assert [False, False] == [is_alive(process) for process in at] and not runs._scratch.exists()
    assert before >= set(multiprocessing.active_children())
    assert State.DONE is not waiting.state
    with pytest.raises(Busy):
        runs.start(told("nothing"))
    runs.close()


def test_a_picture_is_drawn_once_and_a_failure_is_not_kept(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_WAITING", {"draw": 2})
    run = runs.adopt(Ask("country", CountryAsk()), Made(b"{}", {}))
    first, same, second = runs.drawing(run, "sleep"), runs.drawing(run, "sleep"), runs.drawing(run, "curve")
    assert first is same
    with pytest.raises(Busy):
        runs.drawing(run, "days")
    assert first.result(PATIENCE).startswith(b"sleep ") and second.result(PATIENCE).startswith(b"curve ")
    until(lambda: not runs._drawing)
    assert first.result() == runs.drawing(run, "sleep").result(0)
    with pytest.raises(KeyError):
        runs.drawing(run, "none").result(PATIENCE)
    until(lambda: not runs._drawing)
    assert {"sleep", "curve"} == {key[1] for key in runs._drawn}
