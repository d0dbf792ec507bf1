"""The scoreboard: every trigger and as many quiet days, scored beside the baselines; what fails, and where.

Cross-validation: each stretch of 2005 to 2019 is spun up anew, with parameters that were fitted on the other stretches
and baselines that never saw it. Validation: 2020 to 2023, with the parameters of the law; these years were seen while
the model was built, and the scoreboard says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path as File
from time import perf_counter
from typing import Any

import numpy as np

from gaemi.answers.documents import Answer, assumptions, run_record
from gaemi.behaviour.habits import behaviour_of
from gaemi.errors import refuse
from gaemi.hindcast import baselines
from gaemi.hindcast.ensembles import MODEL, ensemble
from gaemi.hindcast.experiments import natural_experiments
from gaemi.hindcast.lags import lag_split
from gaemi.hindcast.left_out import left_out
from gaemi.hindcast.request import FIT_UNTIL, HindcastRequest, check
from gaemi.hindcast.scores import BILLION, score_rows
from gaemi.hindcast.simulated import fitted, simulated, simulated_moves
from gaemi.hindcast.triggers import quiet_days, triggers
from gaemi.hindcast.truth import FORCED, TARGETS, Starts, starts_of, together
from gaemi.law.lawbook import LawBook, load
from gaemi.market.episodes import source_of
from gaemi.run import RESULTS_VERSION
from gaemi.sources.balances import BalanceHistory, read_balances
from gaemi.sources.breaks import BREAKS
from gaemi.sources.history import CreditHistory, stretches
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.spin import Setting, begin, known_at, setting_of
from gaemi.workers import LocalWorkers, Progress, silent

SCHEMA = "gaemi.hindcast.score/1"
BEGIN, TEST, END = date(2005, 1, 3), date(2020, 1, 1), date(2023, 12, 31)
HORIZONS = (1, 3, 5, 10)
MODE_B = "gaemi, simulated paths"
WORST = 4
"""Episodes of a market that are named because the model was furthest off."""

MEMBERS_B = 10
"""Members of which simulated paths start; each path has names and new loans of its own luck beside them."""

FEWEST = 60
"""Sessions of a stretch before its first start: what began it has been forgotten by then."""


class ScoreResult(Answer):
    """The scoreboard."""

    @property
    def frame(self) -> Any:
        """The rows of the scoreboard as a polars data frame."""
        import polars

        return polars.DataFrame(self.document["rows"], infer_schema_length=None)

    def write_page(self, page: File) -> None:
        """Rewrite what lies between the two marks of a Markdown page, and the charts beside it as SVG.

        Raises Refused where the page is not there or lacks the marks.
        """
        from gaemi.answers.scoreboard import placed, score_markdown, score_pictures

        if not page.is_file():
            raise refuse("--page", str(page), "must be a Markdown file with the two marks of the scoreboard")
        text = placed(page.read_text(encoding="utf-8"), score_markdown(self.document))
        for name, picture in score_pictures(self.document).items():
            (page.parent / f"{name}.svg").write_text(picture, encoding="utf-8")
        page.write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Part:
    """Starts of one kind in one stretch, and what every method said of them."""

    starts: Starts
    points: Mapping[str, np.ndarray]
    ensembles: Mapping[str, np.ndarray]


def score(request: HindcastRequest, progress: Progress = silent, book: LawBook | None = None) -> ScoreResult:
    """Score the model on 2005 to 2023 beside the baselines. Raises Refused for sources that cannot be taken."""
    check(request)
    began = perf_counter()
    book = book or load()
    prices, balances = read_prices(source_of(request.prices)), read_balances(source_of(request.balances))
    fitting, testing = periods(prices, balances)
    with LocalWorkers(request.threads) as workers:
        crossed = _cross_validated(request, book, fitting, workers, progress)
        tested = _validated(request, book, prices, fitting, testing, workers, progress)
        experiments = natural_experiments(
            book, prices, balances, members=min(request.members, 10), names=20, seed=request.seed, workers=workers,
            progress=progress,
        )  # fmt: skip
        lags = lag_split(
            book, prices, balances, members=min(request.members, 10), names=20, seed=request.seed, workers=workers,
            progress=progress,
        )  # fmt: skip
        timing = {"seconds": round(perf_counter() - began, 1), "threads": workers.threads}
    rows, told, worst = [], [], []
    kinds = (("2005-2019", "cross-validation", crossed), ("2020-2023", "validation, seen", tested))
    for name, kind, parts in kinds:
        for where in ("triggers", "quiet"):
            joined = _joined([part for part in parts if part.starts.where == where])
            rows += [{"period": name, "kind": kind} | row for row in _rows(joined, request.seed)]
            worst += worst_rows(name, joined) if where == "triggers" else []
            told.append(_period(name, kind, joined.starts))
    document = {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(END),
        "title": "Score of the hindcasts",
        "law_version": book.version,
        "seed": request.seed,
        "members": request.members,
        "paths": request.paths,
        "layers": ["mechanical", "behaviour"],
        "rows": rows,
        "periods": told,
        "worst": worst,
        "lag_split": lags,
        "experiments": experiments,
        "breaks": [
            one.told()
            for one in BREAKS
        ],
        "assumptions": assumptions(book, TEST, reacts=True),
        "run": run_record(request),
        "timing": timing,
    }  # fmt: skip
    document["sentences"] = sentences(rows)
    return ScoreResult(document)


def periods(prices: PriceHistory, balances: BalanceHistory) -> tuple[list[CreditHistory], CreditHistory]:
    """The stretches of the fitting period, and the one that holds the test period. Raises Refused."""
    known = [row.date for row in balances if row.margin_won is not None]
    if not known or known[0] > date(2019, 1, 31) or known[-1] < date(2023, 12, 1):
        found = f"{known[0]} to {known[-1]}" if known else "no balance"
        raise refuse("--balances", found, "a score needs daily balances of 2005 to 2023, at the least of 2019 to 2023")
    last = max(day for day in prices.dates if day <= min(END, known[-1]))
    fitting = stretches(prices, balances, BEGIN, FIT_UNTIL)
    return fitting, stretches(prices, balances, fitting[-1].days[0], last)[-1]


def _cross_validated(
    request: HindcastRequest, book: LawBook, fitting: Sequence[CreditHistory], workers: LocalWorkers, progress: Progress
) -> list[Part]:
    """Each stretch with parameters and baselines of the others."""
    parts = []
    for history, others in zip(fitting, baselines.crossed(fitting, HORIZONS), strict=True):
        behaviour = behaviour_of(book, history.days[0]).with_values(left_out(history.days[0]))
        setting = setting_of(book, history, request.names, request.seed, behaviour)
        parts += _parts(request, setting, others, None, workers, progress)
    return parts


def _validated(
    request: HindcastRequest,
    book: LawBook,
    prices: PriceHistory,
    fitting: Sequence[CreditHistory],
    testing: CreditHistory,
    workers: LocalWorkers,
    progress: Progress,
) -> list[Part]:
    """The test period with the parameters of the law; with simulated paths, too, where they are asked for."""
    setting = setting_of(book, testing, request.names, request.seed)
    fit = baselines.fit(fitting, HORIZONS)
    parts = _parts(request, setting, fit, TEST, workers, progress)
    if request.paths is None:
        return parts
    return [_with_mode_b(request, setting, prices, part, workers, progress) for part in parts]


def _parts(
    request: HindcastRequest,
    setting: Setting,
    others: baselines.Baselines,
    first: date | None,
    workers: LocalWorkers,
    progress: Progress,
) -> list[Part]:
    """Triggers and quiet days of one stretch."""
    history = setting.history
    starts = triggers(history.days, history.close, first)
    quiet = quiet_days(history.days, history.close, starts, request.seed, first)
    found = []
    for where, places in (("triggers", starts), ("quiet", quiet)):
        places = places[places >= FEWEST]
        if places.size == 0:
            continue
        model = ensemble(setting, places, HORIZONS[-1], request.members, workers, True, progress)
        told = starts_of(history, places, HORIZONS, where)
        said = model.at(HORIZONS)
        after = places[:, None] + np.array(HORIZONS)[None, :] >= len(history.days)
        said[np.broadcast_to(after[:, None, :, None], said.shape)] = np.nan
        found.append(Part(told, baselines.predict(others, history, places), {MODEL: said}))
    return found


def _with_mode_b(
    request: HindcastRequest,
    setting: Setting,
    prices: PriceHistory,
    part: Part,
    workers: LocalWorkers,
    progress: Progress,
) -> Part:
    """The same starts on simulated paths, each model of paths fitted on what was known at its start."""
    assert request.paths is not None
    history, horizon = setting.history, HORIZONS[-1]
    said = np.full((len(part.starts.days), request.paths, len(HORIZONS), 3), np.nan)
    members = [begin(setting, number) for number in range(min(request.members, MEMBERS_B))]
    for i, day in enumerate(part.starts.days):
        progress("simulated paths", i, len(part.starts.days))
        start = history.place(day)
        dates = history.days[start + 1 : start + 1 + horizon]
        if len(dates) < horizon:
            continue
        moves = simulated_moves(fitted(prices, request.model, day), request.paths, horizon, request.seed)
        change, _ = simulated(setting, known_at(setting, members, start, workers), start, dates, moves, workers)
        said[i] = change[:, list(HORIZONS)]
    return Part(part.starts, part.points, {**part.ensembles, MODE_B: said})


def _joined(parts: Sequence[Part]) -> Part:
    """The starts of several stretches as one table."""
    points = {name: np.concatenate([part.points[name] for part in parts]) for name in parts[0].points}
    ensembles = {name: np.concatenate([part.ensembles[name] for part in parts]) for name in parts[0].ensembles}
    return Part(together([part.starts for part in parts]), points, ensembles)


def _rows(part: Part, seed: int) -> list[dict[str, Any]]:
    return score_rows(part.starts, part.points, part.ensembles, baselines.BASELINES, seed)


def worst_rows(name: str, part: Part) -> list[dict[str, Any]]:
    """The episodes with the largest errors over ten sessions, by market: where the model fails, in bn won."""
    rows, starts = [], part.starts
    told = np.median(part.ensembles[MODEL][:, :, -1], axis=1)
    for market in range(FORCED):
        truth, said = starts.truth_won[:, -1, market], told[:, market]
        path = part.points[baselines.PATH][:, -1, market]
        known = np.isfinite(truth) & np.isfinite(said) & np.isfinite(path)
        found: list[dict[str, Any]] = []
        for episode in np.unique(starts.episode[known]):
            here = known & (starts.episode == episode)
            found.append(
                {
                    "period": name,
                    "target": TARGETS[market],
                    "horizon": starts.horizons[-1],
                    "first": str(starts.days[int(np.flatnonzero(here)[0])]),
                    "starts": int(here.sum()),
                    "record_bn": round(float(truth[here].mean()) / BILLION, 1),
                    "model_bn": round(float(said[here].mean()) / BILLION, 1),
                    "given_path_bn": round(float(path[here].mean()) / BILLION, 1),
                    "error_bn": round(float(np.abs(said - truth)[here].mean()) / BILLION, 1),
                    "given_path_error_bn": round(float(np.abs(path - truth)[here].mean()) / BILLION, 1),
                }
            )
        rows += sorted(found, key=lambda row: (-row["error_bn"], row["first"]))[:WORST]
    return rows


def _period(name: str, kind: str, starts: Starts) -> dict[str, Any]:
    lost = int(np.isnan(starts.truth_won[:, -1, 0]).sum())
    return {
        "name": name,
        "kind": kind,
        "where": starts.where,
        "first": str(starts.days[0]),
        "last": str(starts.days[-1]),
        "starts": len(starts.days),
        "episodes": int(np.unique(starts.episode).size),
        "unobserved": lost,
    }


def sentences(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The answer in words: how the model's error stands beside the best baseline, and whether the aim was reached."""
    said = []
    for period in ("2020-2023", "2005-2019"):
        mine = [
            row for row in rows
            if row["period"] == period and row["where"] == "triggers" and row["method"] == MODEL
            and row["basis"] == "everything"
        ]  # fmt: skip
        ratios = [row["ratio_to_best_baseline"] for row in mine]
        covers = [row["coverage_pct"] for row in mine if row["coverage_pct"] is not None]
        half = sum(ratio <= 0.5 for ratio in ratios)
        better = sum(ratio < 1.0 for ratio in ratios)
        inside = sum(85 <= cover <= 95 for cover in covers)
        said.append(
            f"{period}, after falls: the error is {min(ratios):.2f} to {max(ratios):.2f} times that of the best "
            f"baseline of each row, which may be the regression that is given the path; smaller in {better} of "
            f"{len(ratios)} rows, half or less in {half}. The 90 % band covers 85 to 95 % in {inside} of "
            f"{len(covers)} rows."
        )
    return said
