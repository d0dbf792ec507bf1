"""The scene of a country run: which law, whose accounts, which path. Views build it and call ``run``."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path as File
from typing import Any

import numpy as np

from gaemi.answers.measures import HeadRange, Result, result_of
from gaemi.checkpoints import RunFolder, accounts_hash
from gaemi.coin_day import CoinWorld
from gaemi.days import is_session, session_on_or_before, sessions, sessions_between
from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.kernels._compile import is_compiled
from gaemi.kernels.call import call_pools
from gaemi.law.lawbook import LawBook, load
from gaemi.market.coin_paths import coin_targets
from gaemi.market.episodes import Episode, episode, episode_balances, episode_prices
from gaemi.market.paths import Path, recorded_path, shock_path
from gaemi.market.shocks import Shock, parse_shock
from gaemi.means import Means, check_means
from gaemi.people.balances import Balances, shipped_balances
from gaemi.people.cohorts import SHIPPED, Cohorts, read_cohorts, shipped_cohorts
from gaemi.people.coin_instruments import coin_instruments
from gaemi.people.instruments import instruments as build_instruments
from gaemi.people.population import Builder, Targets, every, setting_of
from gaemi.people.state import STATE_DATE
from gaemi.records.columns import Board, Instruments, Population
from gaemi.run import Scenario, Start, outcome, start
from gaemi.sources.balances import BalanceHistory, read_balances
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.units import BPS
from gaemi.workers import Progress, Workers, silent
from gaemi.world import Settings, World

SIMPLE = "simple"
STATES = (SHIPPED, SIMPLE)
A_FOLDER = "a folder that gaemi state --out wrote"
MOST_DAYS = 250
SAMPLED = 10
"""The ends of the impact range are run on one borrower in so many."""

OWN_REPLAY_DAYS = 20
OWN_HISTORY = "own history"


@dataclass(frozen=True, slots=True)
class Request(Means):
    """What a user asked of ``gaemi country``; unset parts are the defaults of the documentation.

    ``state`` is shipped, simple or a folder; unset it is shipped on the date of the shipped state, else simple.
    ``coins``: accounts at won exchanges beside those of stocks; a shock that names a coin asks for them too.
    """

    on: date | None = None
    state: str | None = None
    shock: str | None = None
    replay: str | None = None
    scale: int = 1
    days: int | None = None
    feedback: bool | None = None
    seed: int = 0
    prices: str | None = None
    balances: str | None = None
    coins: bool = False


@dataclass(slots=True)
class Scene:
    """Everything a country run starts from."""

    request: Request
    book: LawBook
    on: date
    instruments: Instruments
    start: Start
    targets: Targets
    balances: Balances
    won_per_dollar: float
    workers: Workers
    folder: RunFolder | None = None
    episode: Episode | None = None
    prices: PriceHistory | None = None
    record: BalanceHistory | None = None
    levels: dict[Board, float] = field(default_factory=dict)
    cohorts: Cohorts | None = None
    _sample: Start | None = None

    @property
    def state_name(self) -> str:
        """The state used: shipped, simple, or the folder as it was given."""
        return self.request.state or (SIMPLE if self.cohorts is None else SHIPPED)

    @property
    def state_of(self) -> dict[str, Any]:
        """What the state used is made from, ready for JSON."""
        if self.cohorts is not None:
            return self.cohorts.described()
        rule = {"basis": "rule", "feasible": None, "source": "assumption", "cohorts_hash": None}
        return {"on": str(self.on)} | rule

    @property
    def heads(self) -> HeadRange:
        """Borrowers are known only as ranges: low and high number of persons for each one counted."""
        low = high = central = 0.0
        for path in ("people.margin_borrowers", "people.pledged_borrowers"):
            entry = self.book.entry(path, self.on)
            low, high, central = low + entry.low, high + entry.high, central + entry.value
        return HeadRange(low / central, high / central)

    def dates(self, days: int) -> tuple[date, ...]:
        return (self.on, *sessions(self.on, days))

    def shock_path(self, shock: Shock, days: int) -> Path:
        dispersion = self.book.value("market.dispersion", self.on) / BPS
        return shock_path(shock, self.instruments, self.dates(days), self.won_per_dollar, dispersion, self.request.seed)

    def result(
        self,
        path: Path,
        settings: Settings,
        origin: Start | None = None,
        until: Callable[[World], bool] | None = None,
        coins: CoinWorld | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Result:
        """Run one scenario and keep what is reported of it; from another start than the scene's where one is given.

        ``coins`` are exchange accounts on a path of their own, which run beside it. ``progress`` is told of sessions.
        """
        start = origin or self.start
        name = f"{start.name}-until" if until else start.name
        scenario = Scenario(name, start, path, settings, result_of, Result, until)
        return outcome(scenario, self.workers, self.folder, coins, progress)

    def fall_alone(self, path: Path) -> Result:
        """The path's own prices through ticks and limits, with nobody's accounts."""
        nobody = replace(self.start, population=Population([], [], self.start.population.weight), name="nobody")
        return self.result(path, Settings(False, False, self.request.seed, marks=False), nobody)

    @property
    def sample(self) -> Start:
        """Every tenth borrower, made once; the accounts as they are where the run is a sample already."""
        if self._sample is None:
            whole = self.start.population
            kept = every(whole, SAMPLED, self.request.seed + 1) if self.request.scale < SAMPLED else whole
            self._sample = replace(self.start, population=kept, name="sample")
        return self._sample


def check_request(request: Request) -> None:
    """Refuse what can be refused before any work, all faults at once."""
    faults = []
    if request.state is not None and request.state not in STATES and not File(request.state).exists():
        allowed = f"states are: {', '.join(STATES)}, or {A_FOLDER}"
        faults.append(Fault("--state", f"'{request.state}'", allowed, closest(request.state, STATES)))
    if request.scale < 1:
        faults.append(Fault("--scale", f"1/{request.scale}", "must be 1 or 1/k with a whole k of 1 or more"))
    if request.days is not None and not 1 <= request.days <= MOST_DAYS:
        faults.append(Fault("--days", str(request.days), f"must be from 1 to {MOST_DAYS} sessions"))
    check_means(request, faults)
    if request.seed < 0 or request.seed >= 2**32:
        faults.append(Fault("--seed", str(request.seed), "must be from 0 to 4,294,967,295"))
    if request.shock is not None and request.replay is not None:
        faults.append(Fault("--replay", request.replay, "cannot stand beside --shock", "give one of the two"))
    if request.replay is not None and request.on is not None and not File(request.replay).exists():
        faults.append(Fault("--on", str(request.on), "cannot stand beside an episode", "an episode has its own start"))
    if faults:
        raise Refused(faults)


def prepare(
    request: Request,
    workers: Workers,
    progress: Progress = silent,
    book: LawBook | None = None,
    folder: RunFolder | None = None,
) -> Scene:
    """Read sources, resolve the law and build the population of the state's date. Raises Refused.

    ``folder`` keeps what scenarios come to, and must be of the same accounts.
    """
    check_request(request)
    progress("law and prices", 0, 3)
    book = book or load()
    stated = _stated(request)
    if stated is not None and request.on is None:
        request = replace(request, on=stated.on)
    chosen = _episode(request)
    _check_date(request, stated, chosen.start if chosen else request.on)
    on = chosen.start if chosen else _state_date(request, book)
    if request.state is None and on == STATE_DATE:
        stated = shipped_cohorts()
    if on < book.begins:
        raise refuse("--on", str(on), f"the law begins on {book.begins}", "give that day or a later one")
    prices, record = _history(request, chosen)
    balances = _balances(record, on, needed=stated is not None)
    instruments = build_instruments(book, on, prices)
    if request.shock is not None:
        asked_shock(request, book, on, instruments)  # refused here, before the work
    if not is_compiled(call_pools):
        progress("compiling once", 0, 1)
    progress("population", 1, 3)
    setting = setting_of(book, on, instruments, balances, request.seed, request.scale, prices=prices)
    population, targets = Builder(replace(setting, cohorts=stated)).build()
    progress("population", 2, 3)
    scene = Scene(
        request=request,
        book=book,
        on=on,
        instruments=instruments,
        start=start(book, instruments, population, workers),
        targets=targets,
        balances=balances,
        won_per_dollar=_won_per_dollar(book, on, prices),
        workers=workers,
        folder=folder,
        episode=chosen,
        prices=prices,
        record=record,
        levels=_levels(book, on, prices),
        cohorts=stated,
    )
    if folder is not None:
        folder.same("accounts", accounts_hash(population.borrowing, scene.start.held_plain, instruments.price))
    progress("population", 3, 3)
    return scene


def coin_names(book: LawBook, on: date) -> tuple[str, ...]:
    """What a shock may name of coins on a date: none before the first survey of exchange accounts."""
    if on < book.parameter("coins.accounts").entries[1].since:
        return ()
    return coin_targets(coin_instruments(book, on))


def asked_shock(request: Request, book: LawBook, on: date, instruments: Instruments) -> Shock:
    """The shock in words, which may name coins beside stocks. Raises Refused."""
    return parse_shock(request.shock or "", (*instruments.ticker, *coin_names(book, on)))


def _stated(request: Request) -> Cohorts | None:
    """The rebuilt state that was asked for by name; nothing for the simple one, or where none was named."""
    if request.state is None or request.state == SIMPLE:
        return None
    return shipped_cohorts() if request.state == SHIPPED else read_cohorts(request.state)


def _check_date(request: Request, stated: Cohorts | None, on: date | None) -> None:
    """A rebuilt state is of one date. Raises Refused for a run from another."""
    if stated is None or on is None or on == stated.on:
        return
    if request.replay is not None and not File(request.replay).exists():
        help = "say --state simple, or rebuild the state of that date with gaemi state"
        raise refuse("--state", f"'{request.state}' of {stated.on}", f"the episode starts from {on}", help)
    help = "leave --on out, say --state simple, or rebuild the state of that date with gaemi state"
    what = "the shipped state" if request.state == SHIPPED else f"the state in {request.state}"
    raise refuse("--on", str(on), f"{what} is of {stated.on}", help)


def _episode(request: Request) -> Episode | None:
    """The named episode, or a stretch of the user's own history from ``--on`` over ``--days`` sessions."""
    if request.replay is None:
        return None
    if not File(request.replay).exists():
        return episode(request.replay)
    if request.on is None:
        raise refuse("--replay", request.replay, "needs --on DATE, the session from whose close it starts")
    history = read_prices(request.replay)
    after = [day for day in history.dates if day > request.on][: request.days or OWN_REPLAY_DAYS]
    if not after:
        last = history.last_day()
        raise refuse("--on", str(request.on), f"the history must go on after it; its last day is {last}")
    return Episode(OWN_HISTORY, request.on, after[0], after[-1], f"own history {File(request.replay).name}")


