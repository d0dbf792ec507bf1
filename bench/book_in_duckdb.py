"""The loan book under all shocks in DuckDB: the tables joined and grouped in SQL, on tables of its own."""

import duckdb
import numpy as np
import polars as pl

from bench.loan_book import Answer, Columns, Tables
from gaemi.records.columns import LoanKind, Standing
from gaemi.units import BPS

_RATED = """
rated as (
    select account, instrument, price, quantity::bigint as quantity,
        case when domestic = 0 then {overseas} when halted = 1 then {halted}
             when standing = {other} then substitute else {financed} end as rate
    from holdings join instruments using (instrument)
    where standing in ({pooled})
),
debts as (select account, sum(principal)::bigint as debt from loans where kind in ({kinds}) group by account),
borrowers as (
    select account, debt * maintenance as needed, cash * {cash} // {bps} as cash
    from debts join accounts using (account) join firms using (firm)
)
"""
_ROW_A_SHOCK = """
with {common},
shocked as (select instrument, shock, price * left_bps // {bps} as shocked from instruments cross join shocks),
collateral as (
    select account, shock, sum(quantity * shocked * rate // {bps})::bigint as won
    from rated join shocked using (instrument) group by account, shock
),
tested as (
    select shock, needed - {bps} * (cash + coalesce(won, 0)) as lacking
    from borrowers cross join shocks left join collateral using (account, shock)
)
select shock, count(*) filter (where lacking > 0),
    coalesce(sum((lacking + {bps} - 1) // {bps}) filter (where lacking > 0), 0)
from tested group by shock order by shock
"""
_COLUMN_A_SHOCK = """
with {common},
collateral as (
    select account, {won} from rated group by account
),
tested as (
    select {lacking} from borrowers left join collateral using (account)
)
select {found} from tested
"""


class DuckdbBook:
    """``wide``: one pass with a column for every shock, in place of a row."""

    def __init__(self, tables: Tables, threads: int, wide: bool = False) -> None:
        self.connection = duckdb.connect(config={"threads": threads})
        for name in ("accounts", "loans", "holdings", "instruments", "firms", "shocks"):
            self._store(name, getattr(tables, name))
        self.query = _wide(tables) if wide else _ROW_A_SHOCK.format(common=_common(tables), bps=BPS)
        self.wide = wide
        self.found: Answer = ()

    def _store(self, name: str, columns: Columns) -> None:
        self.connection.register("given", pl.DataFrame(columns).to_arrow())
        self.connection.execute(f"create table {name} as select * from given")
        self.connection.unregister("given")

    def __call__(self) -> None:
        rows = self.connection.execute(self.query).fetchall()
        pairs = np.array(rows[0]).reshape(-1, 2) if self.wide else [row[1:] for row in rows]
        self.found = tuple((int(accounts), int(won)) for accounts, won in pairs)

    def answer(self) -> Answer:
        return self.found


def _common(tables: Tables) -> str:
    return _RATED.format(
        overseas=tables.overseas_rate_bps, halted=tables.halted_rate_bps, financed=tables.financed_rate_bps,
        other=int(Standing.OTHER), cash=tables.cash_rate_bps, bps=BPS,
        pooled=", ".join(str(int(each)) for each in (Standing.FINANCED, Standing.PLEDGED, Standing.OTHER)),
        kinds=", ".join(str(int(each)) for each in (LoanKind.MARGIN, LoanKind.PLEDGED)),
    )  # fmt: skip


def _wide(tables: Tables) -> str:
    left = tables.shocks["left_bps"]
    won = [f"sum(quantity * (price * {bps} // {BPS}) * rate // {BPS})::bigint as won_{s}" for s, bps in enumerate(left)]
    lacking = [f"needed - {BPS} * (cash + coalesce(won_{s}, 0)) as lacking_{s}" for s in range(left.size)]
    found = [
        f"count(*) filter (where lacking_{s} > 0), "
        f"coalesce(sum((lacking_{s} + {BPS - 1}) // {BPS}) filter (where lacking_{s} > 0), 0)"
        for s in range(left.size)
    ]
    parts = {"won": ", ".join(won), "lacking": ", ".join(lacking), "found": ", ".join(found)}
    return _COLUMN_A_SHOCK.format(common=_common(tables), **parts)
