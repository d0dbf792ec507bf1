"""Whole processes: how long a command takes from start to end, and how much memory it needs."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figures import Figure, Target

ROOT = Path(__file__).resolve().parents[1]
GAEMI = (sys.executable, "-c", "from gaemi.cli import main; main()")
FIRST_DAY = ("country", "--scale", "1/1000", "--shock", "-20%", "--days", "1")
HELP_SECONDS = 0.3


class CommandFailed(AssertionError):
    """A command that is timed did not end well."""


_ALONE = """
import os, subprocess, sys, time
began = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(time.perf_counter() - began, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""A small process that starts and waits for the one that is timed: a child's peak memory, as the system tells it, is
never below that of whoever started it, and benches hold gigabytes."""


def measure(*arguments: str) -> tuple[float, float]:
    """Seconds and peak memory in GiB of one ``gaemi`` process."""
    told = subprocess.run([sys.executable, "-S", "-c", _ALONE, *GAEMI, *arguments], capture_output=True, text=True)
    if told.returncode != 0:
        raise CommandFailed(f"gaemi {' '.join(arguments)} could not be timed:\n{told.stderr[-2000:]}")
    seconds, peak, code = told.stdout.split()
    if code != "0":
        raise CommandFailed(f"gaemi {' '.join(arguments)} ended with {code}:\n{told.stderr[-2000:]}")
    kilobyte = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there
    return float(seconds), int(peak) * kilobyte / 2**30


def figures(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Time ``--help``, a question to the law, and a small run on a warm cache."""
    say("gaemi --help, gaemi law")
    yield _seconds("gaemi --help", 3 if quick else 10, Target(HELP_SECONDS), "--help")
    yield _seconds("gaemi law, a value", 1 if quick else 5, None, "law", "margin.maintenance", "--on", "2024-08-05")
    yield Figure("loading the law", "s", tuple(_law_seconds() for _ in range(1 if quick else 5)))
    say("compiling what is not compiled yet")
    yield _seconds("second start to the end of the first day, scale 1/1000", 1 if quick else 3, None, *FIRST_DAY)


def _seconds(name: str, repeats: int, target: Target | None, *arguments: str) -> Figure:
    measure(*arguments)  # the first start reads files that nobody has read yet
    return Figure(name, "s", tuple(measure(*arguments)[0] for _ in range(repeats)), target)


def _law_seconds() -> float:
    """Seconds to read and check the law in a process that has imported all it needs."""
    code = (
        "from time import perf_counter\nfrom gaemi.law.lawbook import load\n"
        "began = perf_counter()\nload()\nprint(perf_counter() - began)\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return float(answer.stdout)
