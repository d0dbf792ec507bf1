"""Replay: the account through a recorded history, day by day, on the country's own engine."""

from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np

from gaemi.account.beside import beside, never_closes, without_them
from gaemi.account.coin_endings import korean
from gaemi.account.coin_loans import coin_loan_rows
from gaemi.account.coin_replay import coin_replay_document, outcome_of_rows
from gaemi.account.parts import NO_ODDS, assumed, recorded, replay_head
from gaemi.account.portfolio import Portfolio, close_before, is_source, portfolio
from gaemi.account.position_rows import position_rows, wallet_row
from gaemi.account.request import Request
from gaemi.account.scenario import day_row, days_of, outcome_words, sale_of
from gaemi.account.sentences import first_sentences
from gaemi.account.standing import (
    Standing,
    alone_rows,
    firm_entry,
    holding_rows,
    loan_rows,
    pool_rows,
    standing_of,
    totals,
)
from gaemi.answers import wording
from gaemi.answers.documents import run_record
from gaemi.days import sessions_between
from gaemi.errors import Fault, Refused, refuse
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import is_coin_episode
from gaemi.market.episodes import Episode, episode, episode_names, episode_prices
from gaemi.market.funds import terms
from gaemi.rules.funds import carry_a_session, value_step
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.sources.tickers import KOSDAQ, KOSPI, USDKRW
from gaemi.units import format_won

OWN_DAYS = 60


def replay_document(request: Request, book: LawBook, began: float) -> dict[str, Any]:
    """The document of a replay: where the account stands, then its days. Raises Refused.

    The recorded moves are laid on the account as it stands: an episode of another year asks what such days would do to
    it, under the law of those days, its loans as old as they are today.
    """
    if is_coin_episode(request.replay):
        return coin_replay_document(request, book, recorded(request), began)
    chosen, history = _episode(request)
    who = portfolio(request, book)
    at = standing_of(_moved(without_them(who), chosen.start))
    _check_start(at, chosen)
    dates = history.sessions(chosen.start, chosen.end)
    if dates[0] != chosen.start:
        raise refuse("--replay", str(chosen.start), "the history must have a close on the day it starts from")
    notes: list[str] = []
    factor, halted = _factors(at, history, dates, notes)
    dollars = [rate * who.won_per_dollar for rate in _relative(history, USDKRW, dates, notes, at)]
    days = days_of(at, factor, dates, dollars, halted)
    rows = [day_row(at, day) for day in days]
    outcome = outcome_words(days[-1].rows)
    if never_closes(who):
        rows, outcome = _beside(who, history, dates, dollars, notes, rows, outcome)
        at = standing_of(_moved(who, chosen.start))
    pools, alone, sale = pool_rows(at), alone_rows(at), sale_of(who)
    told = first_sentences(who, (pools, alone, position_rows(at)), sale, None)
    return {
        **replay_head(who, chosen.name, request.seed),
        "sentences": [*_sentences(chosen, rows), *told],
        "prices": {
            "words": who.prices_words, "first": str(dates[0]), "last": str(dates[-1]), "sessions": len(dates) - 1,
            "notes": notes,
        },
        "firm": firm_entry(at),
        "horizon": {"from": str(dates[0]), "to": str(dates[-1]), "sessions": len(dates) - 1,
                    "years": (dates[-1] - dates[0]).days / 365.25},
        "totals": totals(at),
        "holdings": holding_rows(at, {}, 0.0),
        "loans": loan_rows(at),
        "pools": pools,
        "alone": alone,
        "positions": position_rows(at),
        "coin_loans": coin_loan_rows(who.coin_loans),
        "wallet": wallet_row(at),
        "sale": sale,
        **NO_ODDS,
        "replay": {
            "name": chosen.name,
            "outcome": outcome,
            "start_won": rows[0]["net_worth_won"],
            "end_won": rows[-1]["net_worth_won"],
            "days": rows,
        },
        "notes": [*dict.fromkeys([*who.notes, chosen.note, *notes])],
        "assumptions": assumed(book, chosen.start),
        "run": run_record(recorded(request)),
        "timing": {"seconds": round(perf_counter() - began, 2), "threads": 1},
    }  # fmt: skip


