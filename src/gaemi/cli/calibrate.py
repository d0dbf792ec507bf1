"""The command that fits the parameters of behaviour on balances to the end of 2019."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gaemi.cli.common import (
    BalancesOf,
    Json,
    Prices,
    Threads,
    app,
    check_out,
    print_json,
    progress_bar,
    result_console,
)

MOST_TOLD = 12
"""Parameters of a sensitivity run that the screen shows; JSON has them all."""


@app.command()
def calibrate(
    prices: Prices = None,
    balances: BalancesOf = None,
    to: Annotated[
        str, typer.Option("--to", help="Last day of data, 2019-12-31 at most.", metavar="DATE")
    ] = "2019-12-31",
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Also which parameters matter, over their whole ranges (SALib).")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A short search on few starts: a trial, not a fit.")] = False,
    leave_out: Annotated[
        str | None,
        typer.Option(
            "--leave-out", help="A day of the stretch that is not fitted on, to cross-validate.", metavar="DATE"
        ),
    ] = None,
    seeds: Annotated[str, typer.Option("--seeds", help="Replicates whose loss is averaged.", metavar="N,N")] = "0,1,2",
    threads: Threads = None,
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write a folder: JSON, CSV, the fit as a reform.", metavar="DIR")
    ] = None,
) -> None:
    """Fit the parameters of behaviour that nobody publishes, on balances up to 2019; later years are for testing.

    What the data do not tell keeps the law's value and is named. The fit is written as a reform, for others to run.

    Example: gaemi calibrate --prices SOURCE --balances SOURCE --out runs/calibration
    """
    from gaemi.calibration.view import Request
    from gaemi.calibration.view import calibrate as run
    from gaemi.days import parse_date

    check_out(out)
    out_of = None if leave_out is None else parse_date(leave_out, "--leave-out")
    request = Request(prices, balances, parse_date(to, "--to"), sensitivity, quick, _seeds(seeds), threads, out_of)
    report, bar = progress_bar()
    with bar:
        result = run(request, report)
    if out is not None:
        typer.echo(f"run folder: {result.save(out)}", err=True)
    if as_json:
        print_json(result.document)
    else:
        _print(result.document, result_console())


def _seeds(text: str) -> tuple[int, ...]:
    from gaemi.errors import refuse

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and int(part) < 2**31 for part in parts):
        raise refuse("--seeds", f"'{text}'", "must be whole numbers from 0 to 2147483647 with commas", "write 0,1,2")
    return tuple(int(part) for part in parts)


def _print(document: dict[str, Any], console: Any) -> None:
    from rich.table import Column, Table

    for sentence in document["sentences"]:
        console.print(sentence, soft_wrap=True)
    table = Table(Column("parameter", no_wrap=True), "unit", box=None, pad_edge=False)
    for name in ("law", "fitted", "kept", "range"):
        table.add_column(name, justify="right")
    table.add_column("told by the data")
    for row in document["parameters"]:
        said = row["identified"] + (", at an end" if row["at_bound"] else "")
        values = (f"{row[name]:g}" for name in ("start", "fitted", "kept"))
        table.add_row(row["path"], row["unit"], *values, f"{row['low']:g} to {row['high']:g}", said)
    console.print()
    console.print(table)
    console.print("\nError over that of no change, by the law and fitted:")
    console.print(_cells(document))
    if document["sensitivity"]:
        _print_sensitivity(document["sensitivity"], console)


def _cells(document: dict[str, Any]) -> Any:
    """A row for each stretch and market, a column for each horizon."""
    from rich.table import Column, Table

    horizons = document["procedure"]["horizons"]
    heads = (Column(f"{horizon} session{'s' if horizon > 1 else ''}", justify="right") for horizon in horizons)
    table = Table("stretch", "market", *heads, box=None, pad_edge=False)
    cells = document["cells"]
    for at in range(0, len(cells), len(horizons)):
        group = cells[at : at + len(horizons)]
        pairs = (f"{cell['before']:.2f} {cell['after']:.2f}" for cell in group)
        table.add_row(group[0]["stretch"], group[0]["market"], *pairs)
    return table


def _print_sensitivity(found: dict[str, Any], console: Any) -> None:
    from rich.table import Column, Table

    console.print("\nWhich parameters matter: mean effect of moving one through its whole range")
    names = [one["name"] for one in found["outputs"]]
    for one in found["outputs"]:
        console.print(f"  {one['name']}: {one['meaning']}; {one['low']:.3g} to {one['high']:.3g}", soft_wrap=True)
    heads = (Column(name, justify="right") for name in names)
    table = Table(Column("", justify="right"), Column("parameter", overflow="fold"), *heads, box=None, pad_edge=False)
    for row in found["rows"][:MOST_TOLD]:
        table.add_row(str(row["rank"]), row["path"], *(f"{row[f'{name}_effect']:.3g}" for name in names))
    console.print(table)
    if len(found["rows"]) > MOST_TOLD:
        console.print(f"  and {len(found['rows']) - MOST_TOLD} more; --json has them all")
