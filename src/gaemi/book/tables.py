"""The large tables of a run: one row an account, one row a scenario day and name, one row a loan."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from gaemi.book.exposure import financed_won, firm_words, segments
from gaemi.book.stage import Ran, Stage
from gaemi.book.standing import ALWAYS_CALLED, NEVER_CALLED, Ahead, Standing
from gaemi.outcomes import Outcome, outcome_of
from gaemi.records.book import LOAN_KINDS, ROW
from gaemi.records.columns import NEVER, Board, Kind, LoanKind
from gaemi.units import BPS
from gaemi.world import World

_EPOCH = date(1970, 1, 1).toordinal()


def account_table(stage: Stage, now: Standing, ahead: Ahead, left: Ran | None) -> pl.DataFrame:
    """One row an account in the order of the source, :data:`gaemi.records.book.ROW` and the columns carried through.

    What only a borrower has is null for everybody else; what only a scenario has is null without one.
    """
    made = stage.made
    owners, who = made.owners, made.borrowers
    dates = np.array([day.toordinal() for day in stage.dates(max(1, int(now.sale_day.max(initial=1))))])
    due = np.where(now.sale_day == NEVER, 0, dates[np.maximum(0, now.sale_day)])
    sold_then = np.zeros(who.size, np.int64)
    for day in range(ahead.sold_won.shape[0]):
        sold_then = np.where(now.sale_day == day + 1, ahead.sold_won[day], sold_then)
    known = (now.level_bps != NEVER_CALLED) & (now.level_bps != ALWAYS_CALLED)
    called = np.where((now.sale_day != NEVER) & (made.called[who] == 0), stage.on.toordinal(), made.called[who])
    columns: dict[str, tuple[np.ndarray, np.ndarray | None]] = {
        "loans_won": (now.debt_won, None),
        "unsettled_won": (now.unsettled_won, None),
        "collateral_won": (now.collateral_won, None),
        "ratio_pct": (now.ratio_bps / 100, now.debt_won > 0),
        "shortfall_won": (now.short_won, None),
        "trigger_fall_pct": ((BPS - np.where(known, now.level_bps, BPS)) / 100, known),
        "called": (called, called > 0),
        "due": (due, due > 0),
        "due_won": (sold_then, None),
    }
    if left is not None:
        columns["sold_won"] = (left.sold_won, None)
        columns["residual_won"] = (left.residual_won, None)
    frame = pl.DataFrame({"account": owners.account})
    whole = {
        "segment": segments(stage) if made.read.words["segment"] else None,
        "firm": firm_words(stage),
        "holdings_won": pl.Series(stage.holdings_won),
        "rank": _ranks(stage, now, known),
        "outcome": _outcomes(stage, left),
    }
    found = {name: _spread(owners.count, who, values, valid) for name, (values, valid) in columns.items()}
    for name, dtype, _, _ in ROW[1:]:
        column = found.get(name, whole.get(name))
        if column is None:
            column = pl.Series([None] * owners.count, dtype=pl.String if dtype == "text" else pl.Int64)
        if dtype == "date":
            column = (column.cast(pl.Int32) - _EPOCH).cast(pl.Date)
        frame = frame.with_columns(column.alias(name))
    return _carried(stage, frame)


def _spread(count: int, who: np.ndarray, values: np.ndarray, valid: np.ndarray | None) -> pl.Series:
    """Values of borrowers as a column of all accounts, null elsewhere and where not ``valid``."""
    whole = np.zeros(count, values.dtype)
    there = np.zeros(count, dtype=bool)
    whole[who] = values
    there[who] = True if valid is None else valid
    return pl.select(pl.when(pl.Series(there)).then(pl.Series(whole))).to_series()


def _ranks(stage: Stage, now: Standing, known: np.ndarray) -> pl.Series:
    """1 for the account nearest to its call, by the level of prices at which it comes; ties by the account's id."""
    owners, who = stage.made.owners, stage.made.borrowers
    counted = known | (now.level_bps == ALWAYS_CALLED)
    frame = pl.DataFrame({"who": who, "level": now.level_bps, "id": owners.account.gather(who)}).filter(counted)
    frame = frame.sort("level", "id", descending=[True, False])
    return _spread(owners.count, frame["who"].to_numpy(), np.arange(1, frame.height + 1), None)


def _outcomes(stage: Stage, left: Ran | None) -> pl.Series | None:
    if left is None:
        return None
    words = pl.Series([Outcome(outcome_of(flags)).label for flags in range(256)])
    code = _spread(stage.made.owners.count, stage.made.borrowers, left.ever.astype(np.uint32), None)
    return words.gather(code)


