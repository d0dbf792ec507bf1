"""Terra by the minute: people who held the falling coin, valued at every minute, and the module's blocks."""

from collections.abc import Callable, Iterator

from bench.figures import Figure, Target, seconds
from gaemi.coins.terra_chain import runs_of, setting_of
from gaemi.coins.terra_holders import Entrants, Holders, follow, holder_rows, holders_of, won_path
from gaemi.coins.terra_record import HELD, SPAN, record_of
from gaemi.kernels.hold import SCALE
from gaemi.law.lawbook import load
from gaemi.workers import LocalWorkers

THREADS = 2
HOLDERS = 300_000
QUICK = 100
SECONDS = 30.0
SEED = 0


class NotMet(AssertionError):
    """A sum over all holders is not what each of them comes to: no time is believed."""


def figures(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Time 0.3 million holders over nine days by the minute, and all runs of the module."""
    book, number = load(), HOLDERS // QUICK if quick else HOLDERS
    say("terra: laying out the record")
    record = record_of(None)
    price = won_path(record)
    setting = setting_of(book, record)
    groups = [Entrants(None, number, 0, 1)]  # there from the first minute: the most minutes that anybody can be held
    say(f"terra: {number:,} holders at {price.size:,} minutes")
    with LocalWorkers(THREADS) as workers:
        holders = holders_of(book, price, SEED, groups)
        follow(holders, workers)  # compiles
        timed = []
        for _ in range(repeats):
            timed.append(seconds(lambda: follow(holders, workers)))
            _check(holders)
    target = None if quick else Target(SECONDS)
    name = f"{number:,} holders, {len(HELD.days)} days by the minute"
    yield Figure(name, "s", tuple(timed), target, f"{number * price.size / 1e9:.2g} bn values")
    runs = runs_of(setting)
    name = f"the module, {len(SPAN.days)} days by the block, {len(runs)} runs"
    yield Figure(name, "ms", tuple(1e3 * seconds(lambda: runs_of(setting) and None) for _ in range(repeats)))


def _check(holders: Holders) -> None:
    """At the last minute each holder has coins times the price, rounded down, and the report has their sum."""
    held = holders.held
    wanted = held.coins_e3 * holders.price_e6[-1] // SCALE
    if not (wanted == held.end_won).all():
        raise NotMet("a holder does not end with coins times the price")
    if holder_rows(holders)[0]["end_won"] != int(wanted.sum()):
        raise NotMet("won at the end do not add up")
