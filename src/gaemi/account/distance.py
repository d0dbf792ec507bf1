"""Distance: how often a fall of that size came, and what closed forms say beside the simulation."""

from collections.abc import Sequence
from math import sqrt
from typing import Any

from gaemi.account.luck import Drift, sessions_a_year
from gaemi.account.odds import Tally, error_of
from gaemi.account.portfolio import Portfolio
from gaemi.account.sentences import often_words
from gaemi.account.standing import pool_rows, standing_of
from gaemi.days import sessions_between
from gaemi.market.joint import how_often as recorded_falls
from gaemi.market.models import Model
from gaemi.outcomes import PathOutcome
from gaemi.records.columns import LoanKind, Standing
from gaemi.rules.passage import low_reached_daily

SESSIONS = 20


def how_often(portfolio: Portfolio, pools: Sequence[dict[str, Any]], model: Model, years: int) -> dict[str, Any] | None:
    """How often the fall to a call came within 20 sessions; None where there is none.

    Of one name its own record is asked, of several that of the largest that the history holds. Without a history the
    closed form for normal returns without drift stands in, and says so.
    """
    distance = next((p["fall_to_call_pct"] for p in pools if p["shortfall_won"] == 0), None)
    if distance is None or distance <= 0:
        return None
    lots = [lot for lot in portfolio.things if not lot.foreign and lot.standing != Standing.ELSEWHERE]
    lead = max(lots, key=lambda lot: (lot.quantity * lot.price, lot.ticker), default=None)
    if lead is None:
        return None
    fall, name = distance / 100, lead.name if len(lots) > 1 else ""
    told = {"fall_pct": distance, "sessions": SESSIONS, "ticker": lead.ticker}
    history = portfolio.history
    if history is not None and lead.ticker in history.tickers:
        found = recorded_falls(history, lead.ticker, fall, SESSIONS, portfolio.on, years)
        span = {"first": str(found.first), "last": str(found.last)}
        words = often_words(name, SESSIONS, found.share, span)
        return told | span | {
            "words": words, "share": found.share, "times": found.times, "starts": found.starts, "recorded": True,
        }  # fmt: skip
    if lead.ticker not in model.names:
        return None
    year = sessions_a_year(portfolio.on)
    volatility = float(model.deviation[model.names.index(lead.ticker)]) * sqrt(year)
    share = low_reached_daily(1 - fall, 0.0, volatility, SESSIONS / year, SESSIONS)
    return told | {
        "words": often_words(name, SESSIONS, share, None), "share": share, "times": None, "starts": None,
        "first": None, "last": None, "recorded": False,
    }  # fmt: skip


def closed_forms(
    portfolio: Portfolio, model: Model, drifts: Sequence[Drift], tallies: Sequence[Tally], sessions: int
) -> list[dict[str, Any]]:
    """The odds of a call beside the closed form, where there is one: gbm, one share on margin, no saving, no goal met.

    Calls are counted up to the loan's first term, where interest may join the loan. The closed form watches the close
    once a session by a shifted barrier; ticks, and investors who leave at their goal, are not in it.
    """
    file, debts = portfolio.file, portfolio.debts
    single = len(portfolio.things) == 1 and len(debts) == 1 and debts[0].kind == LoanKind.MARGIN
    if model.kind != "gbm" or not single or file.saving_won or portfolio.things[0].foreign:
        return []
    pool = pool_rows(standing_of(portfolio))[0]
    if pool["shortfall_won"] or pool["fall_to_call_pct"] is None:
        return []
    year = sessions_a_year(portfolio.on)
    deviation = float(model.deviation[0])
    counted = min(sessions, len(sessions_between(portfolio.on, debts[0].due)) - 2)
    if counted < 1:
        return []
    rows = []
    for drift, tally in zip(drifts, tallies, strict=True):
        graduated = tally.share(PathOutcome.GRADUATE)
        if graduated > 0:
            continue
        mean = (drift.a_session[0] + deviation**2 / 2) * year
        level = 1 - pool["fall_to_call_pct"] / 100
        exact = low_reached_daily(level, mean, deviation * sqrt(year), counted / year, counted)
        share = float((tally.called & (tally.called_session <= counted)).mean())
        rows.append(
            {
                "what": f"a call within {counted} sessions, watched at each close",
                "drift": drift.name,
                "simulated": share,
                "error": error_of(share, tally.paths),
                "closed_form": exact,
            }
        )
    return rows
