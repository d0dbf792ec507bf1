"""Long runs and whole processes: 250 days of all accounts, the default country, the way to a first day."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np

from bench.figures import Figure, Target, seconds
from bench.processes import FIRST_DAY, ROOT, CommandFailed, measure
from bench.taken_apart import FALL_BPS
from gaemi.chance import PATH, exp, name_id, normal, word
from gaemi.market.paths import Path
from gaemi.market.shocks import with_default
from gaemi.run import begin, run
from gaemi.scene import Scene
from gaemi.world import Settings, World

DAYS, DAYS_SECONDS = 250, 30.0
COUNTRY_SECONDS, COUNTRY_GIB, FIRST_DAY_SECONDS = 35.0, 4.0, 2.0
FALL_NAME, NOISE_NAME = f"{DAYS} days, a fall and then flat", f"{DAYS} days, every name moves every day"
COUNTRY_NAME, COUNTRY_MEMORY = "gaemi country, whole process", "gaemi country: peak memory"
BEFORE_NAME, ONE_DAY_NAME = "start to the first day, scale 1/1000", "the same process to its end"

UNTIL_THE_FIRST_DAY = """
import sys
from time import perf_counter
import gaemi.cli.commands
from gaemi.country import country
from gaemi.scene import Request

def progress(label, done, total):
    if label == "shocks":
        print(perf_counter(), flush=True)
        sys.exit()

country(Request(scale=1000, shock="-20%", days=1), progress)
"""
"""Says when the first session of the first shock is about to be run; the clock is that of the whole machine."""


def noisy(path: Path, scene: Scene) -> Path:
    """The path with a draw of its own for every name and day, of the name's own volatility; funds follow."""
    names, seed = scene.instruments, scene.request.seed
    numbers = [name_id(ticker) for ticker in names.ticker]
    draws = [[normal(word(seed, 0, PATH, day, number, 0)) for number in numbers] for day in range(path.sessions + 1)]
    steps = np.array(draws) * np.where(names.halted == 0, names.volatility, 0.0)
    steps[0] = 0.0
    moved = np.vectorize(exp)(np.cumsum(steps, axis=0))
    factors = path.factor_close * moved
    return replace(path, factor_open=factors, factor_close=factors, note="each name moves by a draw of its own")


def days_of(scene: Scene, path: Path) -> World:
    """A scenario with feedback, every account valued."""
    return run(begin(scene.start, path, scene.workers, Settings(True, True, scene.request.seed)))


def long_runs(scene: Scene, repeats: int, quick: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    """Seconds of 250 days from the state's close, copies of the accounts included."""
    days = 20 if quick else DAYS
    fall = scene.shock_path(with_default(FALL_BPS), days)
    target = None if quick else Target(DAYS_SECONDS)
    for name, path, bound in ((FALL_NAME, fall, target), (NOISE_NAME, noisy(fall, scene), None)):
        say(name)
        spent = tuple(seconds(lambda path=path: days_of(scene, path) and None) for _ in range(repeats))  # type: ignore[misc]
        accounts = scene.start.population.accounts()
        note = f"{days} days, {accounts:,} accounts, with feedback"
        yield Figure(name, "s", spent, bound, note, {"days": days, "accounts": accounts})


def first_day() -> float:
    """Seconds from the start of a process until its first session is about to be run."""
    began = perf_counter()
    command = [sys.executable, "-c", UNTIL_THE_FIRST_DAY]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if told.returncode != 0 or not told.stdout:
        raise CommandFailed(f"no first day was reached:\n{told.stderr[-2000:]}")
    return float(told.stdout) - began


def processes(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Second start-ups, and the default country with its peak memory."""
    say("second start-up")
    if not quick:
        first_day()  # the first start reads files that nobody has read yet
    spent = tuple(first_day() for _ in range(1 if quick else 3 * repeats))
    note = "before the first session of the shock is run: the target is held against this one"
    yield Figure(BEFORE_NAME, "s", spent, None if quick else Target(FIRST_DAY_SECONDS), note)
    runs = tuple(measure(*FIRST_DAY)[0] for _ in range(1 if quick else 3 * repeats))
    yield Figure(ONE_DAY_NAME, "s", runs, None, "one day with feedback and without, tables printed")
    say("gaemi country")
    arguments = ("country", "--scale", "1/1000") if quick else ("country",)
    measured = [measure(*arguments) for _ in range(repeats)]
    yield Figure(COUNTRY_NAME, "s", tuple(s for s, _ in measured), None if quick else Target(COUNTRY_SECONDS))
    yield Figure(COUNTRY_MEMORY, "GiB", tuple(m for _, m in measured), None if quick else Target(COUNTRY_GIB))