def _state_date(request: Request, book: LawBook) -> date:
    on = request.on or STATE_DATE
    if on < book.begins:
        raise refuse("--on", str(on), f"the law begins on {book.begins}", "give that day or a later one")
    if on != STATE_DATE and request.prices is None:
        help = "give --prices and --balances of that date"
        raise refuse("--on", str(on), f"prices ship for {STATE_DATE} only", help)
    if not is_session(on):
        near = session_on_or_before(on)
        raise refuse("--on", str(on), "must be a day on which the exchange trades", f"the session before is {near}")
    return on


def _history(request: Request, chosen: Episode | None) -> tuple[PriceHistory | None, BalanceHistory | None]:
    own = chosen is not None and chosen.name == OWN_HISTORY
    source = request.replay if own else request.prices
    record = read_balances(request.balances) if request.balances else None
    if source is not None:
        prices: PriceHistory | None = read_prices(source)
    else:
        prices = episode_prices(chosen.name) if chosen else None
    if record is None and chosen and not own:
        record = episode_balances(chosen.name)
    return prices, record


def _balances(record: BalanceHistory | None, on: date, needed: bool = False) -> Balances:
    """Balances on which the population is built: the user's, else the shipped ones, of the last day not after.

    Where they are ``needed`` of the very date, as for a rebuilt state, shipped ones of an earlier day are refused.
    """
    if record is None:
        found = shipped_balances().on_or_before(on)
        if needed and found.date != on:
            allowed = f"a state of {on} needs the balances of {on}"
            raise refuse("--balances", f"none given, and those of {found.date} ship", allowed, "give --balances")
        return found
    row = record.on_or_before(on)
    names = ("margin_kospi_won", "margin_kosdaq_won", "pledged_won", "unsettled_won", "deposits_won")
    missing = [name for name in names if getattr(row, name) is None]
    if missing:
        raise refuse(f"{record.origin}, {row.date}", f"no {', '.join(missing)}", "a state needs these balances")
    won: dict[str, Any] = {name: int(getattr(row, name)) for name in names}
    return Balances(date=row.date, source=record.origin, **won)


