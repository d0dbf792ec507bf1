"""The cache of compiled kernels: what an interrupted compilation left is compiled again, without a word or a wait."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

SCRIPT = """
import numpy as np
from gaemi.kernels._compile import compiled
from gaemi.kernels.price import press, trade, Exchange
low, price = np.empty(1, np.int8), np.empty(1, np.int64)
table = np.array([[2 ** 62]]), np.array([[1]])
exchange = Exchange(np.array([100]), np.array([3000]), np.zeros(1, np.uint8), *table)
compiled(trade)(np.array([90.0]), exchange, price, low)
print(int(price[0]))
"""


def compiling(folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"GAEMI_CACHE": str(folder), "GAEMI_COMPILE": "1"}
    command = [sys.executable, "-c", SCRIPT]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def price(folder: Path) -> str:
    out, told = compiling(folder).communicate(timeout=120)
    assert "Traceback" not in told, told[-2000:]
    return out.strip()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that was written undisturbed."""
    folder = tmp_path_factory.mktemp("cache")
    assert price(folder) == "90"
    return folder


@pytest.fixture
def cache(whole: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(whole, tmp_path / "cache"))


@pytest.mark.parametrize(("kind", "left"), [("nbi", 0), ("nbc", 0.5), pytest.param("nbc", 0, marks=pytest.mark.slow)])
def test_a_torn_file_is_compiled_again(cache: Path, kind: str, left: float) -> None:
    torn = next(cache.rglob(f"*.{kind}"))
    data = torn.read_bytes()
    torn.write_bytes(data[: int(left * len(data))])
    assert price(cache) == "90"
    assert next(cache.rglob(f"*.{kind}")).read_bytes()[-1:] == b"."


def test_whole_files_are_left_alone(cache: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")}
    assert price(cache) == "90"
    assert before == {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")} != {}


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8, 0.9, 0.95])
def test_a_first_compilation_that_is_killed(tmp_path: Path, share: float) -> None:
    began = monotonic()
    price(tmp_path / "whole")
    seconds = monotonic() - began
    running = compiling(tmp_path / "killed")
    sleep(seconds * share)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert price(tmp_path / "killed") == "90"
