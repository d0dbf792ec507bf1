"""Whole runs that are killed at moments of chance, and asked again: the same result, every time."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import pytest

pytestmark = pytest.mark.slow

GAEMI = (sys.executable, "-c", "from gaemi.cli import main; main()")
ASKED = ("country", "--scale", "1/2000", "--shock", "-30%", "--days", "60", "--json", "--threads", "1")
OFTEN = ("--checkpoint", "0.02")
KILLS = 50


def answer(text: str) -> dict[str, Any]:
    """A document without what may differ between identical runs."""
    document = json.loads(text)
    return {name: value for name, value in document.items() if name not in ("run", "timing")}


def asked(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([*GAEMI, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return answer(done.stdout)


def killed(arguments: Sequence[str], seconds: float) -> bool:
    """Whether a run that was killed after so many seconds had not ended by then."""
    command = [*GAEMI, *arguments]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    sleep(seconds)
    early = running.poll() is None
    os.killpg(running.pid, signal.SIGKILL) if early else None
    running.wait()
    return early


@pytest.fixture(scope="module")
def whole() -> tuple[dict[str, Any], float]:
    """The result of an undisturbed run, and how long it takes once everything is compiled."""
    asked(*ASKED)
    began = perf_counter()
    return asked(*ASKED), perf_counter() - began


def test_fifty_runs_killed_at_moments_of_chance(whole: tuple[dict[str, Any], float], tmp_path: Path) -> None:
    wanted, seconds = whole
    chance = random.Random(20251031)
    moments = [seconds * chance.uniform(0.0 if i % 2 else 0.5, 1.2) for i in range(KILLS)]

    def trial(i: int) -> tuple[bool, bool, bool]:
        folder = tmp_path / str(i)
        early = killed((*ASKED, "--resume", str(folder), *OFTEN), moments[i])
        stood = any(folder.glob("*.checkpoint"))
        same = asked(*ASKED, "--resume", str(folder), *OFTEN) == wanted
        shutil.rmtree(folder)
        return same, early, stood

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(trial, range(KILLS)))
    assert [same for same, _, _ in found] == [True] * KILLS
    assert sum(early for _, early, _ in found) > KILLS // 2, "most runs were killed before they ended"
    assert any(stood for _, _, stood in found), "some were killed in the middle of a scenario"


def test_a_book_that_was_killed_goes_on(tmp_path: Path) -> None:
    book = str(tmp_path / "book")
    subprocess.run([*GAEMI, "book", "--example", "500", "--out", book], check=True, capture_output=True)
    arguments = ("book", book, "--shock", "-25%", "--paths", "100", "--json")
    began = perf_counter()
    wanted = asked(*arguments)
    seconds = perf_counter() - began
    for i, share in enumerate((0.5, 0.9)):
        folder = ("--resume", str(tmp_path / str(i)), *OFTEN)
        killed((*arguments, *folder), seconds * share)
        assert asked(*arguments, *folder) == wanted
    other = subprocess.run([*GAEMI, *arguments, "--seed", "5", *folder], capture_output=True, text=True)
    assert other.returncode == 2 and "request.seed" in other.stderr


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (extra cluster)")
def test_a_head_that_dies_leaves_a_folder_to_resume(whole: tuple[dict[str, Any], float], tmp_path: Path) -> None:
    """The driver, its cluster and all workers are killed at once; threads go on with what they left."""
    folder = tmp_path / "run"
    command = [*GAEMI, *ASKED, "--resume", str(folder), *OFTEN, "--workers", "ray", "--shards", "2"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    until = perf_counter() + 120
    while not list(folder.glob("*.checkpoint")) and running.poll() is None and perf_counter() < until:
        sleep(0.05)
    assert running.poll() is None, "it was killed in the middle"
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert list(folder.glob("*.checkpoint"))
    assert asked(*ASKED, "--resume", str(folder), *OFTEN) == whole[0]


def test_a_stopped_run_says_how_to_go_on(tmp_path: Path) -> None:
    """Ctrl-C: an exit code of its own, a word on how to go on, no traceback."""
    command = [*GAEMI, *ASKED, "--resume", str(tmp_path / "run"), *OFTEN]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = perf_counter() + 120
    while not (tmp_path / "run" / "run.json").exists() and perf_counter() < until:
        sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, told = running.communicate(timeout=60)
    assert running.returncode == 130 and out == ""
    assert "--resume DIR the same command goes on" in told and "Traceback" not in told
