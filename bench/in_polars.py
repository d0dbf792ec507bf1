"""The same in Polars: a long table, join, group by; then our layout as wide tables, one a group of accounts."""

import numpy as np
import polars as pl

from bench.accounts import Answer, Country, Long, groups, pooled_debt_won, rates_bps
from gaemi.records.columns import Borrowing
from gaemi.units import BPS

_VALUE_WON = (pl.col("quantity").cast(pl.Int64) * pl.col("unit") + 512) // 1024


class PolarsLong:
    """Join prices, group by account, join loans, filter. The tables are told that they are sorted."""

    def __init__(self, tables: Long) -> None:
        t = tables
        self.prices = pl.DataFrame({"instrument": np.arange(t.unit.size, dtype=np.uint16), "unit": t.unit})
        holdings = {"account": t.account, "instrument": t.instrument, "quantity": t.quantity}
        pledges = {"account": t.pledge_account, "instrument": t.pledge_instrument, "quantity": t.pledge_quantity}
        loans = {"account": t.loan_account, "loan": t.loan_won, "cash": t.loan_cash_won, "needed": t.loan_needed_bps}
        self.holdings = pl.DataFrame(holdings).set_sorted("account")
        self.pledges = pl.DataFrame({**pledges, "rate": t.pledge_rate_bps}).set_sorted("account")
        self.loans = pl.DataFrame(loans).set_sorted("account")
        self.found = Answer(0, 0)

    def __call__(self) -> None:
        prices = self.prices.lazy()
        worth = (
            self.holdings.lazy()
            .join(prices, on="instrument", how="left", maintain_order="left")
            .group_by("account")
            .agg(_VALUE_WON.sum().alias("worth"))
        )
        collateral = (
            self.pledges.lazy()
            .join(prices, on="instrument", how="left", maintain_order="left")
            .group_by("account")
            .agg((_VALUE_WON * pl.col("rate") // BPS).sum().alias("collateral"))
        )
        held = pl.col("collateral").fill_null(0) + pl.col("cash")
        under = (
            self.loans.lazy()
            .join(collateral, on="account", how="left")
            .filter(BPS * held < pl.col("needed").cast(pl.Int64) * pl.col("loan"))
            .select(pl.len())
        )
        accounts, called = pl.collect_all([worth, under])
        self.found = Answer(int(accounts["worth"].sum()), int(called.item()))

    def answer(self) -> Answer:
        return self.found


class PolarsWide:
    """Our layout: a frame for each capacity, a column for each slot; prices are gathered, nothing is joined."""

    def __init__(self, these: Country) -> None:
        rate = rates_bps(these.after, these.law)
        self.unit = pl.Series("unit", these.after.unit)
        self.frames: list[tuple[pl.DataFrame, int]] = []
        for group in groups(these.population):
            slots = group.instrument.shape[0]
            columns = {f"i{s}": group.instrument[s] for s in range(slots)}
            columns |= {f"q{s}": group.quantity[s] for s in range(slots)}
            if isinstance(group, Borrowing):
                law = these.law
                columns |= {f"r{s}": rate[group.standing[s], group.instrument[s]] for s in range(slots)}
                columns["cash"] = group.cash_won * law.cash_rate_bps // BPS
                columns |= {"loan": pooled_debt_won(group), "needed": law.maintenance_bps[group.firm]}
            self.frames.append((pl.DataFrame(columns), slots))
        self.found = Answer(0, 0)

    def __call__(self) -> None:
        value, under = 0, 0
        for frame, slots in self.frames:
            won = [self._value_won(s) for s in range(slots)]
            asked = [pl.sum_horizontal(won).alias("worth")]
            if "loan" in frame.columns:
                held = pl.sum_horizontal([v * pl.col(f"r{s}") // BPS for s, v in enumerate(won)]) + pl.col("cash")
                asked.append((BPS * held < pl.col("needed") * pl.col("loan")).alias("under"))
            found = frame.lazy().select(asked).collect()
            value += int(found["worth"].sum())
            under += int(found["under"].sum()) if "under" in found.columns else 0
        self.found = Answer(value, under)

    def _value_won(self, slot: int) -> pl.Expr:
        unit = pl.lit(self.unit).gather(pl.col(f"i{slot}"))
        return (pl.col(f"q{slot}").cast(pl.Int64) * unit + 512) // 1024

    def answer(self) -> Answer:
        return self.found
