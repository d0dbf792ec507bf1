"""Two laws, the same luck: who is helped, who is hurt, who stays as they were, and by how many won."""

from dataclasses import replace
from pathlib import Path as File
from time import perf_counter
from typing import Any

import numpy as np

from gaemi.answers import measures
from gaemi.answers.documents import Answer, assumptions, run_record
from gaemi.answers.measures import Result
from gaemi.coins.compare import compared_coins
from gaemi.coins.country import TOPICS as COIN_TOPICS
from gaemi.coins.country import coins_of, stock_part
from gaemi.kernels import compare as comparing
from gaemi.kernels import sell as selling
from gaemi.law.lawbook import LawBook, load, plain
from gaemi.law.reform import Reform, load_reform
from gaemi.market.paths import Path
from gaemi.means import only_here
from gaemi.outcomes import Ever
from gaemi.people.barring import bar
from gaemi.records.columns import AGE_BANDS, SIZE_BANDS, Population
from gaemi.run import RESULTS_VERSION, begin, quotes_at_start, run, start
from gaemi.scene import Request, Scene, asked_shock, prepare
from gaemi.units import format_won
from gaemi.workers import LocalWorkers, Progress, silent
from gaemi.world import Settings, World

SCHEMA = "gaemi.compare/1"
DISPLACEMENTS = (0.0, 0.5, 1.0)
DEFAULT_SHOCK = "-30%"
HORIZON = 20


class CompareResult(Answer):
    """Result of a comparison."""

    @property
    def frame(self) -> Any:
        """Groups by displacement as a polars data frame."""
        import polars

        rows = [
            {"displacement": d["displacement"]} | row for d in self.document["displacements"] for row in d["groups"]
        ]
        return polars.DataFrame(rows)


def compare_country(request: Request, reform: str | File, progress: Progress = silent) -> CompareResult:
    """The country under the law and under a reform, at displacement 0, 0.5 and 1; exchange accounts where asked for.

    Raises Refused for a request or a reform that cannot be taken.
    """
    began = perf_counter()
    book = load()
    change = load_reform(File(reform), book)
    reformed = book.patched(change)
    only_here(request, "a comparison")
    with LocalWorkers(request.threads) as workers:
        scene = prepare(request, workers, progress, book)
        asked = replace(request, shock=request.shock or DEFAULT_SHOCK)
        whole = asked_shock(asked, book, scene.on, scene.instruments)
        coins, shock = coins_of(scene, whole), stock_part(scene, whole)
        path = scene.shock_path(shock, request.days or max(HORIZON, whole.days))
        rows = _displaced(scene, reformed, path, progress)
        part = None if coins is None else compared_coins(coins, reformed, change.name, path.dates[-1], progress)
    pct = next((move.change_bps / 100 for move in shock.moves), 0.0)
    said = _sentences(change, rows) if shock.moves or shock.halts else []
    document = {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(scene.on),
        "state": scene.state_name,
        "state_of": scene.state_of,
        "law_version": book.version,
        "reformed_law_version": reformed.version,
        "seed": request.seed,
        "scale": request.scale,
        "layers": ["mechanical"],
        "shock": str(whole),
        "shock_pct": pct,
        "reform": _described(change, book, reformed, scene),
        "sentences": said if part is None else said + part["sentences"],
        "displacements": rows,
        **({} if part is None else {"coins": part}),
        "assumptions": assumptions(book, scene.on, topics=() if part is None else COIN_TOPICS),
        "run": run_record(request) | {"reform": str(reform)},
        "timing": {"seconds": round(perf_counter() - began, 2), "threads": workers.threads},
    }
    return CompareResult(document)


def _displaced(scene: Scene, reformed: LawBook, path: Path, progress: Progress) -> list[dict[str, Any]]:
    """One column a displacement; where the reform bars nothing, all are the same and it is run once."""
    settings = Settings(True, True, scene.request.seed)
    unfed = scene.result(path, Settings(False, False, scene.request.seed, marks=False))
    baseline = run(begin(scene.start, path, scene.workers, settings))
    before = measures.result_of(baseline)
    rows: list[dict[str, Any]] = []
    same: dict[str, Any] | None = None
    for i, share in enumerate(DISPLACEMENTS):
        progress("two laws", i, len(DISPLACEMENTS))
        if same is not None:
            rows.append(same | {"displacement": share})
            continue
        row = _under_reform(scene, reformed, share, path, settings, (baseline, before, unfed))
        rows.append(row)
        if row["barred_won"] == 0:
            same = row
    progress("two laws", len(DISPLACEMENTS), len(DISPLACEMENTS))
    return rows


