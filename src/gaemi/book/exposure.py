"""Exposure: what a book rests on. Names, customers' limits, concentration, and totals by group of accounts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from gaemi.book.stage import Ran, Stage, called_ones, flagged
from gaemi.book.standing import Standing
from gaemi.kernels._compile import compiled
from gaemi.kernels.price import Exchange, trade
from gaemi.kernels.stand import Locked, lock_names
from gaemi.kernels.tables import FIRM_CLASSES
from gaemi.outcomes import Ever
from gaemi.records.columns import Board, LoanKind
from gaemi.units import BPS
from gaemi.world import World, make_quotes

LOCKED_CLOSES = 4
SELLING_SHARE_BPS = 2_000
"""Share of a mean day's volume that a firm can sell without being the market; the convention of days to sell."""

SHOWN_NAMES = 10
NEAR_BPS = 9_000
AGES = ((30, "under 30 days"), (90, "30 to 89 days"), (180, "90 to 179 days"), (10**9, "180 days and more"))
FIRM_WORDS = (*FIRM_CLASSES, "unknown (strictest)")
NO_SEGMENT = "not given"


def name_rows(stage: Stage, evening: World, shown: Sequence[str]) -> list[dict[str, Any]]:
    """Names with the largest loans, and those of ``shown``: what they secure, and what locked days leave unpaid."""
    instruments = stage.start.instruments
    count = instruments.price.size
    locked = Locked(np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros((count, LOCKED_CLOSES), np.int64))
    units = _locked_units(stage, evening)
    stage.workers.here.each(lock_names, evening.population.borrowing, evening.now, units, out=[locked])
    loans = financed_won(stage)
    largest = sorted(range(count), key=lambda i: (-int(loans[i]), instruments.ticker[i]))
    first = [instruments.row(ticker) for ticker in shown if ticker in instruments.ticker]
    chosen = [*dict.fromkeys([*first, *[i for i in largest[:SHOWN_NAMES] if loans[i] > 0]])]
    issued = stage.made.names.issued
    rows = []
    for i in chosen:
        worth = int(locked.lots[i]) * int(instruments.price[i])
        traded = int(instruments.turnover_won[i])
        rows.append(
            {
                "ticker": instruments.ticker[i],
                "name": instruments.name[i],
                "accounts": int(locked.accounts[i]),
                "loans_won": int(loans[i]),
                "collateral_lots": int(locked.lots[i]),
                "collateral_won": worth,
                "float_pct": 100 * int(locked.lots[i]) / int(issued[i]) if issued[i] > 0 else None,
                "days_to_sell": worth * BPS / (traded * SELLING_SHARE_BPS) if traded > 1 else None,
                "unpaid_locked_won": locked.unpaid_won[i].tolist(),
            }
        )
    return rows


def financed_won(stage: Stage) -> np.ndarray:
    """int64 [instrument]: loans in pools by the name that they financed or are chiefly on."""
    loans = stage.made.loans.filter(pl.col("kind") != int(LoanKind.UNSETTLED))
    found = np.zeros(stage.start.instruments.price.size, np.int64)
    np.add.at(found, loans["row"].to_numpy(), loans["principal"].to_numpy())
    return found


def _locked_units(stage: Stage, evening: World) -> np.ndarray:
    """int64 [close, instrument]: value of a lot after each close at the lower limit; names without a limit stay."""
    law, instruments = evening.law, stage.start.instruments
    price = instruments.price.copy()
    units = []
    home = instruments.board != Board.US
    worthless, lower, locked = np.zeros(price.size), np.empty_like(price), np.empty(price.size, np.int8)
    for _ in range(LOCKED_CLOSES):
        limits = Exchange(price, law.limit_bps, instruments.halted, law.tick_below, law.tick_size)
        compiled(trade)(worthless, limits, lower, locked)
        price = np.where(home & (law.limit_bps > 0) & (instruments.halted == 0), lower, price)
        still = np.zeros(price.size, np.int64)
        quotes = make_quotes(instruments, price, stage.won_per_dollar, instruments.halted, law, still)
        units.append(quotes.unit)
    return np.stack(units)


