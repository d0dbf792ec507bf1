"""The country view: how much is called and sold when the market falls, and how much further that pushes it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from time import perf_counter
from typing import Any

from gaemi.answers import measures, wording
from gaemi.answers.cfd_measures import contract_sentences, episode_contracts
from gaemi.answers.documents import Answer, assumptions, cover, run_record
from gaemi.answers.measures import Result
from gaemi.checkpoints import run_folder
from gaemi.coin_day import CoinWorld, run_coins
from gaemi.coins.country import TOPICS as COIN_TOPICS
from gaemi.coins.country import Coins, coins_of, coins_part, stock_part
from gaemi.coins.request import coin_request
from gaemi.coins.view import CoinResult, coin_replay
from gaemi.kernels import sell as selling
from gaemi.law.lawbook import LawBook, load
from gaemi.market.coin_episodes import is_coin_episode
from gaemi.market.paths import Path
from gaemi.market.shocks import Shock, with_default
from gaemi.means import crew, only_here
from gaemi.records.columns import Board
from gaemi.run import RESULTS_VERSION, begin
from gaemi.scene import Request, Scene, asked_shock, check_request, describe_targets, episode_path, prepare
from gaemi.tipping import GRID_PCT, clearing_gap, days_of, tipping_point
from gaemi.units import format_won
from gaemi.workers import Progress, silent, told
from gaemi.world import Settings

SCHEMA = "gaemi.country/1"
REFERENCE_PCT = -30


class CountryResult(Answer):
    """Result of a country run."""

    @property
    def frame(self) -> Any:
        """The fragility curve (or the one shock, or the days of a replay) as a polars data frame."""
        import polars

        rows = self.document["curve"] or self.document["days"]["replay"]
        flat = [{k: v["central"] if isinstance(v, dict) else v for k, v in row.items()} for row in rows]
        return polars.DataFrame(flat)


@dataclass(slots=True)
class Pair:
    """One scenario with and without feedback."""

    fed: Result
    unfed: Result
    shock_pct: float = 0.0


@dataclass(slots=True)
class Parts:
    """What a run computed, before it becomes a document."""

    pairs: list[Pair] = field(default_factory=list)
    before: Result | None = None
    call_map: list[dict[str, Any]] = field(default_factory=list)
    tipping: dict[str, Any] | None = None
    reference: Pair | None = None
    contracts: dict[str, Any] | None = None
    coin_world: CoinWorld | None = None
    coins: dict[str, Any] | None = None


def country(request: Request, progress: Progress = silent, book: LawBook | None = None) -> CountryResult | CoinResult:
    """Run the country view: the fragility curve, one shock, or the replay of an episode, also of one of coins.

    Raises Refused for anything in the request that cannot be taken.

    >>> country(Request(scale=1000, shock="-20%")).document["kind"]
    'shock'
    """
    began = perf_counter()
    if is_coin_episode(request.replay):
        only_here(request, f"the replay of {request.replay}")
        return coin_replay(coin_request(request), progress, book)
    check_request(request)
    book = book or load()
    sources = (request.prices, request.balances, request.replay, request.state)
    with run_folder("country", request, book.version, *sources) as folder, crew(request) as workers:
        scene = prepare(request, workers, progress, book, folder)
        built = perf_counter()
        parts = Parts()
        shock = asked_shock(request, scene.book, scene.on, scene.instruments) if request.shock is not None else None
        coins = coins_of(scene, shock)
        if request.replay:
            _replay(scene, parts, progress)
        elif shock is not None:
            shock = stock_part(scene, shock)
            _shocks(scene, parts, [(_headline(shock), shock)], progress, coins)
        else:
            grid = [(float(pct), with_default(pct * 100)) for pct in GRID_PCT]
            _shocks(scene, parts, grid, progress)
            if request.feedback is not False:
                falls = {pair.shock_pct: (pair.fed.fall_points(), clearing_gap(pair.fed)) for pair in parts.pairs}
                parts.tipping = tipping_point(scene, falls, progress)
        if coins is not None:
            if parts.coin_world is not None:
                run_coins(parts.coin_world, progress)  # whatever days the stocks' scenario had no need to run
            parts.coins = coins_part(coins, parts.coin_world, progress)
        timing = {
            "build_seconds": round(built - began, 2),
            "run_seconds": round(perf_counter() - built, 2),
            "threads": workers.threads,
        }
        return CountryResult(_document(scene, parts, timing))


def _headline(shock: Shock) -> float:
    """The per cent by which a single shock is named: KOSPI's, else the first move's."""
    move = shock.move_of("KOSPI") or next(iter(shock.moves), None)
    return 0.0 if move is None else move.change_bps / 100


def _shocks(
    scene: Scene, parts: Parts, grid: Sequence[tuple[float, Shock]], progress: Progress, coins: Coins | None = None
) -> None:
    """Run every shock of the grid, with feedback and without; ``coins`` run beside the one that is asked for.

    Without feedback prices are the path's: along a whole curve their fall is asked alone, and nobody's accounts.
    """
    _state(scene, parts, grid[0][1])
    feedback = scene.request.feedback is not False
    ends = list(accumulate((days_of(scene, shock) for _, shock in grid), initial=0))
    for i, (pct, shock) in enumerate(grid):
        report = told(progress, "shocks", ends[-1], ends[i])
        path = scene.shock_path(shock, days_of(scene, shock))
        seed = scene.request.seed
        alone = feedback and len(grid) > 1
        if coins is not None:
            parts.coin_world = coins.world(path.dates)
        beside = None if feedback else parts.coin_world
        plain = Settings(False, not feedback, seed)
        own, loud = None if feedback else report, Settings(True, True, seed)
        unfed = scene.fall_alone(path) if alone else scene.result(path, plain, coins=beside, progress=own)
        fed = scene.result(path, loud, coins=parts.coin_world, progress=report) if feedback else unfed
        parts.pairs.append(Pair(fed, unfed, pct))
    progress("shocks", ends[-1], ends[-1])
    parts.reference = next((p for p in parts.pairs if p.shock_pct == REFERENCE_PCT), parts.pairs[-1])


def _state(scene: Scene, parts: Parts, shock: Shock) -> None:
    """Where accounts stand at the state's close: the call map, ratio bands and loans by group."""
    _stand(scene, parts, scene.shock_path(shock, 1))