def _beside(
    who: Portfolio,
    history: PriceHistory,
    dates: tuple[date, ...],
    dollars: list[float],
    notes: list[str],
    rows: list[dict[str, Any]],
    outcome: str,
) -> tuple[list[dict[str, Any]], str]:
    """The days with what never closes beside the shares, and the outcome of all."""
    never = beside(who, history, dates, dollars, notes)
    found, before = [], -1
    for row in rows:
        told, before = never.row(row, before)
        found.append(told)
    for each in never.walk.closed:
        when = f"{korean(each.second)} Korean time, at {each.price:,.6g}"
        if each.worst:
            notes.append(f"{each.name}: the extreme of one day taken for the mark would close it on {when}")
        else:
            notes.append(f"{each.name}: closed on the mark price on {when}")
    return found, outcome_of_rows(found, outcome, bool([each for each in never.walk.closed if not each.worst]))


def _episode(request: Request) -> tuple[Episode, PriceHistory]:
    """The episode with its own prices, or a stretch of the user's history after ``--on``; --prices adds names to it."""
    if is_source(request.replay):
        history = read_prices(request.replay)
        if request.on is None:
            raise refuse("--replay", str(request.replay), "needs --on DATE, the session from whose close it starts")
        later = [day for day in history.dates if day > request.on][: request.days or OWN_DAYS]
        if not later:
            raise refuse(
                "--on", str(request.on), f"the history must go on after it; its last day is {max(history.dates)}"
            )
        return Episode("own history", request.on, later[0], later[-1], "recorded prices of the given history"), history
    chosen = episode(str(request.replay))
    shipped = episode_prices(chosen.name)
    names = episode_names(chosen.name)
    if names is not None:
        shipped = PriceHistory((*shipped.series, *names.series), shipped.capitalisations)
    if request.prices is None:
        return chosen, shipped
    own = read_prices(request.prices)
    lacking = [one for one in shipped.series if one.ticker not in own.tickers]
    return chosen, PriceHistory((*own.series, *lacking), own.capitalisations)


def _moved(who: Portfolio, start: date) -> Portfolio:
    """The account on the day the replay starts from; its loans are as many days old as they are."""
    shift = start - who.on
    debts = tuple(replace(debt, opened=debt.opened + shift, due=debt.due + shift) for debt in who.debts)
    return replace(who, on=start, debts=debts)


def _check_start(at: Standing, chosen: Episode) -> None:
    if chosen.start < at.portfolio.book.begins:
        raise refuse("--replay", str(chosen.start), f"the law begins on {at.portfolio.book.begins}")
    if not sessions_between(chosen.first, chosen.end):
        raise refuse("--replay", chosen.name, "must hold at least one session")


