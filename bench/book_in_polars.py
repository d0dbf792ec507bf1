"""The loan book under all shocks in Polars, lazily: the tables joined and grouped."""

import polars as pl

from bench.loan_book import Answer, Tables
from gaemi.records.columns import LoanKind, Standing
from gaemi.units import BPS

POOLED = (Standing.FINANCED, Standing.PLEDGED, Standing.OTHER)
KINDS = (LoanKind.MARGIN, LoanKind.PLEDGED)


class PolarsBook:
    """``wide``: one pass with a column for every shock, in place of a row. The tables are told that they are sorted."""

    def __init__(self, tables: Tables, wide: bool = False) -> None:
        self.tables = tables
        self.accounts, self.loans, self.holdings = (
            pl.DataFrame(columns).set_sorted("account").lazy()
            for columns in (tables.accounts, tables.loans, tables.holdings)
        )
        self.instruments, self.firms, self.shocks = (
            pl.DataFrame(columns).lazy() for columns in (tables.instruments, tables.firms, tables.shocks)
        )
        self.ask = self._column_a_shock if wide else self._row_a_shock
        self.found: Answer = ()

    def __call__(self) -> None:
        self.found = self.ask()

    def answer(self) -> Answer:
        return self.found

    def _rated(self) -> pl.LazyFrame:
        """Holdings that secure broker's loans, with the price and the rate at which each counts."""
        t = self.tables
        rate = (
            pl.when(pl.col("domestic") == 0)
            .then(t.overseas_rate_bps)
            .when(pl.col("halted") == 1)
            .then(t.halted_rate_bps)
            .when(pl.col("standing") == int(Standing.OTHER))
            .then("substitute")
            .otherwise(t.financed_rate_bps)
        )
        pooled = self.holdings.filter(pl.col("standing").is_in([int(each) for each in POOLED]))
        return pooled.join(self.instruments, on="instrument", how="left", maintain_order="left").select(
            "account", "instrument", "price", pl.col("quantity").cast(pl.Int64), rate.cast(pl.Int64).alias("rate")
        )

    def _borrowers(self) -> pl.LazyFrame:
        """Accounts that owe the broker: won that maintenance needs, times BPS, and cash that counts."""
        debts = (
            self.loans.filter(pl.col("kind").is_in([int(each) for each in KINDS]))
            .group_by("account")
            .agg(pl.col("principal").sum())
        )
        return (
            debts.join(self.accounts, on="account")
            .join(self.firms, on="firm")
            .select(
                "account",
                (pl.col("principal") * pl.col("maintenance")).alias("needed"),
                pl.col("cash") * self.tables.cash_rate_bps // BPS,
            )
        )

    def _row_a_shock(self) -> Answer:
        shocked = self.instruments.join(self.shocks, how="cross").select(
            "instrument", "shock", (pl.col("price") * pl.col("left_bps") // BPS).alias("shocked")
        )
        won = pl.col("quantity") * pl.col("shocked") * pl.col("rate") // BPS
        collateral = (
            self._rated().join(shocked, on="instrument").group_by("account", "shock").agg(won.sum().alias("won"))
        )
        lacking = pl.col("needed") - BPS * (pl.col("cash") + pl.col("won").fill_null(0))
        found = (
            self._borrowers()
            .join(self.shocks.select("shock"), how="cross")
            .join(collateral, on=["account", "shock"], how="left")
            .select("shock", lacking.alias("lacking"))
            .group_by("shock")
            .agg(
                (pl.col("lacking") > 0).sum().alias("accounts"),
                ((pl.col("lacking").clip(0) + (BPS - 1)) // BPS).sum().alias("won"),
            )
            .sort("shock")
            .collect()
        )
        return tuple(zip(found["accounts"].to_list(), found["won"].to_list(), strict=True))

    def _column_a_shock(self) -> Answer:
        left = self.tables.shocks["left_bps"].tolist()
        won = [
            (pl.col("quantity") * (pl.col("price") * bps // BPS) * pl.col("rate") // BPS).sum().alias(f"won_{s}")
            for s, bps in enumerate(left)
        ]
        collateral = self._rated().group_by("account").agg(won)
        asked = []
        for s in range(len(left)):
            lacking = pl.col("needed") - BPS * (pl.col("cash") + pl.col(f"won_{s}").fill_null(0))
            asked.append((lacking > 0).sum().alias(f"accounts_{s}"))
            asked.append(((lacking.clip(0) + (BPS - 1)) // BPS).sum().alias(f"short_{s}"))
        row = self._borrowers().join(collateral, on="account", how="left").select(asked).collect().row(0)
        return tuple((int(accounts), int(short)) for accounts, short in zip(row[::2], row[1::2], strict=True))
