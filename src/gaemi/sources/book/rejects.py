"""Rejects: every fault of every row, kept as columns, so that a million bad rows cost no more than they must."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from gaemi.errors import refuse

COLUMNS = ("table", "file", "row", "column", "found", "allowed", "help")
SHOWN = 20
LONGEST_FOUND = 80


@dataclass(slots=True)
class Rejects:
    """Faults of rows in the order in which they were found."""

    found: list[pl.DataFrame] = field(default_factory=list)

    def add(
        self,
        place: tuple[str, str],
        rows: np.ndarray | Sequence[int],
        column: str,
        found: pl.Series | Sequence[str] | str,
        allowed: str,
        help: str | pl.Series = "",
    ) -> None:
        """Note one kind of fault in ``rows`` (their numbers) of a table and file; ``found`` and ``help`` are one or
        one a row."""
        if len(rows) == 0:
            return
        table, file = place
        texts = pl.lit(found) if isinstance(found, str) else pl.Series("found", found, dtype=pl.String)
        rows = np.asarray(rows, dtype=np.int64)
        self.found.append(
            pl.DataFrame({"row": rows}).select(
                pl.lit(table).alias("table"),
                pl.lit(file).alias("file"),
                pl.col("row"),
                pl.lit(column).alias("column"),
                texts.alias("found"),
                pl.lit(allowed).alias("allowed"),
                (pl.lit(help) if isinstance(help, str) else help).alias("help"),
            )
        )

    def frame(self) -> pl.DataFrame:
        """All faults, one row each, in order of table as read, file and row."""
        if not self.found:
            return pl.DataFrame(schema={name: pl.Int64 if name == "row" else pl.String for name in COLUMNS})
        whole = pl.concat(self.found)
        order = {name: place for place, name in enumerate(("accounts", "instruments", "loans", "holdings"))}
        rank = pl.col("table").replace_strict(order, default=len(order), return_dtype=pl.Int8)
        return whole.sort(rank, "file", "row", "column", maintain_order=True).select(COLUMNS)

    def write(self, path: Path) -> None:
        """Write all faults as CSV or Parquet, by the ending; renamed into place when complete, else not there.

        Raises Refused where the file cannot be written.
        """
        made = path.with_name(f".{path.name}.part")
        try:
            if path.suffix.lower() in (".parquet", ".pq"):
                self.frame().write_parquet(made)
            else:
                made.write_bytes(self.frame().write_csv(None).encode())
            made.replace(path)
        except OSError as problem:
            reason = problem.strerror or str(problem)
            raise refuse("--rejects", str(path), f"must be a file that can be written ({reason})") from None
        finally:
            made.unlink(missing_ok=True)


def shown(found: pl.Series) -> pl.Series:
    """Cells as they are told in a fault: quoted, cut where long, ``empty`` where there is nothing."""
    text = found.cast(pl.String)
    short = pl.when(text.str.len_chars() > LONGEST_FOUND).then(text.str.slice(0, LONGEST_FOUND) + "...").otherwise(text)
    told = pl.select(
        pl.when(text.is_null()).then(pl.lit("empty")).otherwise(pl.concat_str(pl.lit("'"), short, pl.lit("'")))
    )
    return told.to_series()