def _stand(scene: Scene, parts: Parts, path: Path) -> None:
    def work() -> tuple[list[dict[str, Any]], Result]:
        world = begin(scene.start, path, scene.workers, Settings(False, False, scene.request.seed))
        return measures.call_map(world, scene.levels[Board.KOSPI]), measures.result_of(world)

    parts.call_map, parts.before = scene.workers.lasting(work)


def _replay(scene: Scene, parts: Parts, progress: Progress) -> None:
    """Replay a recorded episode: feedback off is the headline, feedback on shows what the sales would have implied."""
    path = episode_path(scene)
    total = 2 * path.sessions
    reports = [told(progress, "replay", total, before) for before in (0, path.sessions)]
    if scene.episode is not None:
        arguments = (scene.prices, scene.record, scene.workers.here, scene.request.seed)
        parts.contracts = episode_contracts(scene.book, scene.episode, *arguments)
    _stand(scene, parts, path)
    unpaid = scene.balances.unsettled_won // scene.request.scale
    seed = scene.request.seed
    off = scene.result(path, Settings(False, True, seed, unpaid), progress=reports[0])
    on = scene.result(path, Settings(True, False, seed, unpaid, marks=False), progress=reports[1])
    parts.pairs = [Pair(on, off)]
    parts.reference = Pair(off, off)
    progress("replay", total, total)


def _document(scene: Scene, parts: Parts, timing: dict[str, Any]) -> dict[str, Any]:
    request, reference = scene.request, parts.reference
    assert reference is not None and parts.before is not None
    kind = "replay" if request.replay else "shock" if request.shock is not None else "curve"
    curve = (
        [] if kind == "replay" else [measures.curve_row(p.shock_pct, p.fed, p.unfed, scene.heads) for p in parts.pairs]
    )
    if kind == "replay":
        days = {"replay": measures.day_rows(reference.fed, reference.unfed, scene.levels)}
    else:
        days = {f"{p.shock_pct:g}": measures.day_rows(p.fed, p.unfed, scene.levels) for p in parts.pairs}
    return {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(scene.on),
        "state": scene.state_name,
        "state_of": scene.state_of,
        "kind": kind,
        "title": _title(scene, kind),
        "law_version": scene.book.version,
        "seed": request.seed,
        "scale": request.scale,
        "layers": ["mechanical"],
        "feedback": request.feedback is not False and kind != "replay",
        "sentences": _sentences(scene, parts, kind, curve),
        "index_levels": {board.name: level for board, level in scene.levels.items()},
        "call_map": parts.call_map,
        "curve": curve,
        "days": days,
        "tipping_point": parts.tipping,
        "reference_shock_pct": reference.shock_pct,
        "who": measures.who_rows(parts.before, reference.fed),
        "outcomes": measures.outcome_rows(reference.fed, scene.heads),
        "ratios": measures.ratio_rows(parts.before, reference.fed),
        "record": _record(scene, reference.fed) if kind == "replay" else [],
        "cover": cover(scene.book, scene.on, scene.balances),
        "coins": parts.coins,
        "assumptions": assumptions(scene.book, scene.on, topics=_topics(parts)),
        "targets": describe_targets(scene),
        **({"cfd": parts.contracts} if parts.contracts else {}),
        "run": run_record(request),
        "timing": timing,
    }


