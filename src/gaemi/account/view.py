"""The account view: from what an investor says to the document that terminal, page and JSON share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any

from gaemi.account import odds as odds_of
from gaemi.account.coin_loans import coin_loan_rows, coin_loan_sentences
from gaemi.account.coin_sentences import coins_held
from gaemi.account.distance import closed_forms, how_often
from gaemi.account.leverage import Step, steps_of, without_loans
from gaemi.account.luck import Drift, Movers, drift_rows, drifts_of, lead_of, model_of, movers_of, sessions_a_year
from gaemi.account.odds import (
    Tally,
    comparison_row,
    fan_rows,
    odds_rows,
    paired_rows,
    percentiles,
    tally_of,
    thousand_of,
)
from gaemi.account.parts import SCHEMA, assumed, recorded
from gaemi.account.portfolio import Portfolio, portfolio
from gaemi.account.position_rows import position_rows, wallet_row
from gaemi.account.replay import replay_document
from gaemi.account.request import Request, check_request
from gaemi.account.rows import instruments_of
from gaemi.account.scenario import sale_of
from gaemi.account.sentences import first_sentences, warning
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
from gaemi.account.start import start_won
from gaemi.account.trip import Case, horizon_of, trip_of
from gaemi.account.what_if import after
from gaemi.answers.documents import Answer, run_record
from gaemi.kernels._compile import is_compiled
from gaemi.kernels.walk import walk
from gaemi.law.lawbook import LawBook, load
from gaemi.market.models import Model
from gaemi.run import RESULTS_VERSION
from gaemi.units import BPS, format_won, parse_bps, parse_won
from gaemi.walks import walk_paths
from gaemi.workers import LocalWorkers, Progress, silent

POOL_MEASURES = (
    ("collateral ratio", "ratio_pct"),
    ("fall to a call", "fall_to_call_pct"),
    ("fall to zero", "fall_to_zero_pct"),
)

SHOWN_TWICE = 2
"""Variants are run under the first two drifts, so that none stands alone."""


class AccountResult(Answer):
    """Result of an account run."""

    @property
    def frame(self) -> Any:
        """The odds (or the days of a replay) as a polars data frame: one row an outcome and drift."""
        import polars

        if self.document["kind"] == "replay":
            days = self.document["replay"]["days"]
            return polars.DataFrame([{k: v for k, v in day.items() if not isinstance(v, dict | list)} for day in days])
        rows = [{"drift": each["drift"]} | row for each in self.document["odds"] for row in each["rows"]]
        return polars.DataFrame(rows)


@dataclass(slots=True)
class Setting:
    """What the odds of an account stand on."""

    request: Request
    portfolio: Portfolio
    movers: Movers
    model: Model
    drifts: list[Drift]
    until: date
    saving_won: int
    goal_won: int

    def case(self, key: tuple[object, ...], who: Portfolio, drift: Drift, **changes: Any) -> Case:
        plain: dict[str, Any] = {"until": self.until, "saving_won": self.saving_won, "goal_won": self.goal_won}
        return Case(key, who, drift, **(plain | changes))


def account(request: Request, progress: Progress = silent, book: LawBook | None = None) -> AccountResult:
    """Where an account stands, and its odds until the date; or its days through a recorded history (``replay``).

    Raises Refused for anything in the request that cannot be taken.
    """
    began = perf_counter()
    check_request(request)
    law = book or load()
    progress("account", 0, 1)
    if request.replay is not None:
        return AccountResult(replay_document(request, law, began))
    who = portfolio(request, law)
    setting = _setting(request, who)
    at = standing_of(who)
    document = _standing(setting, at)
    progress("account", 1, 1)
    with LocalWorkers(request.threads) as workers:
        document |= _odds(setting, at, workers, progress)
        threads = workers.threads
    care = law.value("care.ruin_share", who.on) / BPS
    document["warning"] = warning(document["odds"], care)
    if document["warning"]:
        lines = law.value("care.help_lines", who.on)
        document["help"] = [{"what": law.meaning("help_line", key), "number": number} for key, number in lines.items()]
    document["timing"] = {"seconds": round(perf_counter() - began, 2), "threads": threads}
    return AccountResult(document)


def _setting(request: Request, who: Portfolio) -> Setting:
    movers = movers_of(who, instruments_of(who))
    model = model_of(who, movers, request.model, request.years)
    own = who.file.drift_pct
    if request.drift is not None:
        own = parse_bps(request.drift, "--drift") / 100
    drifts = drifts_of(who, movers, model, own)
    if request.quick:
        drifts = drifts[:-1]  # without the gap of margin users: two stand beside one another, or three
    return Setting(request, who, movers, model, drifts, horizon_of(who), who.file.saving_won, who.file.goal_won or 0)


def _standing(setting: Setting, at: Standing) -> dict[str, Any]:
    """The parts of the document that ask no luck."""
    who, request, model = setting.portfolio, setting.request, setting.model
    year = sessions_a_year(who.on)
    pools, alone = pool_rows(at), alone_rows(at)
    sale = sale_of(who)
    often = how_often(who, pools, model, request.years)
    deviation = {driver.name: float(each) for driver, each in zip(setting.movers.drivers, model.deviation, strict=True)}
    notes = list(dict.fromkeys([*who.notes, *setting.movers.notes, *model.notes]))
    held, lent = holding_rows(at, deviation, year), coin_loan_rows(who.coin_loans)
    never_closes = [*coins_held(held), *coin_loan_sentences(lent)]
    return {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(who.on),
        "kind": "account",
        "title": who.file.name,
        "law_version": who.book.version,
        "seed": request.seed,
        "layers": ["mechanical"],
        "model": model.kind,
        "paths": request.paths,
        "warning": None,
        "sentences": first_sentences(who, (pools, alone, position_rows(at)), sale, often, never_closes),
        "help": [],
        "prices": {
            "words": who.prices_words,
            "first": str(model.first) if model.first else None,
            "last": str(model.last) if model.last else None,
            "sessions": model.sessions,
            "notes": list(model.notes),
        },
        "firm": firm_entry(at),
        "goal": {"won": setting.goal_won, "by": str(setting.until)} if setting.goal_won else None,
        "totals": totals(at),
        "holdings": held,
        "loans": loan_rows(at),
        "pools": pools,
        "alone": alone,
        "positions": position_rows(at),
        "wallet": wallet_row(at),
        "coin_loans": lent,
        "sale": sale,
        "how_often": often,
        "notes": notes,
        "assumptions": assumed(who.book, who.on),
        "run": run_record(recorded(request)),
    }


def _cases(setting: Setting, steps: Sequence[Step]) -> list[Case]:
    """Everything that is walked: the account under each drift, then its variants under the first two."""
    who, request = setting.portfolio, setting.request
    cases = [setting.case(("now",), who, drift) for drift in setting.drifts]
    for drift in setting.drifts[:SHOWN_TWICE]:
        cases += [setting.case(("leverage", i), step.portfolio, drift) for i, step in enumerate(steps) if not step.now]
        cases += _instead(setting, drift)
        cases += [setting.case(("what if", i), after(who, text)[0], drift) for i, text in enumerate(request.what_if)]
    return cases


def _instead(setting: Setting, drift: Drift) -> list[Case]:
    """The same goal with more years, or with more saving, and no loan."""
    who, request = setting.portfolio, setting.request
    plain = without_loans(who) or (who if not who.debts else None)
    if plain is None or request.quick:
        return []
    more = parse_won(request.more_saving, "--more-saving")
    later = horizon_of(who, request.more_years)
    loan = "no margin loan" if plain.debts else "no loan"
    years = f"{request.more_years} more year{'s' if request.more_years > 1 else ''} and {loan}"
    return [
        setting.case(("instead", years), plain, drift, until=later),
        setting.case(
            ("instead", f"{format_won(more)} more a month and {loan}"), plain, drift,
            saving_won=setting.saving_won + more,
        ),
    ]  # fmt: skip


def _odds(setting: Setting, at: Standing, workers: LocalWorkers, progress: Progress) -> dict[str, Any]:
    """The parts of the document that rest on paths."""
    who, request = setting.portfolio, setting.request
    steps = [] if request.quick else steps_of(who)
    cases = _cases(setting, steps)
    trip = trip_of(cases, setting.movers, setting.model, request.seed)
    label = "paths" if is_compiled(walk) else "paths (compiling once)"
    walked = walk_paths(trip, request.paths, workers, lambda done, total: progress(label, done, total))
    starts = [start_won(trip, v) for v in range(len(cases))]
    tallies = [tally_of(walked, v, starts[v]) for v in range(len(cases))]
    a_year = sessions_a_year(who.on)
    lead = lead_of(who, setting.movers)
    sessions = trip.variants[0].last
    told = [
        {
            "drift": drift.name,
            "paths": request.paths,
            "start_won": starts[v],
            "rows": odds_rows(tallies[v], a_year),
            "called": odds_of.called_row(tallies[v], a_year),
            "end": percentiles(tallies[v].end_won),
            "fan": fan_rows(trip, walked, v, starts[v]),
        }
        for v, drift in enumerate(setting.drifts)
    ]
    totals_after = {"after_costs_won": starts[0]}
    return {
        "totals": totals(at) | totals_after,
        "horizon": {
            "from": str(who.on),
            "to": str(trip.dates[sessions]),
            "sessions": sessions,
            "years": odds_of.years_between(who.on, setting.until),
        },
        "drifts": drift_rows(setting.movers, setting.drifts, lead),
        "odds": told,
        "thousand": {"drift": setting.drifts[0].name, "people": thousand_of(tallies[0])},
        "leverage": _leverage_rows(setting, steps, cases, tallies),
        "instead": [
            {"what": case.key[1]} | comparison_row(case, tally)
            for case, tally in zip(cases, tallies, strict=True)
            if case.key[0] == "instead"
        ],
        "what_if": [_what_if(setting, i, at, cases, tallies) for i in range(len(request.what_if))],
        "closed_forms": closed_forms(who, setting.model, setting.drifts, tallies[: len(setting.drifts)], sessions),
    }


def _leverage_rows(
    setting: Setting, steps: Sequence[Step], cases: Sequence[Case], tallies: Sequence[Tally]
) -> list[dict[str, Any]]:
    found = []
    for drift in setting.drifts[:SHOWN_TWICE]:
        for i, step in enumerate(steps):
            key = ("now",) if step.now else ("leverage", i)
            v = next(v for v, case in enumerate(cases) if case.key == key and case.drift is drift)
            row = {"leverage": step.leverage, "now": step.now, "loan_won": step.loan_won}
            found.append(row | comparison_row(cases[v], tallies[v]))
    return found


def _what_if(
    setting: Setting, place: int, at: Standing, cases: Sequence[Case], tallies: Sequence[Tally]
) -> dict[str, Any]:
    """One what-if: distances before and after, and the odds on the same paths."""
    text = setting.request.what_if[place]
    changed, words = after(setting.portfolio, text)
    later = standing_of(changed)
    rows = []
    for v, drift in enumerate(setting.drifts[:SHOWN_TWICE]):
        w = next(w for w, case in enumerate(cases) if case.key == ("what if", place) and case.drift is drift)
        rows += paired_rows(drift.name, tallies[v], tallies[w], setting.goal_won > 0)
    return {"text": text, "words": words, "distances": _distances(at, later), "odds": rows}


def _distances(before: Standing, later: Standing) -> list[dict[str, Any]]:
    pools = [{row["pool"]: row for row in pool_rows(each)} for each in (before, later)]
    sums = [totals(each) for each in (before, later)]
    rows = []
    for pool in dict.fromkeys([*pools[0], *pools[1]]):
        prefix = "" if len(dict.fromkeys([*pools[0], *pools[1]])) == 1 else f"{pool}: "
        for measure, key in POOL_MEASURES:
            pair = [each.get(pool, {}).get(key) for each in pools]
            rows.append({"measure": prefix + measure, "unit": "pct", "before": pair[0], "after": pair[1]})
    for measure, unit, key in (
        ("interest a month", "won", "interest_month_won"),
        ("net worth", "won", "net_worth_won"),
        ("effective leverage", "times", "effective_leverage"),
    ):
        rows.append({"measure": measure, "unit": unit, "before": sums[0][key], "after": sums[1][key]})
    return rows
