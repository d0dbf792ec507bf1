"""The state view: the engine run over history, met with every published balance, and where its loans then stand."""

from dataclasses import dataclass
from pathlib import Path as File
from time import perf_counter
from typing import Any

import numpy as np

from gaemi.answers.documents import Answer, assumptions, run_record
from gaemi.days import sessions
from gaemi.errors import refuse
from gaemi.forecasts import shocked
from gaemi.kernels.revolve import BALANCE, EXTRA, OPENED
from gaemi.law.lawbook import LawBook, load
from gaemi.market.episodes import source_of
from gaemi.market.names import BOARDS
from gaemi.means import crew
from gaemi.people.balances import shipped_history
from gaemi.people.cohorts import Cohorts
from gaemi.people.stock_pools import StockPool, first_day, stock_pools
from gaemi.records.columns import Board
from gaemi.run import RESULTS_VERSION
from gaemi.sources.balances import BalanceHistory, read_balances
from gaemi.sources.history import CreditHistory, credit_history
from gaemi.sources.prices import read_prices
from gaemi.sources.stock_credit import read_stock_credit
from gaemi.sources.tickers import canonical
from gaemi.spin import WARM, Member, Setting, setting_of, spin_up, to_session
from gaemi.state import tables
from gaemi.state.request import StateRequest, check
from gaemi.units import BPS, format_won
from gaemi.workers import Progress, Workers, silent

SCHEMA = "gaemi.state/1"
SHOCKS_PCT = (0.0, -5.0, -10.0, -15.0, -20.0, -25.0, -30.0, -35.0, -40.0)
HORIZON = 20
MOST = 0.5
"""Share of the members that must agree before a day is called infeasible."""


@dataclass(slots=True)
class StateResult(Answer):
    """Result of a spin-up; ``cohorts`` are what the country starts from."""

    cohorts: Cohorts

    @property
    def frame(self) -> Any:
        """Loans by collateral ratio and market as a polars data frame."""
        import polars

        return polars.DataFrame(self.document["ratios"])

    def save(self, folder: str | File) -> File:
        """Write the run folder: document, cohorts, tables as Parquet, one page. Complete or absent."""
        from gaemi.answers.folder import save_state

        return save_state(self.document, self.cohorts, File(folder))


def state(request: StateRequest, progress: Progress = silent, book: LawBook | None = None) -> StateResult:
    """Rebuild where the borrowers stand at the close of ``request.on`` from prices and published balances.

    Raises Refused for anything in the request or in its sources that cannot be taken.
    """
    check(request)
    began = perf_counter()
    book = book or load()
    assert request.on is not None
    if request.on < book.begins:
        raise refuse("--on", str(request.on), f"the law begins on {book.begins}", "give that day or a later one")
    progress("prices and balances", 0, 1)
    history, stocks = _history(request)
    progress("prices and balances", 1, 1)
    with crew(request) as workers:
        setting = setting_of(book, history, request.names, request.seed, lag=0, stocks=stocks)
        members = spin_up(setting, len(history.days) - 1, request.members, workers, progress)
        members = workers.map(to_session, members, setting, setting.sessions - 1)
        spun = perf_counter()
        stands = [tables.standing(setting, member) for member in members]
        curve = _curve(setting, members, workers, progress) if request.curve else []
        timing = {"spin_up_seconds": round(spun - began, 2), "threads": workers.threads}
    infeasible = infeasible_days(setting, members)
    late = {str(day) for day in history.days[-tables.LATE :]}
    feasible = not any(row["date"] in late for row in infeasible)
    document = _document(setting, members, stands, request)
    document |= {"feasible": feasible, "infeasible": infeasible, "curve": curve, "timing": timing}
    document["sentences"] = _sentences(document)
    recipe = {"law_version": book.version, "seed": request.seed, "members": request.members, "names": request.names}
    return StateResult(document, tables.cohorts_of(setting, stands, recipe, feasible))


def _history(request: StateRequest) -> tuple[CreditHistory, tuple[StockPool, ...]]:
    """The stretch up to the state's date, from the first day of single stocks on where these are given."""
    assert request.on is not None
    prices, balances = read_prices(source_of(request.prices)), _balances(request)
    if request.stocks is None:
        return credit_history(prices, balances, request.on), ()
    credit = read_stock_credit(request.stocks)
    history = credit_history(prices, balances, request.on, first_day(credit))
    boards = {canonical(ticker): Board.KOSPI for ticker in request.kospi}
    boards |= {canonical(ticker): Board.KOSDAQ for ticker in request.kosdaq}
    return history, stock_pools(credit, prices, history, boards)


def _balances(request: StateRequest) -> BalanceHistory:
    """The user's balances, else the month-ends and days that ship."""
    return shipped_history() if request.balances is None else read_balances(source_of(request.balances))