def _carried(stage: Stage, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the table of accounts that this software does not know, as they came."""
    table, rows = stage.made.read.tables["accounts"], stage.made.owners.rows
    if rows is None or table.carried.width == 0:
        return frame
    return _beside(frame, table.carried, pl.Series(rows))


def day_table(stage: Stage, runs: Mapping[str, Ran | World]) -> pl.DataFrame:
    """One row a run, session and name in which something happened: called, ordered, sold by auction, unpaid."""
    instruments = stage.start.instruments
    measures = (
        "called_won", "ordered_lots", "ordered_won", "ordered_at_close_lots", "sold_lots", "sold_won",
        "sold_at_open_won", "sold_at_close_won", "unpaid_won",
    )  # fmt: skip
    frames = []
    for run_name, left in runs.items():
        for record in left.records:
            columns = {name: record.names.get(name, np.zeros(instruments.price.size, np.int64)) for name in measures}
            rows = np.flatnonzero(sum(np.abs(values) for values in columns.values()))
            frame = pl.DataFrame({name: values[rows] for name, values in columns.items()})
            frames.append(
                frame.select(
                    pl.lit(run_name).alias("run"),
                    pl.lit(record.day, pl.Int32).alias("day"),
                    pl.lit(record.date).alias("date"),
                    pl.Series("ticker", [instruments.ticker[i] for i in rows], dtype=pl.String),
                    *frame.columns,
                )
            )
    return pl.concat(frames)


def loan_table(stage: Stage) -> pl.DataFrame:
    """The accepted loans as they were understood, with what their rows carry through.

    Columns: account, kind, ticker, principal_won, opened, due; of a loan of the table of loans its rate class and the
    columns that this software does not know.
    """
    loans, read = stage.made.loans, stage.made.read
    kinds = {int(LoanKind[name.upper()]): name for name in LOAN_KINDS}
    tickers = pl.Series(list(stage.start.instruments.ticker), dtype=pl.String)
    frame = loans.select(
        pl.Series("account", stage.made.owners.account.gather(loans["account"])),
        pl.col("kind").replace_strict(kinds, return_dtype=pl.String),
        pl.Series("ticker", tickers.gather(loans["row"])),
        pl.col("principal").alias("principal_won"),
        (pl.col("opened") - _EPOCH).cast(pl.Date),
        (pl.col("due") - _EPOCH).cast(pl.Date),
    )
    table = read.tables["loans"]
    carried = table.carried
    if table.given("rate_class"):
        words, code = pl.Series([*read.words["rate_class"], None], dtype=pl.String), table.values["rate_class"]
        class_words = words.gather(np.where(code < 0, len(words) - 1, code))
        carried = (
            carried.with_columns(class_words.alias("rate_class"))
            if carried.width
            else class_words.to_frame("rate_class")
        )
    own = pl.select(pl.when(loans["table"] == "loans").then(loans["place"])).to_series()
    return _beside(frame, carried, own)


def instrument_table(stage: Stage) -> pl.DataFrame:
    """The instruments as they were understood: prices, volume, what loans are on them, and what their rows carry."""
    instruments, names = stage.start.instruments, stage.made.names
    digits = 10.0 ** instruments.price_digits.astype(np.float64)
    frame = pl.DataFrame(
        {
            "ticker": list(instruments.ticker),
            "name": list(instruments.name),
            "board": [Board(int(board)).name for board in instruments.board],
            "kind": [Kind(int(kind)).name.lower() for kind in instruments.kind],
            "group": [int(group) + 1 if group <= 2 else None for group in instruments.group],
            "price": instruments.price / digits,
            "turnover_won": [int(won) if won > 1 else None for won in instruments.turnover_won],
            "volatility_pct": [100 * float(each) if each > 0 else None for each in instruments.volatility],
            "issued": [int(lots) if lots > 0 else None for lots in names.issued],
            "halted": instruments.halted.astype(bool),
            "loans_won": financed_won(stage),
        }
    )
    rows = names.table_row
    return _beside(
        frame,
        stage.made.read.tables["instruments"].carried,
        pl.select(pl.when(pl.Series(rows) >= 0).then(pl.Series(rows))).to_series(),
    )


def _beside(frame: pl.DataFrame, carried: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """The frame with the carried columns of ``rows``, null where there is no such row."""
    if carried.width == 0:
        return frame
    taken = set(frame.columns)
    return frame.with_columns(
        *(carried[name].gather(rows).alias(name if name not in taken else f"{name}_given") for name in carried.columns)
    )
