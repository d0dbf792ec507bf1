"""Checkpoints: a scenario goes on to the same bits from wherever it was; what is not whole or not ours is refused."""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path as File

import numpy as np
import pytest
from run.conftest import Crash
from toytown import LOUD, instruments, law, one_thread
from toytown.people import crowd

import gaemi.checkpoints as checkpoints
from gaemi.checkpoints import (
    RunFolder,
    Saved,
    accounts_hash,
    decoded,
    encoded,
    restore,
    run_folder,
    saved,
    scenario_key,
    sources_hash,
)  # fmt: skip
from gaemi.day import one_day
from gaemi.errors import Refused
from gaemi.means import Means
from gaemi.run import Scenario, Start, begin, fingerprint, outcome, run, start
from gaemi.workers import LocalWorkers
from gaemi.world import Settings, World

ASKED = {"command": "test", "request": {"seed": 7}}
WITH_PURCHASES = Settings(True, True, 7, unsettled_won=3_000_000_000)


def started(crash: Crash) -> Start:
    return start(law(), instruments(), crash.people, one_thread())


def scenario(crash: Crash, settings: Settings = LOUD) -> Scenario[str]:
    return Scenario("crash", started(crash), crash.path, settings, fingerprint, str)


class Stopped(BaseException):
    """Somebody stopped the process here."""


def stopping_at(day: int) -> Callable[[int], None]:
    def told(done: int) -> None:
        if done == day:
            raise Stopped

    return told


@pytest.fixture
def folder(tmp_path: File) -> Iterator[RunFolder]:
    with RunFolder(tmp_path / "run", ASKED, every=0.0) as made:
        yield made


@pytest.mark.parametrize(
    ("settings", "shards"),
    [
        (LOUD, 1),
        (LOUD, (1, 5, 2)),
        (WITH_PURCHASES, 1),
        pytest.param(WITH_PURCHASES, (1, 5, 2), marks=pytest.mark.slow),
    ],
    ids=["loud", "loud, shards", "purchases", "purchases, shards"],
)
def test_a_world_goes_on_from_every_close_to_the_same_bits(
    crash: Crash, settings: Settings, shards: int | tuple[int, ...]
) -> None:
    origin = started(crash)
    with LocalWorkers(2, shards=shards) as workers:
        world = begin(origin, crash.path, workers, settings)
        kept = []
        for day in range(1, crash.path.sessions + 1):
            one_day(world, day)
            kept.append(encoded(saved(world)))
        whole = fingerprint(world)
        for data in kept:
            other = begin(origin, crash.path, workers, settings)
            restore(other, origin.population, decoded(data, Saved))
            assert whole == fingerprint(run(other))
            assert other.ledger.balances == world.ledger.balances and other.ledger.postings == world.ledger.postings
            assert (other.wiped_by_age == world.wiped_by_age).all()


def test_peaks_and_marks_of_plain_accounts_are_kept(crash: Crash) -> None:
    origin = started(crash)
    world = run(begin(origin, crash.path, one_thread(), LOUD))
    other = begin(origin, crash.path, one_thread(), LOUD)
    restore(other, origin.population, decoded(encoded(saved(world)), Saved))
    for group, again in zip(world.population.plain, other.population.plain, strict=True):
        np.testing.assert_array_equal(group.peak_won, again.peak_won)
        np.testing.assert_array_equal(group.wiped, again.wiped)


@pytest.mark.parametrize("day", [1, 4, 9])
@pytest.mark.parametrize("shards", [1, 3])
def test_a_stopped_scenario_goes_on(crash: Crash, folder: RunFolder, day: int, shards: int) -> None:
    """Stopped on one number of shards it goes on upon another."""
    with pytest.raises(Stopped):
        outcome(scenario(crash), one_thread(), folder, progress=stopping_at(day))
    assert [place for place in places(folder, "checkpoint")] == [day]
    with LocalWorkers(1, shards=shards) as workers:
        days: list[int] = []
        found = outcome(scenario(crash), workers, folder, progress=days.append)
    assert found == fingerprint(crash.world)
    assert days[:2] == [0, day + 1], "earlier days are not run again"
    assert places(folder, "checkpoint") == [] and len(list(folder.folder.glob("*.finished"))) == 1


