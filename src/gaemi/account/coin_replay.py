"""Coin replay: an account with coins and positions through an episode of coins, which never closes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from time import perf_counter
from typing import Any

import numpy as np

from gaemi.account.coin_endings import endings, korean, sale_of_coins, sale_second, top_of
from gaemi.account.coin_loans import coin_loan_rows
from gaemi.account.coin_sentences import replay_sentences
from gaemi.account.coin_tape import Tape, Won, end_of, holds_day, recorded_marks, tape_of, won_of
from gaemi.account.coin_walk import Walk, day_ends, terms_on, walk_of
from gaemi.account.coins import coin_tickers
from gaemi.account.parts import NO_ODDS, assumed, replay_head
from gaemi.account.portfolio import Portfolio, portfolio, told_account
from gaemi.account.position_rows import position_rows, wallet_row
from gaemi.account.request import Request
from gaemi.account.standing import Standing, firm_entry, holding_rows, standing_of, totals
from gaemi.answers.documents import run_record
from gaemi.errors import Fault, Refused, refuse
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import CoinEpisode, coin_episode, episode_events, won_per_dollar
from gaemi.outcomes import Outcome, PathOutcome
from gaemi.sources.accounts import AccountFile
from gaemi.sources.intraday import BarHistory, read_bars
from gaemi.units import BPS, won_value

MOST_POINTS = 400
"""Points of a path in the document: hours where the bars are shorter."""

LOST_BPS = 9_000
HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Stage:
    """What a coin replay is worked out from."""

    episode: CoinEpisode
    portfolio: Portfolio
    at: Standing
    tapes: dict[str, Tape]
    won: Won
    still_won: int
    notes: tuple[str, ...]


def coin_replay_document(request: Request, book: LawBook, recorded: Request, began: float) -> dict[str, Any]:
    """The document of a replay of a coin episode. Raises Refused with every fault.

    Coins and positions move as recorded from what they are worth at the start. Shares stand still; loans on shares are
    refused, for a session of their exchange is no part of an episode of coins.
    """
    episode = coin_episode(str(request.replay))
    stage = _stage(request, book, episode)
    told_sale = request.sell_at or stage.portfolio.file.sell_at
    walk = walked(stage.portfolio, episode, stage.tapes, stage.won, worth_by_lot(stage.at))
    sale, prices = None, dict[str, float]()
    if told_sale is not None and walk.coins:
        where = "--sell-at" if request.sell_at else f"{stage.portfolio.file.origin}, sell_at"
        second = sale_second(told_sale, episode, where)
        fee = int(book.value("coins.fee", episode.start))
        coins = {ticker: stage.tapes[ticker] for ticker in walk.coins}
        sale, prices = sale_of_coins(walk, coins, stage.won, second, fee)
    held = {ticker: stage.tapes[ticker] for ticker in walk.coins}
    top = top_of(episode, min(won_per_dollar(episode.name)), walk, held, stage.won)
    told = endings(walk, episode, top, sale, prices) if walk.coins else None
    rows = _day_rows(stage, walk)
    events = _events(stage, walk)
    replay = {
        "name": episode.name,
        "outcome": outcome_of_rows(rows, Outcome.NONE.label, any(not each.worst for each in walk.closed)),
        "start_won": rows[0]["net_worth_won"],
        "end_won": rows[-1]["net_worth_won"],
        "days": rows,
        "coins": {
            "endings": told,
            "events": events,
            "path": _path(stage, walk),
            "step_minutes": min(int(tape.minutes.min()) for tape in stage.tapes.values()),
        },
    }
    return _document(stage, request, book, replay) | {
        "run": run_record(recorded),
        "timing": {"seconds": round(perf_counter() - began, 2), "threads": 1},
    }


def _stage(request: Request, book: LawBook, episode: CoinEpisode) -> Stage:
    file = told_account(request)
    _check(file)
    on = request.on or file.on
    notes: list[str] = []
    if on is None or holds_day(episode, on):
        on = episode.start
        coins = tuple(replace(line, price=None) for line in file.coins)
        positions = tuple(replace(line, price=None) for line in file.positions)
        lent_lines = tuple(replace(line, held_price=None, owed_price=None) for line in file.coin_loans)
        file = replace(file, coins=coins, positions=positions, coin_loans=lent_lines)
        notes.append("prices are those of the episode: what the file says of them is not used")
    else:
        notes.append("the moves of the episode are laid on what the account is worth on its own date")
    given = None if request.prices is None else read_bars(request.prices)
    tickers = coin_tickers(file)
    tapes, faults = dict[str, Tape](), list[Fault]()
    for ticker in tickers:
        try:
            tapes[ticker] = tape_of(episode, ticker, given, notes)
        except Refused as refused:
            faults += refused.faults
    if faults:
        raise Refused(faults)
    notes += _used(given, tapes)
    marks = recorded_marks(tickers, episode.start) | _given_marks(tapes, episode)
    who = portfolio(replace(request, on=on, prices=None, replay=None), book, replace(file, on=on), marks)
    who = replace(who, prices_words=f"prices of {episode.name}, in won by the dollar's rate and the premium recorded")
    at = standing_of(who)
    still = [lot for lot in who.lots if lot.contract is None and lot.coin is None]
    if any(not lot.is_money for lot in still):
        notes.append("shares and funds stand still: an episode of coins holds no prices of theirs")
    wallet = who.file.wallet
    if wallet is not None:
        notes.append("the wallet is worth what it holds and what its positions have made, and never below 0")
    worth = worth_by_lot(at)
    still_won = sum(worth[ticker] for ticker in dict.fromkeys(lot.ticker for lot in still)) + who.cash_won
    return Stage(episode, who, at, tapes, won_of(episode), still_won, tuple(notes))


def _check(file: AccountFile) -> None:
    faults = []
    if file.loans:
        help = "replay the coins in a file of their own, or the shares through an episode of shares"
        allowed = "an episode of coins must not meet loans on shares"
        faults.append(Fault("--replay", f"{len(file.loans)} loans", allowed, help))
    if file.cfds:
        found = f"{len(file.cfds)} contracts for difference"
        faults.append(Fault("--replay", found, "an episode of coins must not meet contracts on shares"))
    if not (file.coins or file.positions or file.coin_loans):
        found = f"an account without coins and positions ({file.name})"
        faults.append(Fault("--replay", found, "an episode of coins must find some", "hold KRW-BTC, say"))
    if faults:
        raise Refused(faults)


def _used(given: BarHistory | None, tapes: dict[str, Tape]) -> list[str]:
    """Notes of the bars, and a fault where they hold nothing of the account."""
    if given is None:
        return []
    if all(int(tape.minutes.min()) == 1440 for tape in tapes.values()):
        found = ", ".join(given.tickers)
        raise refuse("--prices", found, f"must hold bars of {', '.join(tapes)}", "or leave --prices out")
    return list(given.notes)


def _given_marks(tapes: dict[str, Tape], episode: CoinEpisode) -> dict[str, float]:
    """The first price of each coin on its tape, in the currency of its ticker."""
    won, second = won_of(episode), end_of(episode.start)
    marks = {}
    for ticker, tape in tapes.items():
        close = float(tape.close[max(0, tape.place(second))])
        marks[ticker] = won.price(tape, close, second) if ticker.startswith("KRW-") else close
    return marks


def worth_by_lot(at: Standing) -> dict[str, int]:
    """Won worth of each lot by its ticker."""
    quotes = at.quotes()
    return {
        lot.ticker: won_value(lot.quantity, int(quotes.unit[at.instruments.row(lot.ticker)]))
        for lot in at.portfolio.lots
    }


def walked(who: Portfolio, episode: CoinEpisode, tapes: dict[str, Tape], won: Won, worth: Mapping[str, int]) -> Walk:
    """What of an account never closes, through an episode. ``worth`` is of its lots at the start, in won by ticker."""
    coins = {
        lot.ticker: (lot, worth[lot.ticker] + worth.get(f"{lot.ticker} rest", 0))
        for lot in who.lots
        if lot.coin is not None and not lot.is_money
    }
    priced = [
        replace(told.position, line=replace(told.position.line, price=told.price))
        for told in (lot.contract for lot in who.lots)
        if told is not None and told.position is not None
    ]
    terms = terms_on(who.book, episode.start)
    return walk_of(episode, coins, priced, who.file.wallet or 0.0, who.coin_loans, tapes, won, terms)


def _day_rows(stage: Stage, walk: Walk) -> list[dict[str, Any]]:
    """The account at the end of each day of UTC, 09:00 of the next in Korea."""
    rows = []
    worth = walk.worth
    before = -1
    for day, second in day_ends(stage.episode):
        place = walk.place(second)
        closed = [each for each in walk.closed if not each.worst and before < each.second <= second]
        net = round(float(worth[place])) + stage.still_won
        owed = round(float(walk.owed_won[place]))
        rows.append(
            {
                "date": str(day),
                "prices": {ticker: float(series[place]) for ticker, series in walk.price.items()},
                "pools": {},
                "assets_won": net + owed,
                "loans_won": 0,
                "net_worth_won": net,
                "called": False,
                "sold": [],
                "closed": ", ".join(dict.fromkeys(each.name for each in closed)),
                "owed_won": owed,
                "residual_won": owed,
            }
        )
        before = second
    return rows


def _events(stage: Stage, walk: Walk) -> list[dict[str, Any]]:
    """What venues stopped, and which positions they closed, in order of time; Korean times."""
    tickers = {tape.ticker for tape in stage.tapes.values()}
    symbols = {ticker.removeprefix("KRW-").removesuffix("USDT") for ticker in tickers}
    found = [
        (
            int(event.time.timestamp()),
            {
                "ticker": event.ticker,
                "what": event.what,
                "venue": event.venue,
                "source": event.source,
                "net_worth_won": _then(stage, walk, int(event.time.timestamp())),
            },
        )
        for event in episode_events(stage.episode.name)
        if event.ticker.removeprefix("KRW-").removesuffix("USDT") in symbols
    ]
    for each in walk.closed:
        what = "would be closed if the extreme of this bar were the mark" if each.worst else "closed by the venue"
        found.append((each.second, {"ticker": each.name, "what": what, "venue": "", "source": f"at {each.price:,.6g}"}))
    return [{"time": korean(second)} | told for second, told in sorted(found, key=lambda pair: pair[0])]


def _then(stage: Stage, walk: Walk, second: int) -> int | None:
    """Net worth at a time; None before the start, after the end, and where only closes of days are known."""
    if not walk.second[0] <= second <= walk.second[-1] or second not in walk.second:
        return None
    return round(float(walk.worth[walk.place(second)])) + stage.still_won


def _path(stage: Stage, walk: Walk) -> list[dict[str, Any]]:
    """Net worth along the way: every step, or every hour where there are too many; Korean times."""
    kept = walk.second % HOUR == 0 if walk.second.size > MOST_POINTS else np.ones(walk.second.size, bool)
    worth = walk.worth
    return [
        {
            "time": korean(int(walk.second[place])),
            "prices": {ticker: float(series[place]) for ticker, series in walk.price.items()},
            "net_worth_won": round(float(worth[place])) + stage.still_won,
        }
        for place in np.flatnonzero(kept).tolist()
    ]


def outcome_of_rows(rows: list[dict[str, Any]], outcome: str, closed: bool) -> str:
    """The outcome under which days with coins are counted: the worst of what shares, coins and positions came to."""
    order = [
        Outcome.RESIDUAL_DEBT.label,
        Outcome.ZEROED.label,
        PathOutcome.WIPED_OUT.label,
        PathOutcome.FORCE_SOLD.label,
    ]
    found = [outcome]
    if rows[-1]["residual_won"]:
        found.append(Outcome.RESIDUAL_DEBT.label)
    peak = 0
    for row in rows:
        peak = max(peak, row["net_worth_won"])
        if BPS * row["net_worth_won"] <= (BPS - LOST_BPS) * peak:
            found.append(PathOutcome.WIPED_OUT.label)
    if closed:
        found.append(PathOutcome.FORCE_SOLD.label)
    return next((each for each in order if each in found), outcome)


def _document(stage: Stage, request: Request, book: LawBook, replay: dict[str, Any]) -> dict[str, Any]:
    who, episode, at = stage.portfolio, stage.episode, stage.at
    first, last = episode.start, episode.end
    return {
        **replay_head(who, episode.name, request.seed),
        "sentences": replay_sentences(episode, replay, who.file.coins, position_rows(at)),
        "prices": {
            "words": who.prices_words, "first": str(first), "last": str(last), "sessions": (last - first).days,
            "notes": list(stage.notes),
        },
        "firm": firm_entry(at),
        "horizon": _horizon(first, last),
        "totals": totals(at),
        "holdings": holding_rows(at, {}, 0.0),
        "loans": [],
        "pools": [],
        "alone": [],
        "positions": position_rows(at),
        "coin_loans": coin_loan_rows(who.coin_loans),
        "wallet": wallet_row(at),
        "sale": None,
        **NO_ODDS,
        "replay": replay,
        "notes": [*dict.fromkeys([*who.notes, episode.note, *stage.notes])],
        "assumptions": assumed(book, episode.start),
    }  # fmt: skip


def _horizon(first: date, last: date) -> dict[str, Any]:
    days = (last - first) // timedelta(days=1)
    return {"from": str(first), "to": str(last), "sessions": days, "years": days / 365.25}