def infeasible_days(setting: Setting, members: list[Member]) -> list[dict[str, Any]]:
    """Sessions on which most members would need new loans under zero, or more than turnover can hold."""
    history, book = setting.history, setting.book
    done = np.stack([member.by_board()[WARM : WARM + len(history.days)] for member in members])
    share = [book.value("state.turnover_of_capital", history.days[0], board.name) / BPS for board in BOARDS]
    most = book.value("state.most_new_loans", history.days[0]) / BPS * history.capital_won * np.array(share)
    rows = []
    for t, day in enumerate(history.days):
        for place, board in enumerate(BOARDS):
            under = done[:, t, place, EXTRA] > 0
            over = done[:, t, place, OPENED] > np.nan_to_num(most[t, place], nan=np.inf)
            for which, measure, reason in (
                (under, EXTRA, "the balance fell by more than loans were repaid and sold: new loans under zero"),
                (over, OPENED, "new loans over the stated share of turnover"),
            ):
                if which.mean() >= MOST:
                    rows.append(
                        {
                            "market": board.name,
                            "date": str(day),
                            "reason": reason,
                            "won": round(done[:, t, place, measure].mean()),
                            "members_pct": 100 * float(which.mean()),
                        }
                    )
    return rows


def _curve(setting: Setting, members: list[Member], workers: Workers, progress: Progress) -> list[dict[str, Any]]:
    """The nine shocks of the country's curve on every member, if nobody reacts and prices are those of the shock."""
    dates = sessions(setting.history.days[-1], HORIZON)
    found = shocked(setting, members, setting.sessions - 1, SHOCKS_PCT, dates, workers, progress)
    total = np.array([member.by_board()[member.at - 1, :, BALANCE].sum() for member in members], dtype=np.float64)
    rows = []
    for i, pct in enumerate(SHOCKS_PCT):
        row: dict[str, Any] = {"shock_pct": pct}
        for name in ("called", "sold", "unpaid"):
            said = tables.spread_won(getattr(found, f"{name}_won")[:, i].astype(np.float64))
            row |= {f"{name}_won": said["mean"], f"{name}_low_won": said["low"], f"{name}_high_won": said["high"]}
        rows.append(row | {"sold_share_pct": float((100 * found.sold_won[:, i] / total).mean())})
    return rows


def _document(
    setting: Setting, members: list[Member], stands: list[tables.Standing], request: StateRequest
) -> dict[str, Any]:
    history, book = setting.history, setting.book
    on = history.days[-1]
    known = history.days[history.observed()[-1]]
    return {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(on),
        "title": f"Where margin loans stand at the close of {on}",
        "law_version": book.version,
        "seed": request.seed,
        "members": request.members,
        "names": request.names,
        "layers": ["mechanical", "behaviour"],
        "basis": history.basis,
        "since": str(history.days[0]),
        "sessions": len(history.days) - 1,
        "gaps": list(history.gaps),
        "closed_days": [str(day) for day in history.closed],
        "known_until": str(known),
        "young": len(history.days) - 1 < tables.LATE,
        "markets": tables.market_rows(setting, members, stands),
        "ratios": tables.ratio_rows(stands),
        "ages": tables.age_rows(stands),
        "distances": tables.distance_rows(stands),
        "call_map": tables.call_rows(stands),
        "stocks": tables.stock_rows(setting, members, stands),
        "days": tables.day_rows(setting, members),
        "assumptions": assumptions(book, on, reacts=True),
        "run": run_record(request),
    }


def _sentences(document: dict[str, Any]) -> list[str]:
    """The answer in words."""
    markets = document["markets"]
    won = sum(row["trade_won"]["mean"] for row in markets)
    under = sum(row["under_maintenance_won"]["mean"] for row in markets)
    near = sum(row["under_150_pct"]["mean"] * row["trade_won"]["mean"] for row in markets) / max(won, 1)
    pace = sum(row["repayment_pct"]["mean"] * row["trade_won"]["mean"] for row in markets) / max(won, 1)
    ten = next(row for row in document["call_map"] if row["fall_pct"] == 10)
    said = [
        f"At the close of {document['on']} margin loans of {format_won(won)} stood on trades up to that day; "
        f"{format_won(under)} of them were under maintenance and {near:.1f} % under a ratio of 150 %.",
        f"If every stock fell by 10 %, loans of {format_won(ten['reached_won'])} "
        f"({format_won(ten['low_won'])} to {format_won(ten['high_won'])}) would stand under maintenance.",
        f"Over the last {tables.LATE} sessions {pace:.1f} % of loans were repaid a session, as the balances imply.",
    ]
    if document["basis"] != "daily":
        said.append(f"Balances are {document['basis']}: between them the path is the model's own.")
    if document["young"]:
        said.append(f"The stretch began {document['sessions']} sessions before: its first loans still weigh.")
    if not document["feasible"]:
        late = document["infeasible"][-1]
        said.append(f"Marked infeasible: {late['reason']} ({late['market']}, {late['date']}).")
    return said