def limit_rows(stage: Stage, standing: Standing) -> list[dict[str, Any]]:
    """How much of each credit limit is used: those of a customer by law, and the firm's by its capital where given."""
    rows = []
    for words, kind, path in (
        ("margin loans of one customer", LoanKind.MARGIN, "margin.customer_limit"),
        ("pledged loans of one customer", LoanKind.PLEDGED, "pledged.customer_limit"),
    ):
        limit = int(stage.law.value(path, stage.on))
        owed = stage.made.loans.filter(pl.col("kind") == int(kind)).group_by("account").agg(pl.col("principal").sum())
        won = owed["principal"].to_numpy()
        rows.append(
            {
                "limit": words,
                "limit_won": limit,
                "accounts_at_90_pct": int((BPS * won >= NEAR_BPS * limit).sum()),
                "accounts_over": int((won > limit).sum()),
                "largest_pct": 100 * int(won.max(initial=0)) / limit,
                "used_pct": None,
            }
        )
    capital = stage.request.capital_won
    if capital:
        limit = capital * int(stage.law.value("margin.firm_limit", stage.on)) // BPS
        lent = [int(LoanKind.MARGIN), int(LoanKind.PLEDGED)]
        loans = int(stage.made.loans.filter(pl.col("kind").is_in(lent))["principal"].sum())
        used = 100 * loans / max(1, limit)
        plain = {"accounts_at_90_pct": None, "accounts_over": None, "largest_pct": None}
        rows.append({"limit": "margin and pledged loans of the firm", "limit_won": limit} | plain | {"used_pct": used})
    return rows


def concentration(stage: Stage, standing: Standing) -> dict[str, Any]:
    """Shares of the loan book in its largest names and accounts, and Herfindahl's index of each (1: all in one).

    Source: Hirschman, "The paternity of an index", American Economic Review 54 (1964).
    """
    loans, instruments = financed_won(stage), stage.start.instruments
    whole = max(1, int(loans.sum()))
    order = sorted(np.flatnonzero(loans), key=lambda i: (-int(loans[i]), instruments.ticker[i]))[:SHOWN_NAMES]
    accounts = np.sort(standing.debt_won)[::-1]
    debt = max(1, int(accounts.sum()))
    return {
        "names": [
            {
                "ticker": instruments.ticker[i],
                "name": instruments.name[i],
                "loans_won": int(loans[i]),
                "share_pct": 100 * int(loans[i]) / whole,
            }
            for i in order
        ],
        "top_10_names_pct": 100 * int(loans[order].sum()) / whole,
        "names_index": float(((loans / whole) ** 2).sum()),
        "top_10_accounts_pct": 100 * int(accounts[:10].sum()) / debt,
        "accounts_index": float(((accounts / debt) ** 2).sum()),
    }


def group_rows(stage: Stage, standing: Standing, left: Ran | None) -> list[dict[str, Any]]:
    """Totals by segment, firm class and age of the oldest loan; what a scenario did where there was one."""
    made = stage.made
    who = made.borrowers
    measures: dict[str, Any] = {"accounts": np.ones_like(who), "loans_won": standing.debt_won + standing.unsettled_won}
    if left is not None:
        called = called_ones(left, standing.under)
        measures |= {"called_won": np.where(called, standing.debt_won, 0), "sold_won": left.sold_won}
        measures |= {"residual_won": left.residual_won, "called_accounts": called.astype(np.int64)}
        for name, flag in (("sold_accounts", Ever.FORCE_SOLD), ("residual_accounts", Ever.RESIDUAL_DEBT)):
            measures[name] = flagged(left, flag).astype(np.int64)
    frame = pl.DataFrame({"account": who} | measures)
    keys = {
        "segment": segments(stage).gather(who),
        "firm class": firm_words(stage).gather(who),
        "loan age": _age_words(stage),
    }
    rows = []
    for dimension, words in keys.items():
        if dimension == "segment" and stage.made.read.words["segment"] == []:
            continue
        found = frame.with_columns(words.alias("group")).group_by("group").agg(pl.col(list(measures)).sum())
        order = [name for _, name in AGES] if dimension == "loan age" else sorted(found["group"].to_list())
        by_name = {row["group"]: row for row in found.iter_rows(named=True)}
        rows += [{"dimension": dimension} | by_name[name] for name in order if name in by_name]
    return rows


def segments(stage: Stage) -> pl.Series:
    """Segment of every account, as given; text [account]."""
    read, owners = stage.made.read, stage.made.owners
    words = pl.Series([*read.words["segment"], NO_SEGMENT])
    table = read.tables["accounts"]
    if owners.rows is None or not table.given("segment"):
        return words.gather(np.full(owners.count, len(words) - 1))
    code = table.values["segment"][owners.rows]
    return words.gather(np.where(code < 0, len(words) - 1, code))


def firm_words(stage: Stage) -> pl.Series:
    """Firm class of every account; text [account]."""
    return pl.Series(FIRM_WORDS).gather(stage.made.firm.astype(np.int64))


def _age_words(stage: Stage) -> pl.Series:
    """Age band of the oldest loan of every borrower, in the order of the groups."""
    oldest = np.full(stage.made.owners.count, stage.on.toordinal(), np.int64)
    loans = stage.made.loans
    np.minimum.at(oldest, loans["account"].to_numpy(), loans["opened"].to_numpy())
    days = stage.on.toordinal() - oldest[stage.made.borrowers]
    edges = np.array([most for most, _ in AGES])
    return pl.Series([name for _, name in AGES]).gather(np.searchsorted(edges, days, side="right"))