def _factors(
    at: Standing, history: PriceHistory, dates: tuple[date, ...], notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Prices of each instrument relative to the start, float64 [session, instrument], and where it was halted."""
    count, names = len(dates), at.instruments.ticker
    factor, halted = np.ones((count, len(names))), np.zeros((count, len(names)), np.uint8)
    lots = {lot.ticker: lot for lot in at.portfolio.lots}
    faults = []
    for row, ticker in enumerate(names):
        lot = lots[ticker]
        if lot.is_money:
            continue
        try:
            if ticker in history.tickers and not lot.foreign:
                window = history.view([ticker], dates[0], dates[-1], dates)
                factor[:, row] = window.close[:, 0] / window.close[0, 0]
                halted[:, row] = window.halted[:, 0]
            elif ticker in history.tickers:
                factor[:, row] = _relative(history, ticker, dates, notes, at)
            elif lot.foreign:
                help = "give --prices with its history"
                faults.append(
                    Fault("--replay", f"no prices of {ticker}", "needs the prices of what trades abroad", help)
                )
            else:
                factor[:, row] = _followed(at, row, history, dates, notes)
        except Refused as refused:
            faults += refused.faults
    if faults:
        raise Refused(faults)
    return factor, halted


def _followed(at: Standing, row: int, history: PriceHistory, dates: tuple[date, ...], notes: list[str]) -> np.ndarray:
    """A name without a record moves with its board's index, a fund with a multiple of what it follows."""
    lot = next(lot for lot in at.portfolio.lots if lot.ticker == at.instruments.ticker[row])
    index = lot.underlying if lot.underlying in history.tickers else KOSDAQ if lot.board.name == KOSDAQ else KOSPI
    closes = history.view([index], dates[0], dates[-1], dates).close[:, 0]
    if lot.leverage is None:
        notes.append(f"{lot.ticker} moves with {index}: the record holds no prices of its own; --prices adds them")
        found: np.ndarray = closes / closes[0]
        return found
    notes.append(f"{lot.ticker} moves by {lot.leverage:g} times {index} a day, less its costs")
    value, values = 1.0, [1.0]
    for t in range(1, len(dates)):
        told = terms(at.portfolio.book, lot.ticker, lot.foreign, dates[t])
        carry = carry_a_session(lot.leverage, told.financing_bps, told.fee_bps, 0)
        value = value_step(value, float(closes[t] / closes[t - 1] - 1), lot.leverage, carry)
        values.append(value)
    return np.array(values)


def _relative(
    history: PriceHistory, ticker: str, dates: tuple[date, ...], notes: list[str], at: Standing
) -> list[float]:
    """Closes of a name of another calendar relative to the start: on a Korean session, the last one before it."""
    needed = ticker != USDKRW or any(lot.foreign for lot in at.portfolio.lots)
    if not needed:
        return [1.0] * len(dates)
    closes = [close_before(history, ticker, day) for day in dates]
    lost = [day for day, close in zip(dates, closes, strict=True) if close is None]
    if lost and ticker == USDKRW and len(lost) == len(dates):
        notes.append("the record holds no won per dollar: it stays as it is")
        return [1.0] * len(dates)
    if lost:
        raise refuse("--replay", f"no close of {ticker} shortly before {lost[0]}", "a replay must not have a gap")
    first = closes[0] or 1.0
    return [(close or first) / first for close in closes]


def _sentences(chosen: Episode, rows: list[dict[str, Any]]) -> list[str]:
    """What the days did to the account."""
    start, end = rows[0], rows[-1]
    first_call = next((row["date"] for row in rows if row["called"]), None)
    sold = [row for row in rows if row["sold"]]
    said = [
        f"Through {chosen.name}, {wording.day_name(start['date'])} to {wording.day_name(end['date'])}, doing nothing, "
        f"{format_won(max(0, start['net_worth_won']))} become {format_won(max(0, end['net_worth_won']))}"
        + (f" and {format_won(end['residual_won'])} stay owed." if end["residual_won"] else ".")
    ]
    if first_call:
        said.append(f"The first call comes at the close of {wording.day_name(first_call)}.")
    else:
        said.append("No call comes." if start["loans_won"] else "Nothing is borrowed, so no call comes.")
    if sold:
        won = sum(one["won"] for row in sold for one in row["sold"])
        when = wording.day_name(sold[0]["date"])
        mornings = f"{len(sold)} morning" + "s" * (len(sold) != 1)
        said.append(f"The firm sells from {when} on, in all {format_won(won)}, on {mornings}.")
    lowest = min(rows, key=lambda row: row["net_worth_won"])
    said.append(
        f"The lowest close is {wording.day_name(lowest['date'])}, with {format_won(max(0, lowest['net_worth_won']))}."
    )
    return said
