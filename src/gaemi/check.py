"""Check this installation: the same bits on any number of threads, an exact audit that can fail, known answers."""

from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter
from typing import Any

from gaemi.chance import philox
from gaemi.day import count
from gaemi.kernels import tally as tallying
from gaemi.market.shocks import with_default
from gaemi.records.ledger import Item, Sector, audit
from gaemi.rules.funds import value_step
from gaemi.rules.interest import interest_won
from gaemi.rules.margin import call_price, relief_e8, sale_quantity, shortfall_e8
from gaemi.rules.market import lower_limit, upper_limit
from gaemi.run import begin, fingerprint, run
from gaemi.scene import Request, Scene, prepare
from gaemi.units import largest_remainder
from gaemi.workers import LocalWorkers, Progress, silent
from gaemi.world import Settings, World

SCHEMA = "gaemi.check/1"
SCALE = 400
SHOCK_BPS = -3000
DAYS = 8
CONVENTION_C = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was found and what it must be."""

    name: str
    found: str
    expected: str

    @property
    def passed(self) -> bool:
        return self.found == self.expected

    def row(self) -> dict[str, Any]:
        return {"name": self.name, "passed": self.passed, "found": self.found, "expected": self.expected}


def check(seed: int = 0, progress: Progress = silent) -> dict[str, Any]:
    """Run every check; the document's ``passed`` says whether all hold."""
    began = perf_counter()
    checks = known_answers()
    prints, worlds = [], []
    with LocalWorkers(2) as workers:
        scene = prepare(Request(scale=SCALE, seed=seed), workers, progress)
        for i, threads in enumerate((1, 2)):
            progress("threads", i, 2)
            with LocalWorkers(threads) as crew:
                world = _world(scene, crew)
                prints.append(fingerprint(world))
                worlds.append(world)
        progress("threads", 2, 2)
        checks.append(Check("the same bits on 1 and 2 threads", prints[1], prints[0]))
        checks.append(Check("audit after every day", f"{len(worlds[0].differences)} differences", "0 differences"))
        checks += _canaries(worlds[1], workers)
    rows = [each.row() for each in checks]
    return {
        "schema": SCHEMA,
        "passed": all(row["passed"] for row in rows),
        "checks": rows,
        "timing": {"seconds": round(perf_counter() - began, 2)},
    }


def _world(scene: Scene, workers: LocalWorkers) -> World:
    path = scene.shock_path(with_default(SHOCK_BPS), DAYS)
    return run(begin(scene.start, path, workers, Settings(True, True, scene.request.seed)))


def _canaries(world: World, workers: LocalWorkers) -> list[Check]:
    """Wrongs done on purpose: the audit must find each, or it proves nothing."""
    import numpy as np

    def differences() -> int:
        held, sums = np.zeros(world.price.size, np.int64), np.zeros(tallying.SUMS, np.int64)
        workers.each(tallying.sum_borrowing, world.population.borrowing, world.now, out=[held, sums])
        return len(audit(world.ledger, count(world, held, sums), world.instruments.ticker))

    def found(wrong: int, right: int) -> str:
        return "found" if wrong > 0 and right == 0 else "not found"

    world.ledger.post(Item.CASH, Sector.INVESTORS, Sector.LENDERS, 1)
    posting = differences()
    world.ledger.post(Item.CASH, Sector.LENDERS, Sector.INVESTORS, 1)
    group = next(group for group in world.population.borrowing if group.investor.size)
    group.cash_won[0] += 1
    column = differences()
    group.cash_won[0] -= 1
    group.quantity[0, 0] += 1
    share = differences()
    group.quantity[0, 0] -= 1
    mended = differences()
    return [
        Check("a wrong posting of 1 won fails the audit", found(posting, mended), "found"),
        Check("1 won too much in a column fails the audit", found(column, mended), "found"),
        Check("1 share too many in a column fails the audit", found(share, mended), "found"),
    ]


def known_answers() -> list[Check]:
    """Published and derived answers, asked of the rules that runs use."""
    words = philox(0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0)
    return [
        Check("brokers' printed forced sales at 15, 20 and 30 %", _printed_sales(), "195 309 1000"),
        Check("call price of 100 shares on a loan of 6 m", str(call_price(6_000_000, 100, 0, 14_000, 10_000)), "84000"),
        Check("interest on 6 m at 9 % for 90 days", str(interest_won(6_000_000, 90, 90, (9999,), (900,), 1)), "133150"),
        Check("2x fund, index +10 % and back", f"{_there_and_back():.12f}", f"{float(Fraction(54, 55)):.12f}"),
        Check("price limits of 9,990", _limits(9_990), "7000 12980"),
        Check("10 over 1, 2, 3, 5 by largest remainder", str(largest_remainder(10, (1, 2, 3, 5))), "[1, 2, 3, 4]"),
        Check("Philox4x32-10", " ".join(f"{w:08x}" for w in words), "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ]


def _printed_sales() -> str:
    quantities = []
    for discount in (1_500, 2_000, 3_000):
        missing = shortfall_e8(6_000_000, 8_100_000, 14_000, discount, CONVENTION_C)
        relief = relief_e8(8_100, 14_000, discount, 0, 10_000, CONVENTION_C)
        quantities.append(str(sale_quantity(missing, relief, 1_000)))
    return " ".join(quantities)


def _there_and_back() -> float:
    return value_step(value_step(1.0, 0.10, 2.0, 0.0), -1.0 / 11.0, 2.0, 0.0)


def _limits(base: int) -> str:
    below, ticks = (2_000, 5_000, 20_000, 50_000, 200_000, 500_000, 2**62), (1, 5, 10, 50, 100, 500, 1_000)
    return f"{lower_limit(base, 3_000, below, ticks)} {upper_limit(base, 3_000, below, ticks)}"