def _won_per_dollar(book: LawBook, on: date, prices: PriceHistory | None) -> float:
    if prices is not None and "USDKRW" in prices.tickers:
        rate = prices.close_on("USDKRW", on)
        if rate is not None:
            return rate
    return float(book.value("people.won_per_dollar", on))


def _levels(book: LawBook, on: date, prices: PriceHistory | None) -> dict[Board, float]:
    """Index levels at the state's date; 100 where neither the prices nor the shipped figures give them."""
    levels = {}
    for board in (Board.KOSPI, Board.KOSDAQ):
        close = prices.close_on(board.name, on) if prices and board.name in prices.tickers else None
        if close is None:
            close = book.value("people.index_level", on, board.name) / 100
        levels[board] = close
    return levels


def episode_path(scene: Scene) -> Path:
    """The recorded path of the scene's episode, checked: every fault of the dates used is refused."""
    chosen, prices = scene.episode, scene.prices
    assert chosen is not None and prices is not None
    days = prices.sessions(chosen.start, chosen.end)
    lost = [day for day in sessions_between(chosen.start, chosen.end) if day not in set(days)]
    if lost:
        allowed = "a replay needs every session: the history must not have a gap"
        source = scene.request.prices or scene.request.replay or chosen.name
        raise Refused([Fault(source, f"no close of KOSPI and KOSDAQ on {day}", allowed) for day in lost])
    indices = prices.view(["KOSPI", "KOSDAQ"], chosen.start, chosen.end, days)
    closes = {name: indices.close[:, i] for i, name in enumerate(("KOSPI", "KOSDAQ"))}
    halted: dict[str, np.ndarray] = {}
    own = [t for t, board in zip(scene.instruments.ticker, scene.instruments.board, strict=True) if board != Board.US]
    for ticker in [name for name in own if name in prices.tickers]:
        window = prices.view([ticker], chosen.start, chosen.end, days)
        closes[ticker] = window.close[:, 0]
        halted[ticker] = window.halted[:, 0].astype(np.uint8)
    closes["USDKRW"] = np.full(len(days), scene.won_per_dollar)
    dispersion = scene.book.value("market.dispersion", scene.on) / BPS
    return recorded_path(closes, halted, days, scene.instruments, dispersion, scene.request.seed)


LEAST_NAMED_WON = 1_000_000_000_000
"""Public output names no instrument worth less."""


def describe_targets(scene: Scene) -> list[dict[str, Any]]:
    """Rows of the targets table; a small instrument is not named."""
    small = {
        ticker
        for ticker, issued, price, digits, dollar in zip(
            scene.instruments.ticker,
            scene.instruments.issued.tolist(),
            scene.instruments.price.tolist(),
            scene.instruments.price_digits.tolist(),
            scene.instruments.currency.tolist(),
            strict=True,
        )
        if issued * price / 10**digits * (scene.won_per_dollar if dollar else 1) < LEAST_NAMED_WON
    }
    rows = []
    for target in scene.targets:
        named = [ticker for ticker in small if ticker in target.name]
        rows.append(
            {
                "name": target.name.replace(named[0], "an instrument under 1 tn won") if named else target.name,
                "source": target.source,
                "unit": target.unit,
                "target": target.target,
                "reached": target.reached,
                "error": target.reached - target.target,
                "exact": target.exact,
            }
        )
    return rows
