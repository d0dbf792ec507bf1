"""Replays of coins: ``gaemi country --replay terra-2022`` and ``--replay oct-2025``."""

from time import perf_counter
from typing import Any

from gaemi.answers.documents import Answer, assumptions, run_record
from gaemi.coins.october import NAME as OCTOBER
from gaemi.coins.october import october_document
from gaemi.coins.request import CoinRequest
from gaemi.coins.terra_view import terra_parts
from gaemi.law.lawbook import LawBook, load
from gaemi.market.coin_episodes import coin_episode
from gaemi.run import RESULTS_VERSION
from gaemi.sources.intraday import read_bars
from gaemi.workers import LocalWorkers, Progress, silent

SCHEMA = "gaemi.coins/1"


class CoinResult(Answer):
    """Result of a replay of coins."""

    @property
    def frame(self) -> Any:
        """The first table, model beside record, as a polars data frame."""
        import polars

        return polars.DataFrame(self.document["tables"][0]["rows"])


def coin_replay(request: CoinRequest, progress: Progress = silent, book: LawBook | None = None) -> CoinResult:
    """Replay an episode of coins, from the daily table that ships or from bars of one's own. Raises Refused."""
    began = perf_counter()
    chosen = coin_episode(request.replay)
    book = book or load()
    progress("bars", 0, 1)
    bars = read_bars(request.prices) if request.prices is not None else None
    progress("bars", 1, 1)
    make = october_document if chosen.name == OCTOBER else terra_parts
    with LocalWorkers(request.threads) as workers:
        parts = make(request, bars, book, workers, progress)
        threads = workers.threads
    topics = parts.pop("topics")
    document = {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "kind": "coin replay",
        "title": f"Replay of {chosen.name}",
        "law_version": book.version,
        "seed": request.seed,
        "scale": request.scale,
        "layers": ["mechanical"],
        **parts,
        "assumptions": [row for row in assumptions(book, chosen.start, topics=topics) if _of(row["path"], topics)],
        "run": run_record(request),
        "timing": {"seconds": round(perf_counter() - began, 2), "threads": threads},
    }
    return CoinResult(document)


def _of(path: str, topics: tuple[str, ...]) -> bool:
    return path.partition(".")[0] in topics