def places(folder: RunFolder, kind: str) -> list[int]:
    return sorted(int(path.name.split("-")[2]) for path in folder.folder.glob(f"*.{kind}"))


def test_a_finished_scenario_is_not_run_again(crash: Crash, folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome(scenario(crash), one_thread(), folder)
    monkeypatch.setattr("gaemi.run.begin", None)
    assert outcome(scenario(crash), one_thread(), folder) == fingerprint(crash.world)


def test_another_scenario_has_another_name(crash: Crash) -> None:
    one = scenario(crash)
    other = Scenario("crash", one.start, crash.path, Settings(True, True, 8), fingerprint, str)
    moved = Scenario("crash", one.start, nudged(crash), LOUD, fingerprint, str)
    assert len({one.key, other.key, moved.key, scenario_key("crash")}) == 4
    assert one.key == scenario(crash).key


def nudged(crash: Crash) -> object:
    from dataclasses import replace

    factor = crash.path.factor_close.copy()
    factor[-1, 0] *= 1.0001
    return replace(crash.path, factor_close=factor)


def test_checkpoints_are_not_written_more_often_than_asked(crash: Crash, tmp_path: File) -> None:
    with RunFolder(tmp_path / "run", ASKED, every=3600.0) as folder, pytest.raises(Stopped):
        outcome(scenario(crash), one_thread(), folder, progress=stopping_at(9))
    assert not list((tmp_path / "run").glob("*.checkpoint"))


def stopped(crash: Crash, folder: RunFolder) -> File:
    with pytest.raises(Stopped):
        outcome(scenario(crash), one_thread(), folder, progress=stopping_at(3))
    return next(folder.folder.glob("*.checkpoint"))


@pytest.mark.parametrize("damage", ["cut", "empty", "changed"])
def test_a_damaged_checkpoint_is_refused_by_name(crash: Crash, folder: RunFolder, damage: str) -> None:
    path = stopped(crash, folder)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes({"cut": data[:-1], "empty": b"", "changed": data}[damage])
    with pytest.raises(Refused, match=f"{path.name}.*must be as it was written.*remove the file"):
        outcome(scenario(crash), one_thread(), folder)
    path.unlink()
    assert outcome(scenario(crash), one_thread(), folder) == fingerprint(crash.world)


def test_a_damaged_result_is_refused(crash: Crash, folder: RunFolder) -> None:
    outcome(scenario(crash), one_thread(), folder)
    path = next(folder.folder.glob("*.finished"))
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(Refused, match="must be as it was written"):
        outcome(scenario(crash), one_thread(), folder)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"command": "book", "request": {"seed": 7}}, "command"),
        ({"command": "test", "request": {"seed": 8}}, "request.seed: the folder is of a run with 7, was 8"),
        ({"command": "test", "request": {"seed": 7, "scale": 2}}, "request.scale"),
    ],
)
def test_another_run_is_refused(tmp_path: File, asked: dict[str, object], told: str) -> None:
    RunFolder(tmp_path / "run", ASKED).close()
    with pytest.raises(Refused, match=told):
        RunFolder(tmp_path / "run", asked)
    RunFolder(tmp_path / "run", ASKED).close()


def test_another_version_is_refused(tmp_path: File, monkeypatch: pytest.MonkeyPatch) -> None:
    RunFolder(tmp_path / "run", ASKED).close()
    theirs = checkpoints.versions() | {"code": "another"}
    monkeypatch.setattr(checkpoints, "versions", lambda: theirs)
    with pytest.raises(Refused, match=r"versions\.code"):
        RunFolder(tmp_path / "run", ASKED)


def test_other_accounts_are_refused(folder: RunFolder) -> None:
    people, fewer = crowd(crash_date(), 50), crowd(crash_date(), 49)
    folder.same("accounts", accounts_hash(people.borrowing))
    folder.same("accounts", accounts_hash(people.borrowing))
    with pytest.raises(Refused, match="accounts"):
        folder.same("accounts", accounts_hash(fewer.borrowing))


def crash_date() -> object:
    from run.conftest import BEFORE_THE_CHANGE

    return BEFORE_THE_CHANGE


