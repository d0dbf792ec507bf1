"""The same in DuckDB: SQL over long tables; then our layout as wide tables, one a group of accounts."""

import duckdb
import numpy as np
import polars as pl

from bench.accounts import Answer, Country, Long, groups, pooled_debt_won, rates_bps
from gaemi.records.columns import Borrowing
from gaemi.units import BPS

_WORTH = """
create or replace temp table worth as
select account, sum((quantity::bigint * unit + 512) >> 10)::bigint as won
from holdings join prices using (instrument) group by account
"""
_UNDER = f"""
with collateral as (
    select account, sum(((quantity::bigint * unit + 512) >> 10) * rate // {BPS})::bigint as won
    from pledges join prices using (instrument) group by account
)
select count(*) from loans left join collateral using (account)
where {BPS} * (coalesce(won, 0) + cash) < needed::bigint * loan
"""


def _connect(threads: int) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": threads})


def _store(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, np.ndarray]) -> None:
    connection.register("given", pl.DataFrame(columns).to_arrow())
    connection.execute(f"create table {name} as select * from given")
    connection.unregister("given")


class DuckdbLong:
    """Tables in DuckDB's own format, joined and grouped in SQL."""

    def __init__(self, tables: Long, threads: int) -> None:
        t, self.connection = tables, _connect(threads)
        _store(
            self.connection,
            "holdings",
            {"account": t.account, "instrument": t.instrument, "quantity": t.quantity},
        )
        pledges = {"account": t.pledge_account, "instrument": t.pledge_instrument, "quantity": t.pledge_quantity}
        _store(self.connection, "pledges", {**pledges, "rate": t.pledge_rate_bps})
        loans = {"account": t.loan_account, "loan": t.loan_won, "cash": t.loan_cash_won, "needed": t.loan_needed_bps}
        _store(self.connection, "loans", loans)
        prices = {"instrument": np.arange(t.unit.size, dtype=np.uint16), "unit": t.unit}
        _store(self.connection, "prices", prices)
        self.found = Answer(0, 0)

    def __call__(self) -> None:
        self.connection.execute(_WORTH)
        (value,) = self.connection.execute("select sum(won) from worth").fetchone()  # type: ignore[misc]
        (under,) = self.connection.execute(_UNDER).fetchone()  # type: ignore[misc]
        self.found = Answer(int(value), int(under))

    def answer(self) -> Answer:
        return self.found


class DuckdbWide:
    """Our layout: a table for each capacity, a column for each slot; prices are one list, looked up by number."""

    def __init__(self, these: Country, threads: int) -> None:
        self.connection = _connect(threads)
        units = ", ".join(str(unit) for unit in these.after.unit)
        self.connection.execute(f"set variable unit = [{units}]::bigint[]")
        rate = rates_bps(these.after, these.law)
        self.queries: list[str] = []
        for number, group in enumerate(groups(these.population)):
            slots = group.instrument.shape[0]
            columns = {f"i{s}": group.instrument[s].astype(np.int64) + 1 for s in range(slots)}
            columns |= {f"q{s}": group.quantity[s] for s in range(slots)}
            won = [f"((q{s}::bigint * getvariable('unit')[i{s}] + 512) >> 10)" for s in range(slots)]
            under = "0"
            if isinstance(group, Borrowing):
                columns |= {f"r{s}": rate[group.standing[s], group.instrument[s]] for s in range(slots)}
                columns["cash"] = group.cash_won * these.law.cash_rate_bps // BPS
                columns |= {"loan": pooled_debt_won(group), "needed": these.law.maintenance_bps[group.firm]}
                held = " + ".join(f"{value} * r{s} // {BPS}" for s, value in enumerate(won))
                under = f"count(*) filter (where {BPS} * ({held} + cash) < needed * loan)"
            _store(self.connection, f"wide{number}", columns)
            self.queries.append(f"select sum({' + '.join(won)}), {under} from wide{number}")
        self.found = Answer(0, 0)

    def __call__(self) -> None:
        value, under = 0, 0
        for query in self.queries:
            found = self.connection.execute(query).fetchone()
            assert found is not None
            value, under = value + int(found[0]), under + int(found[1])
        self.found = Answer(value, under)

    def answer(self) -> Answer:
        return self.found