def _under_reform(
    scene: Scene, book: LawBook, share: float, path: Path, settings: Settings, base: tuple[World, Result, Result]
) -> dict[str, Any]:
    """One column of the comparison: the reform with a share of barred borrowing displaced."""
    baseline, before, unfed = base
    population, instruments = scene.start.population, scene.instruments
    barred = bar(population.borrowing, instruments, scene.book, book, scene.on, round(share * 10_000))
    origin = start(book, instruments, Population(population.plain, barred.borrowing, population.weight), scene.workers)
    world = run(begin(origin, path, scene.workers, settings))
    after = measures.result_of(world)
    table = _table(scene, baseline, world)
    weight = population.weight
    return {
        "displacement": share,
        "barred_won": barred.barred_won * weight,
        "moved_stock_loans_won": barred.stock_loans_won * weight,
        "moved_foreign_funds_won": barred.foreign_funds_won * weight,
        "baseline": _measures(scene, before, unfed),
        "reformed": _measures(scene, after, unfed),
        "groups": _group_rows(table * weight),
    }


def _table(scene: Scene, baseline: World, world: World) -> np.ndarray:
    """int64[ROWS, MEASURES] of all persons; luck, path and rows are the same in both worlds."""
    table = np.zeros((comparing.ROWS, comparing.MEASURES), np.int64)
    first = quotes_at_start(scene.start, baseline.path)
    ends = [comparing.Ending(each.now, each.law.table, each.today.toordinal()) for each in (baseline, world)]
    plain = (first, baseline.now, world.now)
    scene.workers.each(comparing.compare_plain, scene.start.population.plain, *plain, out=[table])
    for group, other in zip(baseline.population.borrowing, world.population.borrowing, strict=True):
        assert np.array_equal(group.investor, other.investor), "the same persons stand in the same rows"
        scene.workers.each(comparing.compare_borrowing, [group], other, *ends, out=[table])
    return table


def _measures(scene: Scene, result: Result, unfed: Result) -> dict[str, Any]:
    heads = scene.heads
    return {
        "fall_points": result.fall_points(),
        "extra_fall_points": result.fall_points() - unfed.fall_points(),
        "called_won": sum(record.called_won for record in result.records) * result.weight,
        "sold_won": result.won(selling.GROSS_WON),
        "residual_won": result.won(selling.RESIDUAL_WON),
        "called_borrowers": heads.of(result.count(Ever.CALLED)),
        "sold_borrowers": heads.of(result.count(Ever.FORCE_SOLD)),
        "residual_borrowers": heads.of(result.count(Ever.RESIDUAL_DEBT)),
        "emptied_accounts": heads.of(result.count(Ever.EMPTIED)),
        "wiped_out_investors": heads.of(result.count(Ever.WIPED_OUT)),
    }


def _group_rows(table: np.ndarray) -> list[dict[str, Any]]:
    names = [("age", band) for band in AGE_BANDS] + [("size", band) for band in SIZE_BANDS]
    names += [("borrower", kind) for kind in comparing.BORROWER_KINDS]
    return [
        {
            "dimension": dimension,
            "band": band,
            "helped": int(row[comparing.HELPED]),
            "hurt": int(row[comparing.HURT]),
            "unchanged": int(row[comparing.UNCHANGED]),
            "helped_won": int(row[comparing.HELPED_WON]),
            "hurt_won": int(row[comparing.HURT_WON]),
            "net_won": int(row[comparing.HELPED_WON] - row[comparing.HURT_WON]),
        }
        for (dimension, band), row in zip(names, table, strict=True)
    ]


def _described(change: Reform, book: LawBook, reformed: LawBook, scene: Scene) -> dict[str, Any]:
    changes = [
        {
            "path": path,
            "date": str(reformed.entry(path, scene.on).since),
            "unit": book.parameter(path).unit,
            "before": plain(book.value(path, scene.on)),
            "after": plain(reformed.value(path, scene.on)),
        }
        for path in change.changes
    ]
    return {"name": change.name, "note": change.note, "changes": changes}


def _sentences(change: Reform, rows: list[dict[str, Any]]) -> list[str]:
    """What the reform does in words, at each displacement where these differ."""
    said = []
    for row in rows[:1] if rows[0]["barred_won"] == 0 else rows:
        first, second = row["baseline"], row["reformed"]
        people = [group for group in row["groups"] if group["dimension"] == "borrower"]
        net = sum(group["net_won"] for group in people)
        moved = f", displacement {row['displacement']:g}" if rows[0]["barred_won"] else ""
        said.append(
            f"Under {change.name}{moved}: forced sales {format_won(first['sold_won'])} become "
            f"{format_won(second['sold_won'])}, the extra fall {first['extra_fall_points']:.2f} points becomes "
            f"{second['extra_fall_points']:.2f}; all persons together end with {format_won(abs(net))} "
            f"{'more' if net >= 0 else 'less'}."
        )
    if rows[0]["barred_won"]:
        said.append(f"The reform bars borrowing of {format_won(rows[0]['barred_won'])}.")
    return said