def test_one_won_elsewhere_is_another_hash() -> None:
    people = crowd(crash_date(), 50)
    before = accounts_hash(people.borrowing)
    people.borrowing[0].cash_won[3] += 1
    assert before != accounts_hash(people.borrowing)


def test_two_runs_do_not_share_a_folder(folder: RunFolder) -> None:
    with pytest.raises(Refused, match="is in use by a run"):
        RunFolder(folder.folder, ASKED)


def test_a_folder_of_other_things_is_left_alone(tmp_path: File) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Refused, match="must be new, empty, or of a run"):
        RunFolder(tmp_path, ASKED)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(Refused, match="must be a folder"):
        RunFolder(tmp_path / "thesis.txt", ASKED)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "another"}'])
def test_a_strange_manifest_is_refused(tmp_path: File, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(Refused, match=r"run\.json"):
        RunFolder(tmp_path, ASKED)


def test_what_a_killed_writer_left_is_swept_away(tmp_path: File) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".run.json.part").write_text("{")
    with RunFolder(tmp_path / "run", ASKED):
        assert not list((tmp_path / "run").glob(".*.part"))


def test_a_full_disk_is_told_and_what_was_kept_stays(
    crash: Crash, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stopped(crash, folder)
    real = os.fsync

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match=r"bytes are to be written, was No space left on device; make room"):
        outcome(scenario(crash), one_thread(), folder)
    monkeypatch.setattr(os, "fsync", real)
    assert path.exists() and not list(folder.folder.glob(".*.part"))
    assert outcome(scenario(crash), one_thread(), folder) == fingerprint(crash.world)


@pytest.fixture
def small_disk(tmp_path: File) -> Iterator[File]:
    """A file system of 256 KiB, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if not mounted or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("no small file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_really_full(crash: Crash, small_disk: File) -> None:
    with RunFolder(small_disk / "run", ASKED, every=0.0) as folder:
        (small_disk / "filler").write_bytes(b"\0" * (190 << 10))
        with pytest.raises(Refused, match="No space left on device"):
            outcome(scenario(crash), one_thread(), folder)
        (small_disk / "filler").unlink()
        files = {path.name for path in folder.folder.iterdir()}
        assert not any(name.endswith(".part") for name in files)


def test_a_run_without_a_folder_keeps_nothing() -> None:
    with run_folder("country", Means(), "law") as folder:
        assert folder is None


def test_means_do_not_make_another_run(tmp_path: File) -> None:
    """Stopped on two threads, a run goes on upon seven shards."""
    with run_folder("country", Means(resume=tmp_path / "run", threads=2), "law") as one:
        assert one is not None
    with run_folder("country", Means(resume=tmp_path / "run", shards=7, checkpoint=1.0), "law") as other:
        assert other is not None
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    assert told["command"] == "country" and told["request"] == {}


def test_sources_are_compared_by_what_they_hold(tmp_path: File) -> None:
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "a.csv").write_text("1")
    before = sources_hash(str(tmp_path / "prices"), None, "covid-2020")
    (tmp_path / "prices" / "a.csv").write_text("2")
    assert before != sources_hash(str(tmp_path / "prices"), None, "covid-2020") is not None
    assert sources_hash("covid-2020", None) is None


@dataclass
class Everything:
    """Shapes, types and nothing at all."""

    empty: np.ndarray
    flat: np.ndarray
    cut: np.ndarray
    number: int


def test_arrays_come_back_as_they_were_and_may_be_written() -> None:
    grid = np.arange(12, dtype=np.int16).reshape(3, 4)
    kept = Everything(np.zeros((0, 3)), np.array([1.5, np.nan, -0.0]), grid[:, ::2], np.int64(7))  # type: ignore[arg-type]
    back = decoded(encoded(kept), Everything)
    assert back.empty.shape == (0, 3) and back.number == 7
    assert back.flat.tobytes() == kept.flat.tobytes()
    np.testing.assert_array_equal(back.cut, grid[:, ::2])
    back.cut[0, 0] = 9
    assert grid[0, 0] == 0


def test_what_is_not_kept_is_not_kept_silently() -> None:
    with pytest.raises(NotImplementedError, match="is not kept"):
        encoded(World)