def _topics(parts: Parts) -> tuple[str, ...]:
    """Topics of the law that only some countries read."""
    return (*(("cfd",) if parts.contracts else ()), *(COIN_TOPICS if parts.coins else ()))


def _title(scene: Scene, kind: str) -> str:
    if kind == "replay":
        return f"Replay of {scene.request.replay}"
    if kind == "shock":
        return f"Shock: {shock_words(scene)}"
    return f"Korea's borrowed shares at the close of {scene.on}"


def shock_words(scene: Scene) -> str:
    """The shock as it was understood."""
    return str(asked_shock(scene.request, scene.book, scene.on, scene.instruments))


def _sentences(scene: Scene, parts: Parts, kind: str, curve: list[dict[str, Any]]) -> list[str]:
    """The answer in words. Mechanical layer: an upper bound, never a forecast."""
    assert parts.reference is not None
    if kind == "replay":
        return _replay_sentences(scene, parts)
    row = next(r for r in curve if r["shock_pct"] == parts.reference.shock_pct)
    fall = abs(row["shock_pct"])
    supposed = (
        f"If KOSPI fell {fall:g} % in three sessions and" if kind == "curve" else f"Under {shock_words(scene)}, if"
    )
    said = [
        f"{supposed} nobody added money or sold first, loans of {format_won(row['called_won'])} would be called and "
        f"shares of {format_won(row['sold_won'])} sold by force, {row['sold_share_of_turnover_pct']:.1f} % of turnover "
        f"over the time.",
        f"The forced sales would push KOSPI further down by {row['extra_fall_points']:.1f} points of its start.",
        f"{wording.heads(row['sold_borrowers'])} borrowers would have shares sold and "
        f"{format_won(row['residual_won'])} would stay unpaid.",
    ]
    if parts.tipping is not None:
        said.append(f"Tipping point: {parts.tipping['words']}.")
    if parts.coins is not None:
        said = parts.coins["sentences"] if not row["shock_pct"] and kind == "shock" else said + parts.coins["sentences"]
    return said


def _replay_sentences(scene: Scene, parts: Parts) -> list[str]:
    off, on = parts.pairs[0].unfed, parts.pairs[0].fed
    fall = off.fall_points()
    implied = max(0.0, on.fall_points() - fall)
    published = _published(scene)
    said = [
        f"Replay of {scene.request.replay} from the balances of {scene.on}: if nobody had added money or sold first, "
        f"margin and pledged loans would have brought forced sales of "
        f"{format_won(off.won(selling.MARGIN_SOLD_WON) + off.won(selling.PLEDGED_SOLD_WON))} "
        f"and unpaid purchases of {format_won(off.won(selling.UNSETTLED_SOLD_WON))}.",
        f"KOSPI fell {fall:.1f} points of its starting level; prices are as recorded and contain impact already. "
        f"The model's own sales would imply {implied:.1f} points, {100 * implied / max(fall, 1e-9):.0f} % of it.",
    ]
    if published:
        said.append(f"Published forced sales of unpaid purchases over the same days: {format_won(published)}.")
    return said + contract_sentences(parts.contracts) if parts.contracts else said


def _published(scene: Scene) -> int:
    if scene.record is None or scene.episode is None:
        return 0
    rows = scene.record.between(scene.episode.first, scene.episode.end)
    return int(sum(row.forced_sale_won or 0 for row in rows))


def _record(scene: Scene, result: Result) -> list[dict[str, Any]]:
    """Model beside record, day by day: forced sales of unpaid purchases, and settled margin balances by market."""
    from gaemi.kernels import tally as tallying

    rows = []
    for record in result.records[1:]:
        published = scene.record.on(record.date) if scene.record else None
        sums, flows, weight = record.sums, record.flows, result.weight
        rows.append(
            {
                "date": str(record.date),
                "published_forced_won": published.forced_sale_won if published else None,
                "model_unsettled_sold_won": int(flows[selling.UNSETTLED_SOLD_WON]) * weight,
                "model_margin_sold_won": int(flows[selling.MARGIN_SOLD_WON]) * weight,
                "model_pledged_sold_won": int(flows[selling.PLEDGED_SOLD_WON]) * weight,
                "published_margin_kospi_won": published.margin_kospi_won if published else None,
                "model_margin_kospi_settled_won": int(sums[tallying.SETTLED_KOSPI_WON]) * weight,
                "published_margin_kosdaq_won": published.margin_kosdaq_won if published else None,
                "model_margin_kosdaq_settled_won": int(sums[tallying.SETTLED_KOSDAQ_WON]) * weight,
            }
        )
    return rows
