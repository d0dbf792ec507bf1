"""The tipping point: the smallest shock at which a point more of it costs so many points of fall, or clearing parts."""

from typing import Any

from gaemi.answers import measures
from gaemi.answers.measures import Result
from gaemi.kernels import sell as selling
from gaemi.law.lawbook import LawBook
from gaemi.law.reform import with_values
from gaemi.market.shocks import Shock, with_default
from gaemi.scene import SAMPLED, Scene
from gaemi.workers import Progress
from gaemi.world import Settings, World

Falls = dict[float, tuple[float, float]]
"""By shock in per cent: the fall in points of the start, and how far the clearing prices part."""

GRID_PCT = tuple(range(0, -45, -5))
HORIZON = 20
TIPPING_COST = 1.5
"""Points of fall that a point more of shock must cost at a tipping point."""

IMPACT_SETTINGS = ("low", "central", "high")


def days_of(scene: Scene, shock: Shock) -> int:
    """Sessions that a shock is run for."""
    return scene.request.days or max(HORIZON, shock.days)


def tipping_point(scene: Scene, central: Falls, progress: Progress) -> dict[str, Any]:
    """The tipping point under low, central and high impact; borrowers alone decide it, plain accounts stay out.

    ``central`` are the falls along the grid under the law itself; the ends of the range are run on every tenth
    borrower, each standing for ten.
    """
    rows = []
    for i, setting in enumerate(IMPACT_SETTINGS):
        progress("tipping point", i, len(IMPACT_SETTINGS))
        book = _impact_book(scene, setting)
        falls = central if setting == "central" else {pct: _fall(scene, book, pct) for pct in central}
        found = _least_shock(falls)
        if found is not None:
            finer = {found + step: _fall(scene, book, found + step) for step in (4.0, 3.0, 2.0, 1.0)}
            finer |= {found + 5.0: falls[found + 5.0], found: falls[found]}
            found = _least_shock(dict(sorted(finer.items(), reverse=True)), found)
        rows.append(
            {
                "setting": setting,
                "impact_coefficient": float(book.value("impact.coefficient", scene.on)),
                "permanent_share_pct": book.value("impact.permanent_share", scene.on) / 100,
                "tipping_pct": found,
                "borrowers_kept": "all" if setting == "central" else f"1 in {SAMPLED}",
                "fixed_points_part": any(gap > 0 for pct, (_, gap) in falls.items() if pct < 0),
                "falls": [{"shock_pct": pct, "fall_points": fall} for pct, (fall, _) in falls.items()],
            }
        )
    progress("tipping point", len(IMPACT_SETTINGS), len(IMPACT_SETTINGS))
    named = {row["setting"]: row["tipping_pct"] for row in rows}
    return {
        "words": _tipping_words(named),
        "low_pct": named["low"],
        "central_pct": named["central"],
        "high_pct": named["high"],
        "settings": rows,
    }


def _impact_book(scene: Scene, setting: str) -> LawBook:
    """The law with impact parameters at an end of their range; the central one is the law itself."""
    if setting == "central":
        return scene.book
    end = "low" if setting == "low" else "high"
    values = {
        path: getattr(scene.book.entry(path, scene.on), end)
        for path in ("impact.coefficient", "impact.permanent_share")
    }
    return with_values(scene.book, f"impact {end}", values)


def clearing_gap(result: Result) -> float:
    """How far the highest and the lowest clearing prices part at most, in index."""
    return max(record.clearing_gap for record in result.records)


def _fall(scene: Scene, book: LawBook, pct: float) -> tuple[float, float]:
    shock = with_default(round(pct * 100))
    path = scene.shock_path(shock, days_of(scene, shock))
    settings = Settings(True, False, scene.request.seed, marks=False)
    origin = scene.start if book is scene.book else scene.sample

    def over(world: World) -> bool:
        return world.day >= shock.days and _is_over(world)

    result = scene.result(path, settings, origin.under(book), over)
    return result.fall_points(), clearing_gap(result)


def _is_over(world: World) -> bool:
    """Nothing is under maintenance and nothing was sold today: from here on prices only recover."""
    return world.record.under_won == 0 and int(world.record.flows[selling.GROSS_WON]) == 0


def _least_shock(falls: Falls, fallback: float | None = None) -> float | None:
    """Smallest shock of a run of shocks from 0 downwards that is a tipping point."""
    shocks = list(falls)
    found = measures.tipping(shocks, [f for f, _ in falls.values()], [g for _, g in falls.values()], TIPPING_COST)
    return fallback if found is None else found


def _tipping_words(named: dict[str, float | None]) -> str:
    none = f"none up to {GRID_PCT[-1]} %"
    if all(value is None for value in named.values()):
        return none
    said = [f"{value:g} %" if value is not None else none for value in (named["low"], named["high"])]
    central = none if named["central"] is None else f"{named['central']:g} %"
    return f"{central} (from {said[1]} at high impact to {said[0]} at low impact)"
